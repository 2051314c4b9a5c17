import { advanceClock } from '@safesend/shared/clock.ts';
import { newId } from '@safesend/shared/ids.ts';
import { listNotifications } from '@safesend/shared/notifications/calls.ts';
import { holdDays } from '@safesend/shared/projects/limits.ts';
import * as projects from '@safesend/shared/projects/calls.ts';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { migrate } from '../../../kernel/database.ts';
import { joinProject, type Person, startTestApp, type TestApp } from '../../../../test/harness.ts';
import * as m from '../../../../test/money.ts';

let app: TestApp;
let other: TestApp;
beforeAll(async () => {
  app = await startTestApp();
  other = await startTestApp({ databaseUrl: app.databaseUrl, dataDir: app.dataDir });
});
afterAll(async () => {
  await other.close();
  await app.close();
});

const day = 86_400;
const until = (look: () => Promise<void>) => vi.waitFor(look, { timeout: 20_000, interval: 50 });
const advance = async ({ client }: Pick<m.Deal, 'client'>, advanceSeconds: number) =>
  (await client.must(advanceClock, { body: { advanceSeconds } })).now;
const inDays = async (deal: m.Deal, days: number) =>
  new Date(new Date(await advance(deal, 0)).getTime() + days * day * 1_000).toISOString();
/** Days on which both look in: whoever does not for a month is signed out. */
async function pass(deal: m.Deal, days: number): Promise<void> {
  for (let left = days; left > 0; left -= 14) {
    await advance(deal, Math.min(14, left) * day);
    await deal.freelancer.must(listNotifications);
  }
}
const remindersOf = async (person: Person) =>
  (await person.must(listNotifications)).items
    .map(({ kind }) => kind)
    .filter((kind) => /^(funding|deadline|review|held)[.]|overdue/.test(kind));

test('I17 P08 N08 of work that is paid the freelancer is reminded two days before its date, and both hear when it is past', async () => {
  const deal = await m.makeDeal(app);
  const { milestoneId } = await m.fund(deal, 100_000, await inDays(deal, 5));
  await advance(deal, 3 * day + 60);
  await until(async () => expect(await remindersOf(deal.freelancer)).toEqual(['deadline.2d']));
  await advance(deal, 2 * day);
  await until(async () => expect(await remindersOf(deal.freelancer)).toEqual(['milestone.overdue', 'deadline.2d']));
  expect(await remindersOf(deal.client), 'what is paid asks him for nothing').toEqual(['milestone.overdue']);
  expect((await m.factTypes(deal)).filter((type) => /overdue|reminded/.test(type))).toHaveLength(2);
  expect((await m.look(deal, milestoneId)).clocks).toEqual([]);
});

test('I17 after a long outage only the reminder that is still true is sent', async () => {
  const deal = await m.makeDeal(app);
  const { milestoneId } = await m.fund(deal, 100_000);
  await m.plan(deal, 100_000, await inDays(deal, 6.5));
  await m.submit(deal, milestoneId);
  // Both reminders of the review and of the date are due at once; of either one day at most is left.
  await advance(deal, 6 * day + 60);
  await until(async () => expect((await remindersOf(deal.client)).toSorted()).toEqual(['funding.1d', 'review.1d']));
  const waiting = `select kind from clocks where milestone_id = $1 and kind <> 'review' and kind not like 'held.%'`;
  await until(async () => expect(await app.sql(waiting, [milestoneId])).toEqual([]));
  const said = (await m.factsOf(deal)).filter(({ type }) => type === 'milestone.reminded');
  expect(said.map(({ data }) => data['reminder']).toSorted()).toEqual(['funding.1d', 'review.1d']);
});

