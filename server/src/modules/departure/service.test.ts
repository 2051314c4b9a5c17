import * as accounts from '@safesend/shared/accounts/calls.ts';
import { closeAccount, exportAccount } from '@safesend/shared/accounts/departure-calls.ts';
import { addPaymentMethod, getCardSetup, getWallet, listPaymentMethods } from '@safesend/shared/escrow/calls.ts';
import { newId } from '@safesend/shared/ids.ts';
import { listNotifications } from '@safesend/shared/notifications/calls.ts';
import * as projects from '@safesend/shared/projects/calls.ts';
import * as rooms from '@safesend/shared/rooms/calls.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { mustDrop } from '../../../test/drops.ts';
import { projectOf, send, signUp, startTestApp, type Person, type TestApp } from '../../../test/harness.ts';
import { mailTo } from '../../../test/mails.ts';
import * as money from '../../../test/money.ts';

const password = 'correct horse battery staple';

let app: TestApp;
let base: string;
beforeAll(async () => {
  app = await startTestApp();
  base = `http://127.0.0.1:${app.port}`;
});
afterAll(() => app.close());

async function prove(person: Person): Promise<void> {
  await person.must(accounts.reauthenticate, { body: { password } });
}
async function say(person: Person, roomId: string, body: string): Promise<string> {
  const { event } = await person.must(rooms.postMessage, {
    params: { roomId },
    body: { commandId: newId(), body },
  });
  if (event.type !== 'message.posted') throw new Error(`a post became ${event.type}`);
  return event.data.id;
}
async function finished(owner: Person, ...others: Person[]): Promise<{ projectId: string; roomId: string }> {
  const { id: projectId, roomId } = await projectOf(owner, ...others);
  await owner.must(projects.cancelProject, { params: { projectId } });
  return { projectId, roomId };
}
async function exportOf(person: Person): Promise<{ text: string; headers: Headers }> {
  const answer = await fetch(`${base}/api/v1${exportAccount.path}`, { headers: { cookie: person.cookie } });
  expect(answer.status).toBe(200);
  return { text: await answer.text(), headers: answer.headers };
}

test('A18 one document has everything that is kept of me and every fact I may see, and nothing of others', async () => {
  const deal = await money.makeDeal(app);
  const { client, freelancer, roomId } = deal;
  await money.fund(deal);
  await say(client, roomId, 'What I said');
  const unsaid = await say(freelancer, roomId, 'What he took back');
  await freelancer.must(rooms.deleteMessage, { params: { roomId, messageId: unsaid } });
  await mustDrop(freelancer, { roomId, name: 'sketch.txt' });
  const strangers = await projectOf(freelancer, await signUp(app));
  await say(freelancer, strangers.roomId, 'Nothing for her');
  // More than one page.
  await Promise.all(Array.from({ length: 501 }, (_, n) => say(client, roomId, `Line ${n}`)));

  const { text, headers } = await exportOf(client);
  expect(headers.get('content-disposition')).toBe('attachment; filename="safesend-account.json"');
  const document = JSON.parse(text) as Record<string, unknown[]> & {
    account: { email: string };
    rooms: { room: { id: string }; events: { seq: number; type: string; data: { body?: string | null } }[] }[];
  };
  expect(document.account.email).toBe(client.user.email);
  expect(document['projects']).toMatchObject([{ id: deal.projectId }]);
  expect(document['files']).toMatchObject([{ name: 'sketch.txt' }]);
  const kinds = (document['transactions'] as { kind: string }[]).map(({ kind }) => kind);
  expect(kinds.sort()).toEqual(['funding', 'service_fee']);
  expect(document['sessions']).toHaveLength(1);
  expect(new Set(document.rooms.map(({ room }) => room.id))).toEqual(new Set([client.inboxRoomId, roomId]));
  const events = document.rooms.find(({ room }) => room.id === roomId)?.events ?? [];
  const { headSeq } = await client.must(rooms.getRoom, { params: { roomId } });
  expect(events.map(({ seq }) => seq)).toEqual(Array.from({ length: headSeq }, (_, at) => at + 1));
  expect(text).toContain('What I said');
  for (const secret of ['What he took back', 'Nothing for her', freelancer.user.email, 'argon2', 'token_hash'])
    expect(text).not.toContain(secret);
});

test('A18 an account is closed by whoever proves that it is his, and opens by nothing any more', async () => {
  const person = await signUp(app);
  const { token } = await person.must(accounts.createApiToken, { body: { name: 'Script', scopes: ['read'] } });
  const socket = await person.socket();
  const cut = new Promise((resolve) => socket.once('session.ended', resolve));
  expect((await person.call(closeAccount)).body).toMatchObject({ code: 'reauthentication_required' });
  await prove(person);
  expect((await person.call(closeAccount)).status).toBe(204);
  await cut;
  expect((await person.call(accounts.me)).status).toBe(401);
  expect((await send(base, accounts.me, { headers: { authorization: `Bearer ${token}` } })).status).toBe(401);
  const { email } = person.user;
  expect((await send(base, accounts.login, { body: { email, password } })).status).toBe(401);
  await mailTo(app, email, /was closed/);
  expect((await send(base, accounts.requestPasswordReset, { body: { email } })).status).toBe(204);
  const again = {
    email,
    username: person.user.username,
    password,
    displayName: 'Somebody new',
    role: 'client',
  } as const;
  const { status, body } = await send(base, accounts.register, { body: again });
  expect([status, body.user?.id === person.id]).toEqual([201, false]);
  const [row] = await app.sql<{ row: string }>(
    `select concat_ws(' ', u.email, u.username, p.display_name, p.bio) as row from users u join profiles p on p.user_id = u.id where u.id = $1`,
    [person.id],
  );
  expect(row?.row).not.toContain(person.user.username);
});

