import { newId } from '@safesend/shared/ids.ts';
import * as calls from '@safesend/shared/projects/calls.ts';
import { standingOf } from '@safesend/shared/projects/standing.ts';
import * as rooms from '@safesend/shared/rooms/calls.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { projectOf, signUp, startTestApp, type Person, type TestApp } from '../../../../test/harness.ts';
import * as m from '../../../../test/money.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

const post = (person: Person, roomId: string) =>
  person.must(rooms.postMessage, { params: { roomId }, body: { commandId: newId(), body: 'Hello' } });

async function projectsOf(person: Person, titles: readonly string[]) {
  const made = [];
  for (const title of titles) {
    const { project } = await person.must(calls.createProject, { body: { title, description: '', currency: 'EUR' } });
    made.push(project);
  }
  return made;
}

test('E06 P04 everybody sees the projects he is in, and no other', async () => {
  const [client, freelancer, stranger] = await Promise.all([signUp(app), signUp(app, 'freelancer'), signUp(app)]);
  const { id } = await projectOf(client, freelancer);
  await projectOf(stranger);
  for (const person of [client, freelancer]) {
    const { items } = await person.must(calls.listProjects);
    expect(items.map((it) => it.id)).toEqual([id]);
    expect(items[0]?.members.map(({ userId }) => userId)).toEqual([client.id, freelancer.id]);
  }
});

test('E02 the newest activity comes first, and pages neither repeat nor hide while things happen', async () => {
  const client = await signUp(app);
  const made = await projectsOf(client, ['a', 'b', 'c', 'd', 'e', 'f', 'g']);
  const page = (cursor?: string) => client.must(calls.listProjects, { query: { limit: 3, ...(cursor && { cursor }) } });
  const first = await page();
  expect(first.items.map(({ title }) => title)).toEqual(['g', 'f', 'e']);
  await post(client, made[0]?.roomId ?? '');
  await projectsOf(client, ['new']);
  const second = await page(first.nextCursor ?? '');
  const third = await page(second.nextCursor ?? '');
  expect([...second.items, ...third.items].map(({ title }) => title)).toEqual(['d', 'c', 'b', 'a']);
  expect(third.nextCursor).toBeNull();
  expect((await page()).items.map(({ title }) => title)).toEqual(['new', 'a', 'g']);
  expect((await client.call(calls.listProjects, { query: { cursor: 'nonsense' } })).status).toBe(422);
});

test('P04 a card counts all that is agreed, and the dates of what is paid for and not handed in yet', async () => {
  const deal = await m.makeDeal(app);
  const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString();
  const card = async () => (await deal.client.must(calls.listProjects)).items[0];
  await m.plan(deal, 10_000, inDays(9));
  const { milestoneId } = await m.fund(deal, 20_000, inDays(5));
  expect(await card()).toMatchObject({ totalMinor: 30_000, milestoneCount: 2, overdueCount: 0 });
  expect((await card())?.nextDueAt).toMatch(inDays(5).slice(0, 10));
  const cancelled = await m.plan(deal, 40_000, inDays(1));
  await deal.client.must(calls.cancelMilestone, { params: { milestoneId: cancelled.id } });
  const submissionId = await m.submit(deal, milestoneId);
  expect((await card())?.nextDueAt, 'what is handed in is no longer due').toMatch(inDays(9).slice(0, 10));
  await m.approve(deal, milestoneId, submissionId);
  await m.settled(deal, milestoneId, 'released');
  expect(await card()).toMatchObject({ totalMinor: 30_000, milestoneCount: 2, overdueCount: 0 });
  const back = await m.fund(deal, 50_000);
  await m.refund(deal, back.milestoneId, 50_000);
  await m.settled(deal, back.milestoneId, 'refunded');
  expect(await card(), 'what went back is no part of the sum').toMatchObject({ totalMinor: 30_000, milestoneCount: 3 });
});

