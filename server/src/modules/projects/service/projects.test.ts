import * as calls from '@safesend/shared/projects/calls.ts';
import { newId } from '@safesend/shared/ids.ts';
import * as rooms from '@safesend/shared/rooms/calls.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { joinProject, projectOf, signUp, startTestApp, type Person, type TestApp } from '../../../../test/harness.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

async function typesOf(roomId: string): Promise<string[]> {
  const rows = await app.sql<{ type: string }>('select type from facts where room_id = $1 order by seq', [roomId]);
  return rows.map(({ type }) => type);
}

const plan = { title: 'Site', description: 'A small one', currency: 'EUR' as const };

test('E02 a new project is there at once, with its room, its owner and its milestones in order', async () => {
  const client = await signUp(app);
  const milestones = ['Sketch', 'Build'].map((title) => ({ title, amountMinor: 5_000, criteria: 'Signed off' }));
  const { project } = await client.must(calls.createProject, { body: { ...plan, milestones } });
  expect(project).toMatchObject({ status: 'draft', ownerId: client.id, clientId: client.id, freelancerId: null });
  expect(await typesOf(project.roomId)).toEqual([
    'project.created',
    'member.joined',
    'milestone.planned',
    'milestone.planned',
  ]);
  const { items } = await client.must(calls.listProjects);
  const milestoneStates = [{ status: 'planned', count: 2 }];
  expect(items).toMatchObject([{ id: project.id, totalMinor: 10_000, milestoneCount: 2, milestoneStates, unread: 0 }]);
  const snapshot = await client.must(rooms.getRoom, { params: { roomId: project.roomId } });
  expect(snapshot).toMatchObject({
    room: { title: 'Site' },
    project,
    members: [{ userId: client.id, role: 'client' }],
  });
  expect(snapshot.milestones.map(({ title, position }) => [title, position])).toEqual([
    ['Sketch', 1],
    ['Build', 2],
  ]);
});

test('E02 a freelancer who begins is the freelancer of his project', async () => {
  const freelancer = await signUp(app, 'freelancer');
  const { project } = await freelancer.must(calls.createProject, { body: plan });
  expect(project).toMatchObject({ clientId: null, freelancerId: freelancer.id });
});

test('L5 the same creation sent at once and again is one project', async () => {
  const client = await signUp(app);
  const commandId = newId();
  const twins = await Promise.all(
    [1, 2, 3].map(() => client.call(calls.createProject, { body: { ...plan, commandId } })),
  );
  expect(new Set(twins.map(({ status }) => status))).toEqual(new Set([201]));
  expect(new Set(twins.map(({ body }) => body.project.id)).size).toBe(1);
  const other = await client.call(calls.createProject, { body: { ...plan, title: 'Another', commandId } });
  expect(other.status).toBe(409);
});

test('E01 the second side makes it active; completion and cancellation go one way', async () => {
  const [client, freelancer] = await Promise.all([signUp(app), signUp(app, 'freelancer')]);
  const { id: projectId, roomId } = await projectOf(client);
  const params = { projectId };
  expect((await client.call(calls.completeProject, { params })).status).toBe(409);
  await joinProject(client, freelancer, projectId);
  const { project } = await client.must(calls.getProject, { params });
  expect(project).toMatchObject({ status: 'active', clientId: client.id, freelancerId: freelancer.id });
  expect(project.activatedAt).not.toBeNull();
  expect((await typesOf(roomId)).slice(-2)).toEqual(['member.joined', 'project.activated']);

  expect((await freelancer.call(calls.completeProject, { params })).status).toBe(403);
  expect((await client.call(calls.completeProject, { params })).body.project.status).toBe('completed');
  const late = await client.call(calls.cancelProject, { params });
  expect(late.status).toBe(409);
  expect(late.body).toMatchObject({ code: 'conflict', winner: { roomId, type: 'project.completed' } });
  for (const call of [calls.completeProject, calls.deleteProject] as const) {
    expect((await client.call(call, { params })).status).toBe(409);
  }
});

test('E01 of a completion and a cancellation at the same time one wins', async () => {
  const [client, freelancer] = await Promise.all([signUp(app), signUp(app, 'freelancer')]);
  const params = { projectId: (await projectOf(client, freelancer)).id };
  const answers = await Promise.all([
    client.call(calls.completeProject, { params }),
    client.call(calls.cancelProject, { params }),
    client.call(calls.completeProject, { params }),
  ]);
  expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409]);
});

