import { newId } from '@safesend/shared/ids.ts';
import { invite } from '@safesend/shared/projects/calls.ts';
import { expect, test } from 'vitest';
import { createDatabase, projectOf, signUp, startTestApp, type TestApp } from '../../../test/harness.ts';
import { Provider } from '../../../test/mail-provider.ts';
import { freePort } from '../postgres/cluster.ts';

interface MailJob {
  readonly id: string;
  readonly state: string;
  readonly retry_count: number;
}
const jobsOf = (app: TestApp) =>
  app.sql<MailJob>(`select id, state, retry_count from pgboss.job where name = 'mail.send'`);
/** The next tries are due now, not in minutes. */
const hurry = (app: TestApp) => app.sql(`update pgboss.job set start_after = now() where state = 'retry'`);

async function tried(app: TestApp, times: number): Promise<void> {
  await hurry(app);
  const fewest = async () => {
    const waiting = (await jobsOf(app)).filter(({ state }) => state !== 'completed');
    return Math.min(...waiting.map(({ state, retry_count }) => (state === 'retry' ? retry_count : -1)));
  };
  await expect.poll(fewest, { timeout: 30_000 }).toBeGreaterThanOrEqual(times);
}
async function allSent(app: TestApp): Promise<void> {
  const waiting = async () => {
    await hurry(app);
    return (await jobsOf(app)).filter(({ state }) => state !== 'completed').length;
  };
  await expect.poll(waiting, { timeout: 30_000, interval: 250 }).toBe(0);
}

test('N09 mails of an outage wait in the queue, outlive the process, and arrive once each when the provider is back', async () => {
  const databaseUrl = await createDatabase();
  const port = await freePort();
  const start = () => startTestApp({ databaseUrl, environment: { SMTP_URL: `smtp://127.0.0.1:${port}` } });
  const first = await start();
  const people = await Promise.all([signUp(first), signUp(first), signUp(first)]);
  const [owner, ...others] = people;
  if (!owner) throw new Error('nobody signed up');
  const { id: projectId } = await projectOf(owner);
  await owner.must(invite, { params: { projectId }, body: { email: 'guest@example.com', role: 'freelancer' } });
  await tried(first, 1);

  const provider = await Provider.open(port);
  provider.mood = 'busy';
  await tried(first, 2);
  await first.close();
  // Two processes look into one queue.
  const [second, third] = [await start(), await start()];
  provider.mood = 'takes';
  await allSent(second);
  const expected = [owner, ...others].map(({ user }) => user.email).concat('guest@example.com');
  expect(provider.taken.map(({ to }) => to).sort()).toEqual(expected.sort());
  expect(new Set(provider.taken.map(({ id }) => id)).size, 'each has a name of its own').toBe(expected.length);
  await second.close();
  await third.close();
}, 90_000);

test('N09 a mail whose answer was lost is sent again under the same Message-ID, by which a mailbox knows it', async () => {
  const provider = await Provider.open();
  provider.mood = 'cuts off';
  const app = await startTestApp({ environment: { SMTP_URL: `smtp://127.0.0.1:${provider.port}` } });
  const { user } = await signUp(app);
  await tried(app, 1);
  provider.mood = 'takes';
  await allSent(app);
  const [job] = await jobsOf(app);
  expect(provider.taken).toEqual([{ to: user.email, id: `<${job?.id}@safesend>` }]);
  expect(provider.cut.length).toBeGreaterThan(0);
  expect(new Set(provider.cut.map(({ id }) => id))).toEqual(new Set([`<${job?.id}@safesend>`]));
  await app.close();
}, 60_000);

test('N09 U03 a mail that nobody takes is given up alone: those beside it arrive once, and operators see it', async () => {
  const provider = await Provider.open();
  const databaseUrl = await createDatabase();
  // Nobody sends yet, so that all of them lie in one look at the queue.
  const environment = { SMTP_URL: `smtp://127.0.0.1:${provider.port}` };
  const quiet = await startTestApp({ databaseUrl, environment: { ...environment, ROLES: 'web' } });
  const names = ['first', 'nobody', 'second', 'third'].map((name) => `${name}-${newId().slice(-8)}`);
  const people: string[] = [];
  for (const name of names) people.push((await signUp(quiet, 'client', name)).user.email);
  await quiet.close();

  const app = await startTestApp({ databaseUrl, environment });
  const others = people.filter((it) => !it.startsWith('nobody-')).sort();
  await expect.poll(() => provider.taken.map(({ to }) => to).sort(), { timeout: 30_000 }).toEqual(others);
  await tried(app, 1);
  await app.sql(`update pgboss.job set retry_count = retry_limit, start_after = now() where state = 'retry'`);
  const figure = async () => {
    const text = await (await fetch(`${app.url}/metrics`)).text();
    return /^safesend_jobs\{kind="mail\.send",state="given_up"\} (\d+)$/m.exec(text)?.[1];
  };
  await expect.poll(figure, { timeout: 30_000 }).toBe('1');
  const [job] = (await jobsOf(app)).filter(({ state }) => state === 'failed');
  const [kept] = await app.sql<{ row: string; days: number }>(
    `select j::text as row, deletion_seconds / 86400 as days from pgboss.job j where id = $1`,
    [job?.id],
  );
  expect(kept?.days, 'long enough for somebody to look').toBe(30);
  expect(kept?.row, 'and without what it was given').not.toMatch(/nobody-|token=/);
  expect(provider.taken.map(({ to }) => to).sort(), 'nobody got a mail twice').toEqual(others);
  await app.close();
}, 90_000);
