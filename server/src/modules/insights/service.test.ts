import { newId } from '@safesend/shared/ids.ts';
import { invite, cancelProject, getDashboard, planMilestone } from '@safesend/shared/projects/calls.ts';
import { postMessage } from '@safesend/shared/rooms/calls.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { countStatements } from '../../kernel/plans.ts';
import { projectOf, signUp, startTestApp, type Person, type TestApp } from '../../../test/harness.ts';
import * as money from '../../../test/money.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

const days = (n: number) => new Date(Date.now() + n * 86_400_000).toISOString();

test('P01 P04 P07 the figures are those of the person who asks, counted when he asks', async () => {
  const [client, freelancer, stranger] = await Promise.all([signUp(app), signUp(app, 'freelancer'), signUp(app)]);
  const active = await projectOf(client, freelancer);
  const over = await projectOf(client);
  await projectOf(stranger);
  const plan = (projectId: string, amountMinor: number, dueAt: string | null) =>
    client.must(planMilestone, {
      params: { projectId },
      body: { title: `Due ${dueAt}`, amountMinor, criteria: 'Done', dueAt },
    });
  await freelancer.must(postMessage, { params: { roomId: active.roomId }, body: { commandId: newId(), body: 'Hi' } });
  await plan(active.id, 1_000, days(-1));
  await plan(active.id, 2_000, days(3));
  await plan(active.id, 4_000, null);
  await plan(over.id, 8_000, days(-1));
  await client.must(cancelProject, { params: { projectId: over.id } });
  await stranger.must(invite, {
    params: { projectId: (await projectOf(stranger)).id },
    body: { username: client.user.username, role: 'client' },
  });

  const mine = await client.must(getDashboard);
  expect(mine).toMatchObject({
    projects: { draft: 0, active: 1, completed: 0, cancelled: 1 },
    unread: 1,
    planned: [{ currency: 'EUR', amountMinor: 7_000, count: 3 }],
    overdueCount: 1,
    openInvitations: [{ inviterName: stranger.user.displayName }],
  });
  expect(mine.upcoming.map(({ milestone }) => milestone.amountMinor)).toEqual([1_000, 2_000]);
  expect(mine.recent.map(({ id }) => id)).toEqual([over.id, active.id]);
  const theirs = await freelancer.must(getDashboard);
  expect(theirs).toMatchObject({ projects: { active: 1, cancelled: 0 }, unread: 3, openInvitations: [] });
});

test('P01 a newcomer has zeros, not gaps', async () => {
  const person = await signUp(app);
  expect(await person.must(getDashboard)).toEqual({
    projects: { draft: 0, active: 0, completed: 0, cancelled: 0 },
    unread: 0,
    unreadNotifications: 0,
    openInvitations: [],
    planned: [],
    overdueCount: 0,
    upcoming: [],
    turns: [],
    recent: [],
  });
});

test('P02 the figures are asked for in one budget, however much there is, and no cache between us keeps them', async () => {
  const [busy, quiet] = await Promise.all([signUp(app), signUp(app)]);
  for (let n = 0; n < 4; n++) await projectOf(busy);
  const answers = await Promise.all([busy, quiet].map((person) => person.call(getDashboard)));
  for (const { headers } of answers) {
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.has('etag')).toBe(false);
  }
  expect(answers.map(({ body }) => body.projects.draft)).toEqual([4, 0]);
  const statementsOf = async (person: Person) => {
    const counts: number[] = [];
    // The watch and the heartbeat ask in between now and then, so the least of some tries.
    for (let tries = 0; tries < 5; tries++) {
      const before = countStatements();
      await person.must(getDashboard);
      counts.push(countStatements() - before);
    }
    return Math.min(...counts);
  };
  expect(await statementsOf(busy)).toBe(await statementsOf(quiet));
});

test('P04 X18 what waits for somebody begins with what is due first: the end of a review, then dates, then what has none', async () => {
  const deal = await money.makeDeal(app);
  await money.plan(deal, 1_000);
  await money.plan(deal, 2_000, days(20));
  await money.plan(deal, 3_000, days(2));
  const { milestoneId } = await money.fund(deal, 4_000, days(30));
  await money.fund(deal, 5_000);
  await money.fund(deal, 6_000, days(1));
  await money.submit(deal, milestoneId);
  const turnsOf = async (person: Person) =>
    (await person.must(getDashboard)).turns.map(({ milestone }) => milestone.amountMinor);
  expect(await turnsOf(deal.client), 'a week to review').toEqual([3_000, 4_000, 2_000, 1_000]);
  expect(await turnsOf(deal.freelancer)).toEqual([6_000, 5_000]);
});