test('E03 the owner renames it and its room; nobody else does', async () => {
  const [client, freelancer] = await Promise.all([signUp(app), signUp(app, 'freelancer')]);
  const { id: projectId, roomId } = await projectOf(client, freelancer);
  const sent = { params: { projectId }, body: { title: 'Renamed' } };
  expect((await freelancer.call(calls.changeProject, sent)).status).toBe(403);
  await client.must(calls.changeProject, sent);
  const count = (await typesOf(roomId)).length;
  await client.must(calls.changeProject, sent);
  expect(await typesOf(roomId), 'no change, no fact').toHaveLength(count);
  const { items } = await freelancer.must(rooms.listRooms);
  expect(items.find(({ id }) => id === roomId)?.title).toBe('Renamed');
});

test('E03 a deleted project is missing for everybody, and its people were told', async () => {
  const [client, freelancer] = await Promise.all([signUp(app), signUp(app, 'freelancer')]);
  const { id: projectId, roomId } = await projectOf(client, freelancer);
  const params = { projectId };
  expect((await client.call(calls.deleteProject, { params })).status, 'while active').toBe(409);
  await client.must(calls.cancelProject, { params });
  expect((await freelancer.call(calls.deleteProject, { params })).status).toBe(403);
  expect((await client.call(calls.deleteProject, { params })).status).toBe(204);
  expect((await typesOf(roomId)).slice(-3)).toEqual(['project.deleted', 'member.removed', 'member.left']);
  for (const person of [client, freelancer]) {
    expect((await person.call(calls.getProject, { params })).status).toBe(404);
    expect((await person.call(rooms.getRoom, { params: { roomId } })).status).toBe(404);
    expect((await person.must(calls.listProjects)).items).toEqual([]);
  }
  expect((await client.call(calls.deleteProject, { params })).status).toBe(404);
});

test('L6 T-A13 a stranger finds nothing, at any door, and cannot tell it from what never was', async () => {
  const [client, stranger] = await Promise.all([signUp(app), signUp(app)]);
  const { project } = await client.must(calls.createProject, {
    body: { ...plan, milestones: [{ title: 'One', amountMinor: 1, criteria: 'Done' }] },
  });
  const { milestones } = await client.must(calls.getProject, { params: { projectId: project.id } });
  const milestoneId = milestones[0]?.id ?? '';
  for (const projectId of [project.id, newId()]) {
    const params = { projectId };
    const answers = [
      await stranger.call(calls.getProject, { params }),
      await stranger.call(calls.changeProject, { params, body: { title: 'Mine' } }),
      await stranger.call(calls.deleteProject, { params }),
      await stranger.call(calls.completeProject, { params }),
      await stranger.call(calls.cancelProject, { params }),
      await stranger.call(calls.archiveProject, { params }),
      await stranger.call(calls.exportProject, { params }),
      await stranger.call(calls.listProjectInvitations, { params }),
      await stranger.call(calls.invite, { params, body: { email: 'a@example.com', role: 'client' } }),
      await stranger.call(calls.planMilestone, { params, body: { title: 'X', amountMinor: 1, criteria: 'Y' } }),
    ];
    for (const { status, body } of answers) {
      expect(status).toBe(404);
      expect({ ...(body as object), requestId: '' }).toMatchObject({ detail: 'No such project.', requestId: '' });
    }
  }
  const foreign = await stranger.call(calls.cancelMilestone, { params: { milestoneId } });
  const unknown = await stranger.call(calls.cancelMilestone, { params: { milestoneId: newId() } });
  expect({ ...foreign.body, requestId: '' }).toEqual({ ...unknown.body, requestId: '' });
});

test('T-A14 fields that are not the caller’s to set are refused and change nothing', async () => {
  const client = await signUp(app);
  const { id: projectId } = await projectOf(client);
  const before = await app.sql('select * from projects where id = $1', [projectId]);
  for (const extra of ['status', 'ownerId', 'role', 'createdAt', 'seq', 'currency', 'freelancerId']) {
    const body = { title: 'New', [extra]: client.id };
    expect((await client.call(calls.changeProject, { params: { projectId }, body })).status, extra).toBe(422);
  }
  expect(await app.sql('select * from projects where id = $1', [projectId])).toEqual(before);
});

async function asExport(person: Person, projectId: string) {
  return person.must(calls.exportProject, { params: { projectId } });
}

test('E10 E13 the export holds every fact its reader may see', async () => {
  const [client, freelancer, late] = await Promise.all([signUp(app), signUp(app, 'freelancer'), signUp(app, 'client')]);
  const { id: projectId, roomId } = await projectOf(client, freelancer);
  await joinProject(client, late, projectId, 'join');
  const whole = await asExport(client, projectId);
  expect(whole.events.map(({ seq }) => seq)).toEqual(whole.events.map((_, at) => at + 1));
  expect(whole.events.map(({ type }) => type)).toEqual(await typesOf(roomId));
  const partial = await asExport(late, projectId);
  expect(partial.events).toEqual(whole.events.slice(-1));
});
