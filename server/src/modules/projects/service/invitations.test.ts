import { getRegistration, register } from '@safesend/shared/accounts/calls.ts';
import { advanceClock } from '@safesend/shared/clock.ts';
import { newId } from '@safesend/shared/ids.ts';
import { listNotifications } from '@safesend/shared/notifications/calls.ts';
import * as calls from '@safesend/shared/projects/calls.ts';
import * as rooms from '@safesend/shared/rooms/calls.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { projectOf, send, signUp, startTestApp, type Person, type TestApp } from '../../../../test/harness.ts';
import { mailsTo } from '../../../../test/mails.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

async function invited(to: { email: string } | { username: string }) {
  const owner = await signUp(app);
  const project = await projectOf(owner);
  const params = { projectId: project.id };
  const { invitation } = await owner.must(calls.invite, { params, body: { ...to, role: 'freelancer' } });
  return { owner, project, params: { invitationId: invitation.id }, invitation };
}

async function mailedToken(to: string): Promise<string> {
  const [mail] = (await mailsTo(app, to)).filter(({ text }) => text.includes('/invitations/'));
  return /invitations\/([\w-]{43})/.exec(mail?.text ?? '')?.[1] ?? '';
}

const join = (person: Person, invitationId: string, token?: string) =>
  person.call(calls.acceptInvitation, { params: { invitationId }, body: token === undefined ? {} : { token } });

test('E16 by username: it waits in the invited person’s list and inbox, and acceptance needs no token', async () => {
  const freelancer = await signUp(app, 'freelancer');
  const { owner, project, params, invitation } = await invited({ username: freelancer.user.username });
  expect(invitation).toMatchObject({ label: freelancer.user.username, status: 'pending', role: 'freelancer' });
  const { items } = await freelancer.must(calls.listMyInvitations);
  expect(items).toMatchObject([
    { id: invitation.id, projectTitle: project.title, inviterName: owner.user.displayName },
  ]);
  const told = await freelancer.must(listNotifications);
  expect(told.items).toMatchObject([{ kind: 'invited', invitationId: invitation.id, roomId: null }]);
  const answer = await join(freelancer, params.invitationId);
  expect(answer).toMatchObject({ status: 200, body: { roomId: project.roomId, project: { status: 'active' } } });
  expect((await freelancer.must(calls.listMyInvitations)).items).toEqual([]);
  expect((await freelancer.must(listNotifications)).unread, 'answered is no longer news').toBe(0);
});

test('E16 from the mail through registration into the room; the mailed token proves the address, the owner’s does not', async () => {
  for (const way of ['mail', 'owner'] as const) {
    const username = `new-${newId().slice(-8)}`;
    const email = `${username}@example.com`;
    const { project, params, invitation } = await invited({ email });
    const token = way === 'mail' ? await mailedToken(email) : invitation.token;
    const looked = await send(app.url, calls.lookUpInvitation, { body: { token } });
    // Only the reader of the mailbox holds its token: to him the address is no secret, to everybody else it is.
    const label = way === 'mail' ? email : 'n•••@example.com';
    expect(looked.body.invitation).toMatchObject({ id: invitation.id, label });
    const person = await signUp(app, 'freelancer', username);
    expect((await join(person, params.invitationId)).status, 'an unproven address opens nothing').toBe(404);
    expect((await join(person, params.invitationId, token)).body.roomId).toBe(project.roomId);
    const [user] = await app.sql<{ proven: boolean }>(
      'select email_verified_at is not null as proven from users where id = $1',
      [person.id],
    );
    expect(user?.proven).toBe(way === 'mail');
  }
});

test('E17 L5 accepting twice, at once and later, joins once and answers the same', async () => {
  const freelancer = await signUp(app, 'freelancer');
  const { project, params } = await invited({ username: freelancer.user.username });
  const answers = await Promise.all([1, 2, 3].map(() => join(freelancer, params.invitationId)));
  answers.push(await join(freelancer, params.invitationId));
  for (const { status, body } of answers) expect({ status, body }).toEqual({ status: 200, body: answers[0]?.body });
  const joined = await app.sql(
    `select 1 from facts f join fact_payloads p using (room_id, seq)
     where f.room_id = $1 and f.type = 'member.joined' and p.data ->> 'userId' = $2`,
    [project.roomId, freelancer.id],
  );
  expect(joined).toHaveLength(1);
});