test('I17 J01 N08 of money that nobody decides about both hear before it is held for too long, and no more once somebody does', async () => {
  const deal = await m.makeDeal(app);
  const { milestoneId } = await m.fund(deal);
  const sides = [deal.client, deal.freelancer];
  const hear = (kinds: string[]) =>
    until(async () => {
      for (const person of sides) expect(await remindersOf(person)).toEqual(kinds);
    });
  await pass(deal, holdDays - 7);
  await advance(deal, 60);
  await hear(['held.7d']);
  await advance(deal, 6 * day);
  await hear(['held.1d', 'held.7d']);
  await m.release(deal, milestoneId, 40_000);
  await advance(deal, day);
  await hear(['held.0d', 'held.1d', 'held.7d']);
  const [newest] = (await deal.client.must(listNotifications)).items;
  expect(newest).toMatchObject({ kind: 'held.0d', amountMinor: 60_000 });
  const unread = async (person: Person) =>
    (await person.must(listNotifications)).items.filter(({ kind, readAt }) => kind.startsWith('held.') && !readAt);
  for (const person of sides) expect(await unread(person), 'the last word is enough').toHaveLength(1);
  await m.release(deal, milestoneId, 60_000);
  await until(async () => {
    for (const person of sides) expect(await unread(person)).toEqual([]);
  });
});

test('I17 J01 of money that is decided about in time, and after an outage of what is over by then, nobody reads', async () => {
  const deal = await m.makeDeal(app);
  const [decided, open] = [await m.fund(deal), await m.fund(deal)];
  await m.release(deal, decided.milestoneId, 100_000);
  await pass(deal, holdDays - 20);
  await advance(deal, 21 * day);
  await until(async () => expect(await remindersOf(deal.freelancer)).toEqual(['held.0d']));
  const rows = `select kind from clocks where milestone_id = any($1)`;
  await until(async () => expect(await app.sql(rows, [[decided.milestoneId, open.milestoneId]])).toEqual([]));
  const said = (await m.factsOf(deal)).filter(({ type }) => type === 'milestone.reminded');
  expect(said).toMatchObject([{ data: { milestone: { id: open.milestoneId }, reminder: 'held.0d' } }]);
});

test('I17 X12 of a review that is over, and of a date that has passed, nobody reads that there is time left', async () => {
  const deal = await m.makeDeal(app);
  const { milestoneId } = await m.fund(deal, 100_000, await inDays(deal, 8));
  await m.submit(deal, milestoneId);
  const late = await m.fund(deal, 100_000, await inDays(deal, 8));
  await advance(deal, 9 * day);
  await m.settled(deal, milestoneId, 'released');
  await until(async () => expect(await m.factTypes(deal)).toContain('milestone.overdue'));
  const open = `select kind from clocks where milestone_id = any($1) and kind not like 'held.%'`;
  await until(async () => expect(await app.sql(open, [[milestoneId, late.milestoneId]])).toEqual([]));
  expect(await m.factTypes(deal)).not.toContain('milestone.reminded');
});

test('J14 I17 the client is reminded three days and one day before the date of work that nobody has paid, and no more when he has', async () => {
  const deal = await m.makeDeal(app);
  const planned = await m.plan(deal, 100_000, await inDays(deal, 20));
  const dueAt = await inDays(deal, 5);
  const params = { milestoneId: planned.id };
  await deal.client.must(projects.changeMilestone, { params, body: { dueAt } });
  await advance(deal, 2 * day + 60);
  await until(async () => expect(await remindersOf(deal.client)).toEqual(['funding.3d']));
  await advance(deal, 2 * day);
  await until(async () => expect(await remindersOf(deal.client)).toEqual(['funding.1d', 'funding.3d']));
  expect(await remindersOf(deal.freelancer), 'he can do nothing about it').toEqual([]);

  const paid = await m.fund(deal, 100_000, await inDays(deal, 5));
  await advance(deal, 4 * day + 60);
  await until(async () => expect(await remindersOf(deal.freelancer)).toContain('deadline.2d'));
  await advance(deal, 14 * day);
  await until(async () => expect(await remindersOf(deal.freelancer)).toContain('milestone.overdue'));
  expect((await remindersOf(deal.client)).filter((kind) => kind.startsWith('funding.'))).toHaveLength(2);
  expect((await m.look(deal, paid.milestoneId)).status).toBe('funded');
});

test('J14 work that was planned with its project is asked for as well, once the project has begun', async () => {
  const deal = await m.makeDeal(app);
  const dueAt = await inDays(deal, 5);
  const body = {
    ...{ title: `Project ${newId()}`, description: '', currency: 'EUR' as const },
    milestones: [{ ...m.half, amountMinor: 100_000, dueAt }],
  };
  const { project } = await deal.client.must(projects.createProject, { body });
  await advance(deal, 2 * day + 60);
  const waiting = `select 1 from clocks c join milestones s on s.id = c.milestone_id where s.project_id = $1 and c.kind like 'funding.%'`;
  await until(async () => expect(await app.sql(waiting, [project.id]), 'nobody can pay yet').toHaveLength(1));
  await joinProject(deal.client, deal.freelancer, project.id);
  await advance(deal, 2 * day);
  await until(async () => expect(await remindersOf(deal.client)).toEqual(['funding.1d']));
});