test('P04 F05 J15 a card counts as paid what no bank took back, nor may: as the plan of its project does', async () => {
  const deal = await m.makeDeal(app);
  const paid = async (outcomes: readonly m.Outcome[], releasedMinor = 10_000): Promise<string> => {
    const { milestoneId, paymentId } = await m.fund(deal, 10_000);
    if (releasedMinor > 0) await m.release(deal, milestoneId, releasedMinor);
    if (releasedMinor === 10_000) await m.settled(deal, milestoneId, 'released');
    for (const outcome of outcomes) await m.drive(deal, paymentId, outcome);
    return milestoneId;
  };
  await paid([]);
  await paid(['chargeback', 'chargeback_won']);
  await paid(['chargeback']);
  await paid(['chargeback', 'chargeback_lost']);
  await paid(['chargeback'], 0);
  await paid(['chargeback', 'chargeback_lost'], 0);
  await paid(['chargeback'], 4_000);
  const [declined, paying] = [await m.plan(deal, 10_000), await m.plan(deal, 10_000)];
  await m.drive(deal, (await m.beginFunding(deal, declined.id)).id, 'decline');
  await m.beginFunding(deal, paying.id);
  const { milestones } = await deal.client.must(calls.getProject, { params: { projectId: deal.projectId } });
  const standings = milestones.map(standingOf).sort();
  expect(standings).toEqual([
    'charged_back',
    'charged_back',
    'contested',
    'disputed',
    'disputed',
    'funding',
    'planned',
    'released',
    'released',
  ]);
  const [card] = (await deal.client.must(calls.listProjects)).items;
  expect(card?.milestoneStates.flatMap(({ status, count }) => Array.from({ length: count }, () => status))).toEqual(
    standings,
  );
});

test('E09 by status and by words of the title, which mean themselves', async () => {
  const client = await signUp(app);
  const [first] = await projectsOf(client, ['Garden 100%', 'Garden shed', 'Roof_top']);
  await client.must(calls.cancelProject, { params: { projectId: first?.id ?? '' } });
  const titles = async (query: Record<string, string>) =>
    (await client.must(calls.listProjects, { query })).items.map(({ title }) => title);
  expect(await titles({ q: 'gARDEN' })).toEqual(['Garden 100%', 'Garden shed']);
  expect(await titles({ q: '%' })).toEqual(['Garden 100%']);
  expect(await titles({ q: '_' })).toEqual(['Roof_top']);
  expect(await titles({ status: 'cancelled' })).toEqual(['Garden 100%']);
  expect(await titles({ status: 'draft', q: 'garden' })).toEqual(['Garden shed']);
  expect((await client.call(calls.listProjects, { query: { status: 'lost' } })).status).toBe(422);
});

test('E10 archiving is for me alone, and told to my other devices once', async () => {
  const [client, freelancer] = await Promise.all([signUp(app), signUp(app, 'freelancer')]);
  const { id: projectId } = await projectOf(client, freelancer);
  const params = { projectId };
  const listed = async (person: Person, archived: string) =>
    (await person.must(calls.listProjects, { query: { archived } })).items.map(({ id, archived }) => [id, archived]);
  for (let n = 0; n < 2; n++) await client.must(calls.archiveProject, { params });
  expect(await listed(client, 'false')).toEqual([]);
  expect(await listed(client, 'true')).toEqual([[projectId, true]]);
  expect(await listed(freelancer, 'false')).toEqual([[projectId, false]]);
  const facts = await app.sql('select 1 from facts where room_id = $1 and type = $2', [
    client.inboxRoomId,
    'account.project.archived',
  ]);
  expect(facts).toHaveLength(1);
  await client.must(calls.unarchiveProject, { params });
  expect(await listed(client, 'false')).toEqual([[projectId, false]]);
});

test('E14 X13 the unread count of a card is the count of its room', async () => {
  const [client, freelancer] = await Promise.all([signUp(app), signUp(app, 'freelancer')]);
  const { roomId } = await projectOf(client, freelancer);
  for (let n = 0; n < 3; n++) await post(freelancer, roomId);
  const card = async () => (await client.must(calls.listProjects)).items[0]?.unread;
  const room = async () => (await client.must(rooms.listRooms)).items.find(({ id }) => id === roomId)?.unread;
  expect([await card(), await room()]).toEqual([3, 3]);
  await post(client, roomId);
  expect([await card(), await room()]).toEqual([0, 0]);
});