test('X6 of two people with one token one gets in', async () => {
  const [first, second] = await Promise.all([signUp(app, 'freelancer'), signUp(app, 'freelancer')]);
  const { owner, project, invitation } = await invited({ email: `${newId()}@example.com` });
  const answers = await Promise.all([first, second].map((person) => join(person, invitation.id, invitation.token)));
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
  const lost = answers.find(({ status }) => status === 409)?.body;
  expect(lost).toMatchObject({ code: 'conflict', detail: 'This invitation was already accepted.' });
  expect(lost, 'L6 L12 whoever is not in the room hears no number of it').not.toHaveProperty('winner');
  expect(JSON.stringify(lost)).not.toContain(project.roomId);
  const late = await owner.call(calls.revokeInvitation, { params: { invitationId: invitation.id } });
  expect(late.body).toMatchObject({ winner: { roomId: project.roomId, type: 'member.joined' } });
  const { items } = await owner.must(rooms.listMembers, { params: { roomId: project.roomId } });
  expect(items).toHaveLength(2);
});

test('E16 the same person is invited once, whichever of his names is used, however fast', async () => {
  const [owner, freelancer] = await Promise.all([signUp(app), signUp(app, 'freelancer')]);
  const params = { projectId: (await projectOf(owner)).id };
  const { username, email } = freelancer.user;
  const invite = (to: { email: string } | { username: string }) =>
    owner.call(calls.invite, { params, body: { ...to, role: 'freelancer' } });
  const race = await Promise.all([invite({ username }), invite({ email }), invite({ username })]);
  expect(race.map(({ status }) => status).sort()).toEqual([201, 409, 409]);
  expect(race.find(({ status }) => status === 409)?.body).toMatchObject({
    errors: [{ message: 'This person is invited already.' }],
  });
  const { items } = await owner.must(calls.listProjectInvitations, { params });
  expect(
    (await join(freelancer, items[0]?.id ?? '', race.find(({ status }) => status === 201)?.body.invitation.token))
      .status,
  ).toBe(200);
  expect([(await invite({ username })).status, (await invite({ email })).status], 'a member').toEqual([409, 409]);
  expect((await invite({ username: owner.user.username })).status, 'himself').toBe(422);
  expect((await invite({ email: owner.user.email })).status, 'himself').toBe(422);
  expect((await invite({ username: 'nobody-at-all' })).status).toBe(422);
});

test('E16 T-A1 who may do what with an invitation', async () => {
  const [freelancer, stranger] = await Promise.all([signUp(app, 'freelancer'), signUp(app)]);
  const { owner, project, params } = await invited({ username: freelancer.user.username });
  const doors = [
    calls.acceptInvitation,
    calls.declineInvitation,
    calls.resendInvitation,
    calls.revokeInvitation,
  ] as const;
  for (const door of doors) {
    expect((await stranger.call(door, { params })).status, door.path).toBe(404);
    expect((await stranger.call(door, { params: { invitationId: newId() } })).status, door.path).toBe(404);
  }
  expect((await join(stranger, params.invitationId, 'x'.repeat(43))).status).toBe(404);
  expect((await owner.call(calls.acceptInvitation, { params })).status).toBe(403);
  await join(freelancer, params.invitationId);
  expect((await freelancer.call(calls.resendInvitation, { params })).status).toBe(403);
  expect((await freelancer.call(calls.listProjectInvitations, { params: { projectId: project.id } })).status).toBe(403);
  expect(
    (
      await freelancer.call(calls.invite, {
        params: { projectId: project.id },
        body: { email: 'x@example.com', role: 'client' },
      })
    ).status,
  ).toBe(403);
});

