import * as accounts from '@safesend/shared/accounts/calls.ts';
import * as wallet from '@safesend/shared/escrow/calls.ts';
import { newId } from '@safesend/shared/ids.ts';
import * as projects from '@safesend/shared/projects/calls.ts';
import * as money from '@safesend/shared/projects/money-calls.ts';
import * as rooms from '@safesend/shared/rooms/calls.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connect, send, signUp, startTestApp, type Person, type TestApp } from './harness.ts';
import * as m from './money.ts';

/** What a program meets that knows the published names and nothing else. */

let app: TestApp;
let deal: m.Deal;
beforeAll(async () => {
  app = await startTestApp();
  deal = await m.makeDeal(app);
});
afterAll(() => app.close());

const raw = (person: Person, path: string, init: RequestInit & { headers?: Record<string, string> } = {}) =>
  fetch(`${app.url}/api/v1${path}`, { ...init, headers: { cookie: person.cookie, ...init.headers } });

test('T-M26 money moves by a command id in the header as well as in the body, once, and by none without', async () => {
  const { id: milestoneId } = await m.plan(deal);
  const params = { milestoneId };
  const commandId = newId();
  expect((await deal.client.call(money.fundMilestone, { params, body: {} })).status).toBe(422);
  const first = await deal.client.call(money.fundMilestone, { params, body: {}, commandId });
  expect(first.status).toBe(201);
  const again = await deal.client.call(money.fundMilestone, { params, body: { commandId } });
  expect(again).toMatchObject({ status: 201, body: first.body });
  await m.drive(deal, first.body.payment.id, 'succeed');
  await m.settled(deal, milestoneId, 'funded');
  const refused = await raw(deal.client, `/milestones/${milestoneId}/refund/retry`, {
    method: 'POST',
    headers: { 'idempotency-key': newId() },
  });
  expect(refused.status, 'nothing came back to give once more').toBe(409);
  expect((await raw(deal.client, `/milestones/${milestoneId}/refund/retry`, { method: 'POST' })).status).toBe(422);
});

test('A02 a sign-up that was sent twice is one account, the id in the body or in the header; another one is refused', async () => {
  const word = newId().slice(0, 8);
  const body = {
    ...{ email: `${word}@example.com`, username: `u-${word}`, password: 'a-long-enough-word-of-mine' },
    ...{ displayName: 'Kim', role: 'client' as const },
  };
  const commandId = newId();
  const register = (sent: object, headers = {}) =>
    send(app.url, accounts.register, { body: { ...body, ...sent }, headers });
  const [first, again] = [await register({ commandId }), await register({ commandId })];
  expect([first.status, again.status]).toEqual([201, 201]);
  expect(again.body.user.id).toBe(first.body.user.id);
  expect((await register({}, { 'idempotency-key': commandId })).status).toBe(201);
  expect((await register({ commandId, displayName: 'Another' })).status).toBe(409);
});

test('T-S4 a write under our own name that a browser says came from another site is refused', async () => {
  const write = (headers: Record<string, string>) =>
    raw(deal.client, '/auth/profile-that-is-not', { method: 'POST', headers, body: '{}' });
  const json = { 'content-type': 'application/json', origin: app.url };
  expect((await write({ ...json, 'sec-fetch-site': 'cross-site' })).status).toBe(403);
  expect((await write({ ...json, 'sec-fetch-site': 'same-site' })).status).toBe(403);
  expect((await write({ ...json, 'sec-fetch-site': 'same-origin' })).status).toBe(404);
});

test('T-B5 a body that is not JSON is 415 where no cookie speaks for anybody, and 403 where one does', async () => {
  const form = { method: 'POST', headers: { 'content-type': 'text/plain' }, body: 'a=b' };
  expect((await fetch(`${app.url}/api/v1/auth/login`, form)).status).toBe(415);
  expect((await raw(deal.client, '/projects', form)).status).toBe(403);
});

test('A07 a payout needs an address that was proven, before anything else is looked at', async () => {
  const stranger = await signUp(app, 'freelancer');
  const body = { amountMinor: 100, currency: 'EUR' as const, commandId: newId() };
  const refused = await stranger.call(wallet.requestPayout, { body });
  expect(refused).toMatchObject({ status: 403, body: { code: 'email_unverified' } });
});

test('P05 the statements of no period are those of this month, and come as a list', async () => {
  const { items, nextCursor } = await deal.client.must(wallet.getStatements);
  expect(nextCursor).toBeNull();
  expect(items.length).toBe(1);
  for (const { from, until } of items) expect(from).toBe(`${until.slice(0, 7)}-01T00:00:00.000Z`);
});

test('P06 an invoice opens under the name of a PDF, for those whom it concerns', async () => {
  const { milestoneId } = await m.fund(deal, 30_000);
  await m.approve(deal, milestoneId, await m.submit(deal, milestoneId));
  await m.settled(deal, milestoneId, 'released');
  const [paper] = (await deal.client.must(wallet.listInvoices)).items;
  const opened = await raw(deal.client, `/invoices/${paper?.id}.pdf`);
  expect(opened.status).toBe(200);
  expect(opened.headers.get('content-type')).toBe('application/pdf');
  const bytes = Buffer.from(await opened.arrayBuffer());
  const same = await raw(deal.client, `/invoices/${paper?.id}/pdf`);
  expect(bytes.equals(Buffer.from(await same.arrayBuffer()))).toBe(true);
  expect((await raw(await signUp(app), `/invoices/${paper?.id}.pdf`)).status).toBe(404);
  expect((await fetch(`${app.url}/api/v1/invoices/${paper?.id}.pdf`)).status).toBe(401);
});