test('A18 others keep what was said, under a name that says nothing; what goes on is left, and nobody writes to him', async () => {
  const [client, person] = [await signUp(app), await signUp(app, 'freelancer')];
  const going = await projectOf(client, person);
  const over = await finished(client, person);
  const invited = await projectOf(client);
  const { invitation } = await client.must(projects.invite, {
    params: { projectId: invited.id },
    body: { username: person.user.username, role: 'freelancer' },
  });
  await say(person, going.roomId, `I was here, @${client.user.username}`);
  const { roomId: direct } = await client.must(rooms.openDirect, { body: { username: person.user.username } });
  await say(client, direct, 'Between us');
  const socket = await client.socket();
  const { headSeq: after } = await client.must(rooms.getRoom, { params: { roomId: going.roomId } });
  await socket.emitWithAck('room.join', { roomId: going.roomId, after });
  const heard: string[] = [];
  socket.on('room.events', ({ roomId, events }) => {
    if (roomId === going.roomId) heard.push(...events.map(({ type }) => type));
  });
  await prove(person);
  await person.must(closeAccount);

  await expect.poll(() => heard).toEqual(['member.changed', 'member.left']);
  const { events } = await client.must(rooms.listEvents, { params: { roomId: going.roomId }, query: { after: 0 } });
  expect(JSON.stringify(events)).toContain('I was here');
  const told = (await client.must(listNotifications)).items.map(({ kind, actorName }) => [kind, actorName]);
  expect(told).toContainEqual(['mention', 'Closed account']);
  expect(JSON.stringify(told)).not.toContain(person.user.displayName);
  const membersOf = async (roomId: string) =>
    (await client.must(rooms.listMembers, { params: { roomId } })).items.map(({ displayName }) => displayName);
  expect(await membersOf(going.roomId)).toEqual([client.user.displayName]);
  expect(await membersOf(over.roomId)).toContain('Closed account');
  const snapshot = await client.must(rooms.getRoom, { params: { roomId: direct } });
  expect(JSON.stringify(snapshot.members)).not.toContain(person.user.username);
  const late = await client.call(rooms.postMessage, {
    params: { roomId: direct },
    body: { commandId: newId(), body: 'Are you there?' },
  });
  expect(late.status).toBe(403);
  const { items } = await client.must(projects.listProjectInvitations, { params: { projectId: invited.id } });
  expect(items.find(({ id }) => id === invitation.id)?.status).toBe('declined');
});

test('A18 nobody goes while a project of his or money is under way, or as the last administrator, and nothing is changed then', async () => {
  const deal = await money.makeDeal(app);
  const { client, freelancer } = deal;
  const { title } = (await client.must(projects.getProject, { params: { projectId: deal.projectId } })).project;
  const refusal = async (person: Person) => {
    await prove(person);
    const { status, body } = await person.call(closeAccount);
    expect(status).toBe(409);
    expect((await person.must(accounts.me)).user.email).toBe(person.user.email);
    return (body as unknown as { detail: string }).detail;
  };
  const unproven = await client.call(closeAccount);
  expect([unproven.status, unproven.body], 'and is told so before he proves himself').toMatchObject([
    409,
    { detail: expect.stringContaining(title) as string },
  ]);
  expect(await refusal(client)).toContain(`“${title}”`);
  const { milestoneId } = await money.fund(deal);
  expect(await refusal(freelancer)).toContain('Money for you is still held');
  const types = await money.factTypes(deal);
  expect(types).not.toContain('member.left');
  expect(types).not.toContain('member.changed');
  await money.release(deal, milestoneId, 100_000);
  await money.settled(deal, milestoneId);
  expect(await refusal(freelancer)).toMatch(/way|paid out/);

  const admin = await signUp(app);
  await app.sql(`update users set grants = '{admin}' where id = $1`, [admin.id]);
  expect(await refusal(admin)).toContain('only administrator');
  const second = await signUp(app);
  await app.sql(`update users set grants = '{admin}' where id = $1`, [second.id]);
  await prove(admin);
  await prove(second);
  const both = await Promise.all([admin.call(closeAccount), second.call(closeAccount)]);
  expect(both.map(({ status }) => status).sort()).toEqual([204, 409]);
});

test('A18 saved cards go with their owner', async () => {
  const person = await signUp(app);
  await money.verify(app, person);
  const [card] = (await person.must(getWallet)).testMethods;
  const body = { testCard: card?.methodId, commandId: newId() };
  const { setup } = await person.must(addPaymentMethod, { body });
  await person.must(getCardSetup, { params: { setupId: setup.id } });
  expect((await person.must(listPaymentMethods)).items).toHaveLength(1);
  await prove(person);
  await person.must(closeAccount);
  const kept = 'select 1 from payment_methods where user_id = $1 and removed_at is null';
  expect(await app.sql(kept, [person.id])).toEqual([]);
});