test('E18 declining tells the inviter, once, and ends it', async () => {
  const freelancer = await signUp(app, 'freelancer');
  const { owner, project, params, invitation } = await invited({ username: freelancer.user.username });
  for (let n = 0; n < 2; n++) {
    const { body } = await freelancer.call(calls.declineInvitation, { params, body: {} });
    expect(body.invitation.status).toBe('declined');
  }
  const { items } = await owner.must(listNotifications);
  expect(items).toMatchObject([
    { kind: 'invitation.declined', roomId: project.roomId, actorName: freelancer.user.displayName },
  ]);
  expect((await join(freelancer, params.invitationId, invitation.token)).status).toBe(409);
});

test('E16 sending again renews the secret; taking back ends it', async () => {
  const freelancer = await signUp(app, 'freelancer');
  const { owner, params, invitation } = await invited({ email: `${newId()}@example.com` });
  const fresh = await owner.must(calls.resendInvitation, { params });
  expect(fresh.invitation.token).not.toBe(invitation.token);
  expect((await join(freelancer, params.invitationId, invitation.token)).status, 'the old token').toBe(404);
  expect((await owner.call(calls.revokeInvitation, { params })).status).toBe(204);
  expect((await owner.call(calls.revokeInvitation, { params })).status, 'again').toBe(204);
  expect((await join(freelancer, params.invitationId, fresh.invitation.token)).status).toBe(409);
  expect((await owner.call(calls.resendInvitation, { params })).status).toBe(409);
  const looked = await send(app.url, calls.lookUpInvitation, { body: { token: fresh.invitation.token } });
  expect(looked.body.invitation.status).toBe('revoked');
});

test('E16 L6 whoever was invited reads what became of it, taken back or run out; nobody else reads that there was one', async () => {
  const [freelancer, stranger] = await Promise.all([signUp(app, 'freelancer'), signUp(app)]);
  const first = await invited({ username: freelancer.user.username });
  const second = await invited({ username: freelancer.user.username });
  const statusOf = async ({ params }: typeof first) =>
    (await freelancer.must(calls.getMyInvitation, { params })).invitation.status;
  expect(await statusOf(first)).toBe('pending');
  await first.owner.must(calls.revokeInvitation, { params: first.params });
  expect(await statusOf(first)).toBe('revoked');
  await app.sql(`update invitations set expires_at = now() - interval '1 day' where id = $1`, [second.invitation.id]);
  expect(await statusOf(second)).toBe('expired');
  for (const person of [stranger, first.owner])
    expect((await person.call(calls.getMyInvitation, { params: first.params })).status).toBe(404);
});

test('E16 L6 whoever is not invited any more reads the name he was told, and not what the project is called since', async () => {
  const freelancer = await signUp(app, 'freelancer');
  const { username } = freelancer.user;
  const [open, revoked, declined, expired] = await Promise.all(Array.from({ length: 4 }, () => invited({ username })));
  if (!open || !revoked || !declined || !expired) throw new Error('nobody was invited');
  const titleOf = async ({ params }: typeof open) =>
    (await freelancer.must(calls.getMyInvitation, { params })).invitation.projectTitle;
  await revoked.owner.must(calls.revokeInvitation, { params: revoked.params });
  await freelancer.must(calls.declineInvitation, { params: declined.params });
  await app.sql(`update invitations set expires_at = now() - interval '1 day' where id = $1`, [expired.invitation.id]);
  for (const { owner, project } of [open, revoked, declined, expired])
    await owner.must(calls.changeProject, { params: { projectId: project.id }, body: { title: 'Under another name' } });
  expect(await titleOf(open), 'he is invited').toBe('Under another name');
  for (const it of [revoked, declined, expired]) expect(await titleOf(it)).toBe(it.project.title);
  // Who came and is a member no longer, and whoever else has the link that was used.
  const used = await invited({ username });
  expect((await join(freelancer, used.params.invitationId)).status).toBeLessThan(300);
  const member = { roomId: used.project.roomId, userId: freelancer.id };
  await used.owner.must(rooms.removeMember, { params: member });
  const { id: projectId } = used.project;
  await used.owner.must(calls.changeProject, { params: { projectId }, body: { title: 'None of his affairs' } });
  expect(await titleOf(used)).toBe(used.project.title);
  await expired.owner.must(calls.resendInvitation, { params: expired.params });
  await expired.owner.must(calls.revokeInvitation, { params: expired.params });
  expect(await titleOf(expired), 'told anew').toBe('Under another name');
});

