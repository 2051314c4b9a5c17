import * as accounts from '@safesend/shared/accounts/calls.ts';
import { listFiles } from '@safesend/shared/files/calls.ts';
import { getDashboard, listProjects } from '@safesend/shared/projects/calls.ts';
import { listRooms } from '@safesend/shared/rooms/calls.ts';
import { expect, test } from 'vitest';
import { Person, send, signUp, startTestApp, type TestApp } from '../test/harness.ts';
import { makeDemo, type SignInLink } from './demo.ts';
import type { Theatre } from './demo/stage.ts';

const theatreOf = ({ transact, orm, files, origin }: TestApp): Theatre => ({
  transact,
  orm,
  files,
  origin: origin.url,
});

async function come(app: TestApp, { url }: SignInLink): Promise<Person> {
  const token = new URL(url).searchParams.get('token') ?? '';
  const base = `http://127.0.0.1:${app.port}`;
  const answer = await send(base, accounts.useLink, { body: { token } });
  expect(answer.status).toBe(200);
  const cookie = (answer.headers.getSetCookie()[0] ?? '').split(';', 1)[0] ?? '';
  return new Person(base, answer.body.user, answer.body.inboxRoomId, cookie);
}

async function logOf(app: TestApp): Promise<{ rooms: number; facts: number; people: number }> {
  const [row] = await app.sql<{ rooms: number; facts: number; people: number }>(
    `select (select count(*)::int from rooms) as rooms, (select count(*)::int from facts) as facts, (select count(*)::int from users) as people`,
  );
  if (!row) throw new Error('no counts');
  return row;
}

test('A22 the demo is a workspace that looks alive, and its one-time links let its people in', async () => {
  const app = await startTestApp();
  const links = await makeDemo(theatreOf(app));
  expect(links.map(({ role }) => role).sort()).toEqual(['client', 'client', 'freelancer', 'freelancer', 'freelancer']);
  const people = await Promise.all(links.map((link) => come(app, link)));
  const statuses = new Set<string>();
  for (const person of people) {
    for (const { status } of (await person.must(listProjects)).items) statuses.add(status);
  }
  expect([...statuses].sort()).toEqual(['active', 'cancelled', 'completed', 'draft']);
  const dashboards = await Promise.all(people.map((person) => person.must(getDashboard)));
  expect(dashboards.some(({ unread }) => unread > 0)).toBe(true);
  expect(dashboards.some(({ unreadNotifications }) => unreadNotifications > 0)).toBe(true);
  expect(dashboards.some(({ openInvitations }) => openInvitations.length > 0)).toBe(true);
  const dropped = await Promise.all(people.map((person) => person.must(listFiles)));
  expect(new Set(dropped.flatMap(({ items }) => items.map(({ name }) => name)))).toEqual(
    new Set([
      ...['audio-guide-outline.pdf', 'labels-for-screen.png', 'shipping-rates.csv', 'map-sketch.png'],
      ...['stations-9-to-11.md', 'timings.csv'],
    ]),
  );
  const states = await app.sql<{ status: string; reason: string | null }>(
    `select distinct status, waiting ->> 'reason' as reason from milestones`,
  );
  expect(new Set(states.map(({ status }) => status)), 'every state of money can be looked at').toEqual(
    new Set([
      ...['planned', 'funding', 'funded', 'started', 'submitted', 'changes_requested', 'released', 'refunded'],
      ...['cancelled', 'disputed'],
    ]),
  );
  expect(states.map(({ reason }) => reason)).toEqual(expect.arrayContaining(['challenge', 'top_up']));
  const recovered = await app.sql(`select 1 from holds where recovered_minor > 0 and owed_minor = 0`);
  expect(recovered).toHaveLength(1);
  const rooms = await Promise.all(people.map((person) => person.must(listRooms)));
  expect(rooms.some(({ items }) => items.some(({ kind }) => kind === 'direct'))).toBe(true);
  await app.close();
});

test('A22 made again it changes nothing, and an old link no longer works once used', async () => {
  const app = await startTestApp();
  const [first] = await makeDemo(theatreOf(app));
  const before = await logOf(app);
  expect(await makeDemo(theatreOf(app))).toHaveLength(5);
  expect(await logOf(app)).toEqual(before);
  await come(app, first as SignInLink);
  const token = new URL(first?.url ?? '').searchParams.get('token') ?? '';
  expect((await send(`http://127.0.0.1:${app.port}`, accounts.useLink, { body: { token } })).status).toBe(409);
  await app.close();
});

test('A22 interrupted after any step it is finished by the next start, with nothing twice', async () => {
  const whole = await startTestApp();
  await makeDemo(theatreOf(whole));
  const expected = await logOf(whole);
  await whole.close();

  const app = await startTestApp();
  for (const steps of [3, 17, 48, 80]) {
    await expect(makeDemo(interruptedAfter(theatreOf(app), steps))).rejects.toThrow('the machine went dark');
  }
  expect(await makeDemo(theatreOf(app))).toHaveLength(5);
  expect(await logOf(app)).toEqual(expected);
  await app.close();
});

test('A22 where somebody lives already there is no demo', async () => {
  const app = await startTestApp();
  await signUp(app);
  expect(await makeDemo(theatreOf(app))).toEqual([]);
  expect((await logOf(app)).people).toBe(1);
  await app.close();
});

function interruptedAfter(theatre: Theatre, steps: number): Theatre {
  let left = steps;
  const command: Theatre['transact']['command'] = (...step) => {
    if (left-- === 0) throw new Error('the machine went dark');
    return theatre.transact.command(...step);
  };
  const transact: Theatre['transact'] = Object.assign(
    ((...work: Parameters<Theatre['transact']>) => theatre.transact(...work)) as Theatre['transact'],
    { command },
  );
  return { ...theatre, transact };
}