test.each([
  ['2031-05-06T07:08:09Z', '2031-05-06T07:08:09.000Z'],
  ['2031-05-06T07:08:09.123456+02:00', '2031-05-06T05:08:09.123Z'],
])('E03 a date may be given as %s', async (dueAt, kept) => {
  expect((await m.plan(deal, 10_000, dueAt)).dueAt).toBe(kept);
});

test.each(['2031-05-06', '2031-02-30T00:00:00Z', 'tomorrow'])('E03 a date may not be given as %s', async (dueAt) => {
  const body = { ...m.half, amountMinor: 10_000, dueAt };
  const refused = await deal.client.call(projects.planMilestone, { params: { projectId: deal.projectId }, body });
  expect(refused).toMatchObject({ status: 422, body: { errors: [{ path: 'dueAt' }] } });
});

test('T-A14 an id in the form of one that was never given out is missing, whatever its version', async () => {
  for (const roomId of ['11111111-1111-1111-1111-111111111111', 'ffffffff-ffff-ffff-ffff-ffffffffffff', newId()]) {
    expect((await deal.client.call(rooms.getRoom, { params: { roomId } })).status).toBe(404);
  }
});

test('F05 a message keeps its spaces, and ten thousand emoji are ten thousand characters', async () => {
  const { roomId } = deal;
  const post = (body: string) =>
    deal.client.call(rooms.postMessage, { params: { roomId }, body: { body, commandId: newId() } });
  const posted = await post('    code\n  ');
  expect(posted.body.event.data).toMatchObject({ body: '    code\n  ' });
  expect((await post('😀'.repeat(10_000))).status).toBe(201);
  expect((await post('😀'.repeat(10_001))).status).toBe(422);
  expect((await post(' \n\t ')).status).toBe(422);
});

test('L8 whoever changes a message that was deleted is told by which fact', async () => {
  const { roomId } = deal;
  const { event } = await deal.client.must(rooms.postMessage, {
    params: { roomId },
    body: { body: 'soon gone', commandId: newId() },
  });
  const params = { roomId, messageId: (event.data as { id: string }).id };
  const { event: gone } = await deal.client.must(rooms.deleteMessage, { params });
  const winner = { roomId, seq: gone.seq, type: 'message.deleted', id: gone.id };
  const late = [
    await deal.client.call(rooms.deleteMessage, { params }),
    await deal.client.call(rooms.editMessage, { params, body: { body: 'back' } }),
    await deal.freelancer.call(rooms.addReaction, { params: { ...params, emoji: '👍' } }),
  ];
  expect(late).toMatchObject(Array(3).fill({ status: 409, body: { code: 'conflict', winner } }));
});

test('F12 a page of the log over the socket has a hundred facts unless more are asked for', async () => {
  const { roomId } = deal;
  const socket = await deal.client.socket();
  for (let n = 0; n < 110; n++)
    socket.emit('message.post', { roomId, commandId: newId(), body: `${n}` }, () => undefined);
  const page = (limit?: number) => socket.emitWithAck('room.catchUp', { roomId, after: 0, ...(limit && { limit }) });
  const seen = async () => {
    const answer = await page(500);
    return answer.ok ? answer.value.events.length : answer.error;
  };
  await expect.poll(seen).toBeGreaterThan(110);
  expect(await page()).toMatchObject({ ok: true, value: { events: { length: 100 }, more: true } });
});

test('every event of the socket is answered, also one that does not exist', async () => {
  const socket = await deal.client.socket();
  const ask = socket.emitWithAck.bind(socket) as (name: string, payload: unknown) => Promise<unknown>;
  expect(await ask('room.burn', {})).toMatchObject({ ok: false, error: { code: 'missing' } });
});

test('G02 whoever says that he is offline is shown so, and online again', async () => {
  const { roomId } = deal;
  deal.client.close();
  const [mine, theirs] = [await deal.client.socket(), await deal.freelancer.socket()];
  const told: unknown[] = [];
  theirs.on('room.presence', (it) => it.userId === deal.client.id && told.push(it.status));
  await theirs.emitWithAck('room.join', { roomId, after: -1 });
  const other = await deal.client.socket();
  for (const socket of [mine, other]) await socket.emitWithAck('presence.set', { status: 'offline' });
  await expect.poll(() => told.at(-1)).toBe('offline');
  await mine.emitWithAck('presence.set', { status: 'online' });
  await expect.poll(() => told.at(-1)).toBe('online');
});

test('R05 a process that does the work alone serves nobody, and says that it lives', async () => {
  const worker = await startTestApp({
    databaseUrl: app.databaseUrl,
    dataDir: app.dataDir,
    environment: { ROLES: 'worker' },
  });
  try {
    const status = async (path: string) =>
      (await fetch(`${worker.url}${path}`, { headers: { cookie: deal.client.cookie } })).status;
    expect(await status('/healthz')).toBe(200);
    expect(await status('/api/v1/auth/me')).toBe(404);
    expect(await status('/dashboard')).toBe(404);
    const socket = connect(worker.url, { cookie: deal.client.cookie, origin: worker.url });
    const [refusal] = await new Promise<Error[]>((heard) => socket.once('connect_error', (...it) => heard(it)));
    expect(refusal?.message).toContain('serves nobody');
    socket.disconnect();
  } finally {
    await worker.close();
  }
});