test('E16 no secret lies in the database, and no address in the room', async () => {
  const email = `${newId()}@example.com`;
  const { owner, project, invitation } = await invited({ email });
  const [row] = await app.sql<{ text: string }>('select i::text as text from invitations i where id = $1', [
    invitation.id,
  ]);
  expect(row?.text).not.toContain(invitation.token);
  expect(row?.text).not.toContain(await mailedToken(email));
  const { events } = await owner.must(rooms.listEvents, { params: { roomId: project.roomId } });
  expect(JSON.stringify(events)).not.toContain(email);
  expect(events.at(-1)).toMatchObject({ type: 'member.invited', data: { label: '0•••@example.com' } });
});

test('E03 E16 a project that ends takes its invitations back', async () => {
  const freelancer = await signUp(app, 'freelancer');
  const { owner, project, params, invitation } = await invited({ username: freelancer.user.username });
  await owner.must(calls.cancelProject, { params: { projectId: project.id } });
  expect((await join(freelancer, params.invitationId)).status).toBe(409);
  const snapshot = await owner.must(rooms.getRoom, { params: { roomId: project.roomId } });
  expect(snapshot.invitations).toEqual([]);
  await owner.must(calls.deleteProject, { params: { projectId: project.id } });
  expect((await join(freelancer, params.invitationId, invitation.token)).status).toBe(404);
});

test('E16 after fourteen days it has expired, and the person can be invited anew', async () => {
  const freelancer = await signUp(app, 'freelancer');
  const { owner, project, params, invitation } = await invited({ username: freelancer.user.username });
  await send(app.url, advanceClock, { body: { advanceSeconds: 14 * 24 * 60 * 60 } });
  expect((await join(freelancer, params.invitationId)).status).toBe(409);
  expect((await join(freelancer, params.invitationId, invitation.token)).status).toBe(409);
  const { items } = await owner.must(calls.listProjectInvitations, { params: { projectId: project.id } });
  expect(items).toMatchObject([{ status: 'expired' }]);
  const again = await owner.must(calls.invite, {
    params: { projectId: project.id },
    body: { username: freelancer.user.username, role: 'freelancer' },
  });
  expect((await join(freelancer, again.invitation.id)).status).toBe(200);
  const types = await app.sql<{ type: string }>('select type from facts where room_id = $1 order by seq', [
    project.roomId,
  ]);
  expect(types.map(({ type }) => type).slice(-5)).toEqual([
    'member.invited',
    'invitation.revoked',
    'member.invited',
    'member.joined',
    'project.activated',
  ]);
});

test('E19 T-A1 a registration key is a token of a pending invitation, and nothing else', async () => {
  const { invitation } = await invited({ email: `${newId()}@example.com` });
  const mode = async () => (await send(app.url, getRegistration, {})).body.mode;
  expect(await mode()).toBe('open');
  await app.sql(`insert into operator_settings (name, value) values ('registration', '"invitation-only"')`);
  expect(await mode(), 'a visitor may know before he fills in a form').toBe('invitation-only');
  const body = (n: number) => ({
    ...{ email: `closed${n}@example.com`, username: `closed${n}`, displayName: 'Closed', role: 'client' as const },
    password: 'correct horse battery staple',
  });
  expect((await send(app.url, register, { body: body(1) })).status).toBeGreaterThanOrEqual(400);
  expect(
    (await send(app.url, register, { body: { ...body(2), invitation: 'nonsense' } })).status,
  ).toBeGreaterThanOrEqual(400);
  expect((await send(app.url, register, { body: { ...body(3), invitation: invitation.token } })).status).toBe(201);
  await app.sql(`delete from operator_settings where name = 'registration'`);
});
