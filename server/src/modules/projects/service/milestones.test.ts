import * as calls from '@safesend/shared/projects/calls.ts';
import { removeMember } from '@safesend/shared/rooms/calls.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { projectOf, signUp, startTestApp, type Person, type TestApp } from '../../../../test/harness.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

const input = { title: 'Design', amountMinor: 120_000, criteria: 'Three screens' };

async function planOf(person: Person, projectId: string) {
  const { milestones } = await person.must(calls.getProject, { params: { projectId } });
  return milestones;
}

test('I02 the client plans; before the work begins either side may', async () => {
  const [client, freelancer] = await Promise.all([signUp(app), signUp(app, 'freelancer')]);
  const { id: projectId } = await projectOf(client, freelancer);
  const params = { projectId };
  expect((await freelancer.call(calls.planMilestone, { params, body: input })).status).toBe(403);
  const { milestone } = await client.must(calls.planMilestone, { params, body: input });
  expect(milestone).toMatchObject({ ...input, status: 'planned', currency: 'EUR', position: 1 });
  const change = { params: { milestoneId: milestone.id }, body: { amountMinor: 99 } };
  expect((await freelancer.call(calls.changeMilestone, change)).status).toBe(403);
  expect((await freelancer.call(calls.cancelMilestone, { params: change.params })).status).toBe(403);

  const draft = await freelancer.must(calls.createProject, {
    body: { title: 'Mine', description: '', currency: 'JPY' },
  });
  const planned = await freelancer.must(calls.planMilestone, { params: { projectId: draft.project.id }, body: input });
  expect(planned.milestone.currency).toBe('JPY');
});

test('I01 a milestone without criteria, amount or title is refused', async () => {
  const client = await signUp(app);
  const { id: projectId } = await projectOf(client);
  const broken = [{ criteria: '' }, { criteria: '   ' }, { amountMinor: 0 }, { amountMinor: 1.5 }, { title: '' }];
  for (const part of broken) {
    const answer = await client.call(calls.planMilestone, { params: { projectId }, body: { ...input, ...part } });
    expect(answer.status, JSON.stringify(part)).toBe(422);
  }
  expect(await planOf(client, projectId)).toEqual([]);
});

test('I01 a cancelled milestone no longer changes, nor does one of a project that is over', async () => {
  const client = await signUp(app);
  const { id: projectId } = await projectOf(client);
  const { milestone } = await client.must(calls.planMilestone, { params: { projectId }, body: input });
  const kept = await client.must(calls.planMilestone, { params: { projectId }, body: input });
  const params = { milestoneId: milestone.id };
  expect((await client.must(calls.cancelMilestone, { params })).milestone.status).toBe('cancelled');
  expect((await client.call(calls.cancelMilestone, { params })).status).toBe(409);
  expect((await client.call(calls.changeMilestone, { params, body: { title: 'Late' } })).status).toBe(409);
  await client.must(calls.cancelProject, { params: { projectId } });
  const late = await client.call(calls.changeMilestone, {
    params: { milestoneId: kept.milestone.id },
    body: { title: 'Late' },
  });
  expect(late.status).toBe(409);
  expect((await client.call(calls.planMilestone, { params: { projectId }, body: input })).status).toBe(409);
});

test('L3 moving a milestone tells of every milestone that made room, and of no other', async () => {
  const client = await signUp(app);
  const { id: projectId, roomId } = await projectOf(client);
  for (const title of ['A', 'B', 'C', 'D']) {
    await client.must(calls.planMilestone, { params: { projectId }, body: { ...input, title } });
  }
  const third = (await planOf(client, projectId))[2];
  const params = { milestoneId: third?.id ?? '' };
  await client.must(calls.changeMilestone, { params, body: { position: 1 } });
  expect((await planOf(client, projectId)).map(({ title, position }) => `${position}${title}`)).toEqual([
    '1C',
    '2A',
    '3B',
    '4D',
  ]);
  const facts = await app.sql<{ title: string }>(
    `select p.data ->> 'title' as title from facts f join fact_payloads p using (room_id, seq)
     where f.room_id = $1 and f.type = 'milestone.changed' order by seq`,
    [roomId],
  );
  expect(facts.map(({ title }) => title)).toEqual(['C', 'A', 'B']);
});

test('L2 milestones planned at the same moment get different places', async () => {
  const client = await signUp(app);
  const { id: projectId } = await projectOf(client);
  const twins = Array.from({ length: 8 }, () =>
    client.call(calls.planMilestone, { params: { projectId }, body: input }),
  );
  expect(new Set((await Promise.all(twins)).map(({ status }) => status))).toEqual(new Set([201]));
  expect((await planOf(client, projectId)).map(({ position }) => position)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
});

test('T-A1 somebody who was removed plans nothing any more', async () => {
  const [owner, client] = await Promise.all([signUp(app, 'freelancer'), signUp(app, 'client')]);
  const { id: projectId, roomId } = await projectOf(owner, client);
  await client.must(calls.planMilestone, { params: { projectId }, body: input });
  expect((await client.call(removeMember, { params: { roomId, userId: owner.id } })).status).toBe(403);
  expect((await owner.call(removeMember, { params: { roomId, userId: owner.id } })).status, 'the owner stays').toBe(
    409,
  );
  expect((await owner.call(removeMember, { params: { roomId, userId: client.id } })).status).toBe(204);
  expect((await client.call(calls.planMilestone, { params: { projectId }, body: input })).status).toBe(404);
});
