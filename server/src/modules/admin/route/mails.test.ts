import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { getKeptMail, listMails, sendMailAgain } from '@safesend/shared/admin/calls.ts';
import { newId } from '@safesend/shared/ids.ts';
import { expect, test } from 'vitest';
import { createDatabase, signUp, startTestApp, type Person, type TestApp } from '../../../../test/harness.ts';
import { Provider } from '../../../../test/mail-provider.ts';

async function adminOf(app: TestApp): Promise<Person> {
  const admin = await signUp(app);
  await app.sql(`update users set grants = array['admin'] where id = $1`, [admin.id]);
  return admin;
}

const count = async (admin: Person, state: 'kept' | 'waiting' | 'given_up') =>
  (await admin.must(listMails, { query: { state } })).items.length;

test('N09 without a mail server administrators read the mails that are kept, and follow their links; nobody else sees one', async () => {
  const app = await startTestApp();
  const admin = await adminOf(app);
  const others = [await signUp(app), await signUp(app)];
  await expect.poll(() => count(admin, 'kept')).toBe(3);
  const { items, ...about } = await admin.must(listMails, { query: { state: 'kept' } });
  expect(about).toEqual({ nextCursor: null, delivery: 'outbox', waiting: 0, givenUp: 0 });
  expect(items.map(({ to }) => to).sort()).toEqual([admin, ...others].map(({ user }) => user.email).sort());
  expect(
    items.map(({ at }) => at),
    'the newest first',
  ).toEqual(
    items
      .map(({ at }) => at)
      .toSorted()
      .reverse(),
  );

  const seen: string[] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const query: Record<string, string> = { state: 'kept', limit: '1', ...(cursor && { cursor }) };
    const page: Awaited<ReturnType<typeof admin.must<typeof listMails>>> = await admin.must(listMails, { query });
    seen.push(...page.items.map(({ id }) => id));
    cursor = page.nextCursor;
  }
  expect(seen, 'page by page the same').toEqual(items.map(({ id }) => id));

  const [one] = items;
  const params = { mailId: one?.id ?? '' };
  const { mail } = await admin.must(getKeptMail, { params });
  expect(mail).toMatchObject({ id: one?.id, to: one?.to, subject: one?.subject });
  expect(mail.text).toMatch(/\/verify\?token=[\w-]+/);
  // An older version left nothing beside a mail that could be read here.
  const box = join(app.dataDir, 'outbox');
  const file = (await readdir(box)).find((name) => name.endsWith(`${one?.id}.json`)) ?? '';
  await rm(join(box, file));
  expect((await admin.must(listMails, { query: { state: 'kept' } })).items[0]).toEqual({
    ...one,
    to: null,
    subject: null,
  });
  expect((await admin.call(getKeptMail, { params })).status).toBe(404);
  for (const cursor of ['../../etc', Buffer.from('../x.eml').toString('base64url'), 'e30'])
    expect((await admin.call(listMails, { query: { state: 'kept', cursor } })).status, cursor).toBe(422);
  expect((await admin.call(getKeptMail, { params: { mailId: newId() } })).status).toBe(404);
  const [other] = others;
  expect((await other?.call(listMails, { query: { state: 'kept' } }))?.status).toBe(404);
  expect((await other?.call(getKeptMail, { params }))?.status).toBe(404);
  await app.close();
});

test('N09 U03 a mail is tried every hour for more than four days, then shown with its reason, and sent again under its own id', async () => {
  const provider = await Provider.open();
  provider.mood = 'busy';
  const databaseUrl = await createDatabase();
  const environment = { SMTP_URL: `smtp://127.0.0.1:${provider.port}` };
  const app = await startTestApp({ databaseUrl, environment });
  const admin = await adminOf(app);
  await expect
    .poll(async () => (await admin.must(listMails, { query: { state: 'waiting' } })).items[0]?.reason)
    .toMatch(/451/);
  const { items, delivery } = await admin.must(listMails, { query: { state: 'waiting' } });
  const id = items[0]?.id ?? '';
  expect(delivery).toBe('smtp');
  expect(items).toMatchObject([{ to: admin.user.email, state: 'waiting', subject: expect.stringMatching(/./) }]);

  const tryAt = (tries: number) =>
    app.sql(`update pgboss.job set retry_count = $1, start_after = now() where state = 'retry'`, [tries]);
  const job = async () =>
    (
      await app.sql<{ state: string; tries: number; pause: number; row: string }>(
        `select state, retry_count as tries, extract(epoch from start_after - now())::int as pause, j::text as row
         from pgboss.job j where id = $1`,
        [id],
      )
    )[0];
  await tryAt(118);
  await expect.poll(job).toMatchObject({ state: 'retry', tries: 119 });
  expect((await job())?.pause, 'the pauses have grown to an hour').toBeGreaterThan(3_000);
  expect((await job())?.pause).toBeLessThanOrEqual(3_600);
  await tryAt(119);
  await expect.poll(async () => (await job())?.state).toBe('failed');
  expect((await job())?.row, 'T-A15 the database alone does not say what it was').not.toMatch(/token=|@example/);
  const givenUp = await admin.must(listMails, { query: { state: 'given_up' } });
  expect(givenUp).toMatchObject({ waiting: 0, givenUp: 1, items: [{ id, to: admin.user.email, attempts: 121 }] });
  expect(givenUp.items[0]?.reason).toMatch(/451/);

  const params = { mailId: id };
  const stranger = await startTestApp({ databaseUrl, environment: { ...environment, ROLES: 'web' } });
  const there = admin.at(`http://127.0.0.1:${stranger.port}`);
  const unread = await there.must(listMails, { query: { state: 'given_up' } });
  expect(unread.items, 'a process with another key shows that there is one').toMatchObject([{ id, to: null }]);
  expect((await there.call(sendMailAgain, { params })).status).toBe(409);
  await stranger.close();

  provider.mood = 'takes';
  const other = await signUp(app);
  expect((await other.call(sendMailAgain, { params })).status).toBe(404);
  const commandId = newId();
  const again = await admin.call(sendMailAgain, { params, commandId });
  expect(again).toMatchObject({
    status: 201,
    body: { mail: { id, state: 'waiting', to: admin.user.email, attempts: 0 } },
  });
  await expect.poll(() => provider.taken.filter(({ to }) => to === admin.user.email)).toHaveLength(1);
  expect(provider.taken.find(({ to }) => to === admin.user.email)?.id).toBe(`<${id}@safesend>`);
  await expect.poll(() => count(admin, 'waiting')).toBe(0);
  expect((await admin.call(sendMailAgain, { params, commandId })).status, 'sent again, and done once').toBe(201);
  expect((await admin.call(sendMailAgain, { params })).status, 'it is sent').toBe(404);
  expect(await count(admin, 'given_up')).toBe(0);
  await app.close();
}, 90_000);
