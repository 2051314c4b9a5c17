import { createHash } from 'node:crypto';
import { createApiToken, listApiTokens, me } from '@safesend/shared/accounts/calls.ts';
import { canonicalJson } from '@safesend/shared/canonical.ts';
import { newId } from '@safesend/shared/ids.ts';
import { invite, resendInvitation } from '@safesend/shared/projects/calls.ts';
import { postMessage } from '@safesend/shared/rooms/calls.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { projectOf, signUp, startTestApp, type Person, type TestApp } from '../harness.ts';
import { mailsTo } from '../mails.ts';

let app: TestApp;
let sibling: TestApp;
let stranger: TestApp;
let owner: Person;
let params: { projectId: string };
let roomId: string;

beforeAll(async () => {
  app = await startTestApp();
  const { databaseUrl, dataDir } = app;
  [sibling, stranger] = await Promise.all([startTestApp({ databaseUrl, dataDir }), startTestApp({ databaseUrl })]);
  owner = await signUp(app);
  const project = await projectOf(owner);
  params = { projectId: project.id };
  roomId = project.roomId;
});
afterAll(() => Promise.all([app, sibling, stranger].map((it) => it.close())));

const baseOf = ({ port }: TestApp) => `http://127.0.0.1:${port}`;

/** Where in the database any of these texts stands in clear. */
async function findInClear(texts: readonly string[], schema = 'public'): Promise<string[]> {
  const tables = await app.sql<{ name: string }>(
    `select table_name as name from information_schema.tables where table_schema = $1 and table_type = 'BASE TABLE'`,
    [schema],
  );
  const found = await Promise.all(
    tables.map(({ name }) =>
      app.sql(
        `select 1 from "${schema}"."${name}" t, unnest($1::text[]) as x (text)
         where position(x.text in t::text) > 0 limit 1`,
        [texts],
      ),
    ),
  );
  return tables.filter((_, at) => found[at]?.length !== 0).map(({ name }) => name);
}

test('L5 T-A15 an invitation that is sent again has the same token, which the database does not hold', async () => {
  const email = `guest-${newId().slice(-8)}@example.com`;
  const first = { params, body: { email, role: 'freelancer' as const }, commandId: newId() };
  const invited = await owner.call(invite, first);
  const { id: invitationId, token } = invited.body.invitation;
  expect([invited.status, token.length]).toEqual([201, 43]);
  const second = { params: { invitationId }, commandId: newId() };
  const resent = await owner.call(resendInvitation, second);
  expect(await findInClear([token, resent.body.invitation.token])).toEqual([]);
  for (const process of [app, sibling]) {
    const here = owner.at(baseOf(process));
    const again = [await here.call(invite, first), await here.call(resendInvitation, second)];
    expect(again.map(({ status, body }) => ({ status, body }))).toEqual([
      { status: invited.status, body: invited.body },
      { status: resent.status, body: resent.body },
    ]);
  }
});

test('L5 T-A15 an API token that is asked for again is the same one, by header or in the body, and a secret still', async () => {
  const person = await signUp(app);
  const body = { name: 'Script', scopes: ['read' as const] };
  const commandId = newId();
  const first = await person.call(createApiToken, { body, commandId });
  expect(first.status).toBe(201);
  for (const process of [app, sibling]) {
    const here = person.at(baseOf(process));
    const again = [
      await here.call(createApiToken, { body, commandId }),
      await here.call(createApiToken, { body: { ...body, commandId } as typeof body }),
    ];
    expect(again.map((it) => [it.status, it.body])).toEqual([1, 2].map(() => [first.status, first.body]));
  }
  expect((await person.must(listApiTokens)).items).toHaveLength(1);
  expect(await findInClear([first.body.token])).toEqual([]);
  const headers = { authorization: `Bearer ${first.body.token}`, cookie: '' };
  expect((await person.call(me, { headers })).status).toBe(200);
  const other = await person.call(createApiToken, { body: { ...body, name: 'Other' }, commandId });
  expect(other.body).toMatchObject({ code: 'conflict' });
});

test('T-A15 a mail that was sent has left the queue, its link with it', async () => {
  const email = `guest-${newId().slice(-8)}@example.com`;
  const quiet = await startTestApp();
  const person = await signUp(quiet);
  const { id: projectId } = await projectOf(person);
  await person.must(invite, { params: { projectId }, body: { email, role: 'freelancer' } });
  const finished = () => quiet.sql<{ id: string }>(`select id from pgboss.job where state = 'completed'`);
  await expect.poll(async () => (await finished()).length, { timeout: 15_000 }).toBe(2);
  expect(await quiet.sql(`select 1 from pgboss.job j where j::text ~ 'invitations/|token=|@example.com'`)).toEqual([]);
  expect((await mailsTo(quiet, email))[0]?.text).toContain('/invitations/');
  await quiet.close();
});

test('T-A15 a mail that cannot be sent keeps its link while it is tried, and forgets it when it is given up', async () => {
  const smtp = await startTestApp({ environment: { SMTP_URL: 'smtp://127.0.0.1:1' } });
  const person = await signUp(smtp);
  const job = () =>
    smtp.sql<{ state: string; data: unknown }>(`select state, data from pgboss.job where name = 'mail.send'`);
  await expect.poll(async () => (await job())[0]?.state, { timeout: 15_000 }).toBe('retry');
  expect((await job())[0]?.data).toMatchObject({ to: person.user.email });
  await smtp.sql(`update pgboss.job set retry_count = retry_limit, start_after = now() where name = 'mail.send'`);
  await expect.poll(async () => (await job())[0]?.state, { timeout: 15_000 }).toBe('failed');
  expect(await smtp.sql(`select 1 from pgboss.job j where j::text ~ 'token=|@example.com'`)).toEqual([]);
  await smtp.close();
});

test('L5 a process with another key says that it was done, and does it no second time', async () => {
  const email = `guest-${newId().slice(-8)}@example.com`;
  const first = { params, body: { email, role: 'freelancer' as const }, commandId: newId() };
  await owner.must(invite, first);
  expect((await owner.at(baseOf(stranger)).call(invite, first)).body).toMatchObject({ code: 'conflict' });
  const posted = { params: { roomId }, body: { commandId: newId(), body: 'Once' } };
  const { event } = await owner.must(postMessage, posted);
  expect(await owner.at(baseOf(stranger)).must(postMessage, posted)).toEqual({ event });
});

test('X9 whoever has the database alone cannot try out what a short message said', async () => {
  const [one, other] = [newId(), newId()];
  for (const commandId of [one, other])
    await owner.must(postMessage, { params: { roomId }, body: { commandId, body: 'yes' } });
  const kept = await app.sql<{ body_hash: string; command_id: string }>(
    'select command_id, body_hash from commands where command_id = any($1)',
    [[one, other]],
  );
  expect(new Set(kept.map(({ body_hash }) => body_hash)).size).toBe(2);
  const input = { params: { roomId }, body: { body: 'yes' } };
  const guesses = kept.flatMap(({ command_id }) =>
    [canonicalJson(input), `${owner.id} ${command_id} ${canonicalJson(input)}`].flatMap((text) =>
      (['hex', 'base64url'] as const).map((form) => createHash('sha256').update(text).digest(form)),
    ),
  );
  expect(guesses.filter((guess) => kept.some(({ body_hash }) => body_hash.includes(guess)))).toEqual([]);
  const twin = await owner.call(postMessage, { params: { roomId }, body: { commandId: one, body: 'no' } });
  expect(twin.body).toMatchObject({ code: 'conflict' });
});
