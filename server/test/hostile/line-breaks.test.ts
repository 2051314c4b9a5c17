import * as accounts from '@safesend/shared/accounts/calls.ts';
import { newId } from '@safesend/shared/ids.ts';
import * as projects from '@safesend/shared/projects/calls.ts';
import { expect, test } from 'vitest';
import { type TestApp } from '../harness.ts';
import { findMails, mailsTo } from '../mails.ts';
import { password } from './asks/ask.ts';
import { json } from './raw-http.ts';
import { besiege } from './siege.ts';
import { type Things, type World } from './world.ts';

let app: TestApp;
let world: World;
let own: Things;

const raw = besiege((opened) => ({ app, world, own } = opened));

const asOwner = () => ({ cookie: world.people.owner.cookie });

const breaks = ['\r\n', '\n', '\r', '\u2028', '\u2029', '%0d%0a'];
test('T-B31 line breaks reach no header, no mail and no address', async () => {
  const { owner } = world.people;
  for (const gap of breaks) {
    const inline = `Evil${gap}Bcc: everybody@example.com`;
    const isText = gap.startsWith('%');
    const expected = isText ? /^20[014]$/ : /^422$/;
    const { status: titled } = await owner.call(projects.createProject, {
      body: { title: inline, description: '', currency: 'EUR' },
    });
    expect(String(titled)).toMatch(expected);
    expect(String((await owner.call(accounts.changeProfile, { body: { displayName: inline } })).status)).toMatch(
      expected,
    );
    expect(
      String(
        (await owner.call(accounts.askSupport, { body: { email: 'me@example.com', subject: inline, body: inline } }))
          .status,
      ),
    ).toMatch(expected);
    for (const email of [`a${gap}b@example.com`, `a@example.com${gap}Bcc:x@example.com`, `"a${gap}b"@example.com`]) {
      const { status } = await owner.call(projects.invite, {
        params: { projectId: own.projectId },
        body: { email, role: 'client' },
      });
      expect(status === 422 || (isText && status === 201), email).toBe(true);
    }
    expect(
      (await raw('POST', '/api/v1/auth/login', JSON.stringify({ email: inline, password }), json)).status,
    ).toBeLessThan(500);
  }
  const subjects = (await findMails(app)).map(({ subject }) => subject);
  expect(subjects.length).toBeGreaterThan(0);
  expect(subjects.filter((it) => /[\r\n\u2028\u2029]/.test(it))).toEqual([]);
  const device = await raw('POST', '/api/v1/auth/login', JSON.stringify({ email: owner.user.email, password }), {
    ...json,
    'user-agent': 'Evil%0d%0aX-Bad: 1 Mozilla/5.0 (\u00e9)',
  });
  expect(device.status).toBe(200);
  expect(Object.keys(device.headers)).not.toContain('x-bad');
  // Node itself refuses header values that are broken in two; what it lets through comes back as one value or none.
  const echoed = await raw(
    'POST',
    '/api/v1/projects',
    JSON.stringify({ title: 'One', description: '', currency: 'EUR' }),
    { ...json, ...asOwner(), 'idempotency-key': 'a%0d%0aX-Bad: 1' },
  );
  expect(Object.keys(echoed.headers)).not.toContain('x-bad');
});

test('T-B31 the mails of an invitation carry hostile names as plain text', async () => {
  const { owner } = world.people;
  await owner.must(accounts.changeProfile, { body: { displayName: '<b>Evil</b> "x" <evil@example.com>' } });
  const email = `${newId()}@example.com`;
  await owner.must(projects.invite, { params: { projectId: own.projectId }, body: { email, role: 'client' } });
  const [mail] = await mailsTo(app, email);
  expect(mail?.html).toContain('&lt;b&gt;Evil');
  expect(mail?.html).not.toContain('<b>Evil');
});