test('J14 an attempt that waits at the bank leaves the work unpaid: the client is reminded of it as well', async () => {
  const deal = await m.makeDeal(app);
  const { id: milestoneId } = await m.plan(deal, 100_000, await inDays(deal, 3.5));
  await advance(deal, 0.4 * day);
  await m.drive(deal, (await m.beginFunding(deal, milestoneId)).id, 'challenge');
  await advance(deal, 0.1 * day + 60);
  await until(async () => expect(await remindersOf(deal.client)).toEqual(['funding.3d']));
  expect((await m.look(deal, milestoneId)).status).toBe('funding');
});

test('J14 I17 both hear when the date of work is past that nobody has paid, once, of what is still planned and due then', async () => {
  const deal = await m.makeDeal(app);
  const plan = async () => (await m.plan(deal, 100_000, await inDays(deal, 0.5))).id;
  const [late, moved, undated, cancelled] = [await plan(), await plan(), await plan(), await plan()];
  const change = (milestoneId: string, dueAt: string | null) =>
    deal.client.must(projects.changeMilestone, { params: { milestoneId }, body: { dueAt } });
  await change(moved, await inDays(deal, 20));
  await change(undated, null);
  await deal.client.must(projects.cancelMilestone, { params: { milestoneId: cancelled } });
  await advance(deal, 0.5 * day + 60);
  await until(async () => expect(await remindersOf(deal.client)).toEqual(['overdue.unfunded']));
  expect(await remindersOf(deal.freelancer)).toEqual(['overdue.unfunded']);
  const rows = 'select milestone_id from clocks where milestone_id = any($1) and due_at <= product_now()';
  await until(async () => expect(await app.sql(rows, [[late, moved, undated, cancelled]])).toEqual([]));
  const said = (await m.factsOf(deal)).filter(({ type }) => type === 'milestone.overdue');
  expect(said.map(({ data }) => data['id'])).toEqual([late]);
  expect(await m.look(deal, late)).toMatchObject({ status: 'planned', clocks: [] });

  const { items } = await deal.client.must(projects.listProjects);
  expect(items.find(({ id }) => id === deal.projectId)?.overdueCount, 'as the list counts it').toBe(1);
});

test('J14 I17 what was planned before its date was kept track of hears of it as well, after the upgrade', async () => {
  const deal = await m.makeDeal(app);
  const { id: milestoneId } = await m.plan(deal, 100_000, await inDays(deal, 5));
  const { milestoneId: paid } = await m.fund(deal, 100_000, await inDays(deal, 5));
  const rows = () =>
    app.sql(`select milestone_id from clocks where milestone_id = any($1) and kind = 'deadline'`, [
      [milestoneId, paid],
    ]);
  await app.sql(`delete from clocks where milestone_id = $1 and kind = 'deadline'`, [milestoneId]);
  expect(await rows()).toEqual([{ milestone_id: paid }]);
  await app.sql(`delete from migrations where name = '047_unpaid_dates'`);
  await migrate(app.databaseUrl);
  expect(await rows()).toHaveLength(2);
});

test('I17 J01 what was paid before its hold was watched is watched as well, after the upgrade', async () => {
  const deal = await m.makeDeal(app);
  const { milestoneId } = await m.fund(deal);
  const rows = () =>
    app.sql(`select kind, due_at from clocks where milestone_id = $1 and kind like 'held.%' order by due_at`, [
      milestoneId,
    ]);
  const before = await rows();
  expect(before).toMatchObject([{ kind: 'held.7d' }, { kind: 'held.1d' }, { kind: 'held.0d' }]);
  await app.sql(`delete from clocks where milestone_id = $1`, [milestoneId]);
  await app.sql(`delete from migrations where name = '049_held_reminders'`);
  await migrate(app.databaseUrl);
  expect(await rows()).toEqual(before);
});
