import { advanceClock } from '@safesend/shared/clock.ts';
import { newId } from '@safesend/shared/ids.ts';
import { listNotifications, markNotificationsRead } from '@safesend/shared/notifications/calls.ts';
import * as projects from '@safesend/shared/projects/calls.ts';
import * as rooms from '@safesend/shared/rooms/calls.ts';
import { acceptProposal, answerCancellation, proposeChange } from '@safesend/shared/projects/money-calls.ts';
import pg from 'pg';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { mustDrop } from '../../../test/drops.ts';
import { joinProject, projectOf, signUp, startTestApp, type Person, type TestApp } from '../../../test/harness.ts';
import * as money from '../../../test/money.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

async function pair() {
  const [client, freelancer] = await Promise.all([signUp(app), signUp(app, 'freelancer')]);
  const project = await projectOf(client, freelancer);
  for (const person of [client, freelancer]) await person.must(markNotificationsRead, { body: { all: true } });
  return { client, freelancer, roomId: project.roomId, params: { projectId: project.id }, title: project.title };
}

async function say(person: Person, roomId: string, body: string, replyTo?: string) {
  const sent = { commandId: newId(), body, ...(replyTo !== undefined && { replyTo }) };
  const { event } = await person.must(rooms.postMessage, { params: { roomId }, body: sent });
  return { seq: event.seq, messageId: event.type === 'message.posted' ? event.data.id : '' };
}

async function unread(person: Person) {
  const { items } = await person.must(listNotifications, { query: { filter: 'unread' } });
  return items.map(({ kind, roomId, seq }) => ({ kind, roomId, seq }));
}

test('N02 a mention tells the person who was named, with the place, and never the text', async () => {
  const { client, freelancer, roomId, title } = await pair();
  const { seq } = await say(
    client,
    roomId,
    `Look at this secret, @${freelancer.user.username} @${client.user.username}`,
  );
  expect(await unread(freelancer)).toEqual([{ kind: 'mention', roomId, seq }]);
  expect(await unread(client)).toEqual([]);
  const { items } = await freelancer.must(listNotifications);
  expect(items[0]).toMatchObject({
    ...{ actorId: client.id, actorName: client.user.displayName },
    ...{ roomTitle: title, readAt: null },
  });
  const inbox = await app.sql<{ data: unknown }>(
    "select p.data from facts f join fact_payloads p using (room_id, seq) where f.type = 'notification.raised'",
  );
  expect(JSON.stringify(inbox)).not.toContain('secret');
});

test('L7 whoever was removed while somebody named him is told nothing of it', async () => {
  const { client, freelancer, roomId } = await pair();
  const holder = new pg.Client({ connectionString: app.databaseUrl });
  await holder.connect();
  await holder.query('begin');
  await holder.query('select 1 from room_heads where room_id = $1 for update', [roomId]);
  const removing = client.must(rooms.removeMember, { params: { roomId, userId: freelancer.id } });
  await expect.poll(waiting, { interval: 20 }).toBe(1);
  // He is a member still when the message is looked at, and none when its turn has come.
  const naming = say(client, roomId, `What do we do about @${freelancer.user.username}?`);
  await expect.poll(waiting, { interval: 20 }).toBe(2);
  await holder.query('commit');
  await holder.end();
  await removing;
  const { messageId } = await naming;
  expect((await unread(freelancer)).map(({ kind }) => kind)).toEqual(['member.removed']);
  const { message } = await client.must(rooms.getMessage, { params: { roomId, messageId } });
  expect(message.mentions).toEqual([]);
});

async function waiting(): Promise<number> {
  const [row] = await app.sql<{ n: number }>(
    `select count(*)::int as n from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`,
  );
  return row?.n ?? 0;
}

test('N02 L6 the list tells how the message begins today: changed, unsaid, or not mine to see any more', async () => {
  const { client, freelancer, roomId } = await pair();
  const { messageId } = await say(client, roomId, `First words, @${freelancer.user.username}`);
  const excerpt = async () => (await freelancer.must(listNotifications)).items[0]?.excerpt;
  expect(await excerpt()).toBe(`First words, @${freelancer.user.username}`);
  const message = { roomId, messageId };
  await client.must(rooms.editMessage, { params: message, body: { body: 'Other words' } });
  expect(await excerpt()).toBe('Other words');
  await client.must(rooms.deleteMessage, { params: message });
  expect(await excerpt()).toBeNull();

  await say(client, roomId, `Long words, @${freelancer.user.username} ${'x'.repeat(1_000)}`);
  expect((await excerpt())?.length).toBe(400);
  await client.must(rooms.removeMember, { params: { roomId, userId: freelancer.id } });
  const { items } = await freelancer.must(listNotifications);
  expect(JSON.stringify(items)).not.toContain('Long words');
});

test('N02 L7 whoever is not in a room any more is told so beside what he was told of it, and led there no more', async () => {
  const { client, freelancer, roomId, params } = await pair();
  const { seq } = await say(client, roomId, `Look, @${freelancer.user.username}`);
  const told = async () => (await freelancer.must(listNotifications)).items.find(({ kind }) => kind === 'mention');
  expect(await told()).toMatchObject({ roomId, seq, actorId: client.id, hasLeft: false });
  await client.must(rooms.removeMember, { params: { roomId, userId: freelancer.id } });
  await client.must(projects.changeProject, { params, body: { title: 'A title of later' } });
  const away = await told();
  expect(away).toMatchObject({ roomId: null, seq: null, actorId: null, excerpt: null, hasLeft: true });
  expect(JSON.stringify(away)).not.toContain('A title of later');
  await joinProject(client, freelancer, params.projectId);
  expect(await told()).toMatchObject({ roomId, seq, hasLeft: false });
});

test('N02 E19 what told of a message is read when it is deleted: no badge counts what is not there any more', async () => {
  const { client, freelancer, roomId } = await pair();
  const { messageId } = await say(client, roomId, `Look, @${freelancer.user.username}`);
  const other = await say(client, roomId, `And here, @${freelancer.user.username}`);
  await client.must(rooms.deleteMessage, { params: { roomId, messageId } });
  expect(await unread(freelancer)).toEqual([{ kind: 'mention', roomId, seq: other.seq }]);
  const { items } = await freelancer.must(rooms.listRooms);
  expect(items.find(({ id }) => id === roomId)?.unread).toBe(1);
});

test('N02 X14 a reply tells its author once, also when he is named in it, and never himself', async () => {
  const { client, freelancer, roomId } = await pair();
  const { messageId } = await say(freelancer, roomId, 'Question?');
  await say(freelancer, roomId, 'To myself', messageId);
  const { seq } = await say(client, roomId, 'Answer', messageId);
  const named = await say(client, roomId, `@${freelancer.user.username} more`, messageId);
  expect(await unread(freelancer)).toEqual([
    { kind: 'mention', roomId, seq: named.seq },
    { kind: 'reply', roomId, seq },
  ]);
});

test('N02 a direct message tells once until it was read', async () => {
  const { client, freelancer } = await pair();
  const { roomId } = await client.must(rooms.openDirect, { body: { username: freelancer.user.username } });
  const { seq } = await say(client, roomId, 'One');
  const last = await say(client, roomId, 'Two');
  expect(await unread(freelancer)).toEqual([{ kind: 'direct', roomId, seq }]);
  await freelancer.must(rooms.markRead, { params: { roomId }, body: { seq: last.seq } });
  const again = await say(client, roomId, 'Three');
  expect((await unread(freelancer))[0]).toEqual({ kind: 'direct', roomId, seq: again.seq });
});

test('N02 E19 a file without words tells the other side of a direct room as a message does, and once', async () => {
  const { client, freelancer, roomId: projectRoom } = await pair();
  const { roomId } = await client.must(rooms.openDirect, { body: { username: freelancer.user.username } });
  const { seq } = await mustDrop(client, { roomId });
  const last = await mustDrop(client, { roomId });
  await say(client, roomId, 'Both are for you');
  expect(await unread(freelancer)).toEqual([{ kind: 'file', roomId, seq }]);
  expect(await unread(client)).toEqual([]);
  await freelancer.must(rooms.markRead, { params: { roomId }, body: { seq: last.seq + 1 } });
  expect(await unread(freelancer)).toEqual([]);
  const again = await mustDrop(client, { roomId, fileId: last.fileId });
  expect((await unread(freelancer))[0]).toEqual({ kind: 'file', roomId, seq: again.seq });
  await freelancer.must(markNotificationsRead, { body: { all: true } });
  await mustDrop(client, { roomId: projectRoom });
  expect(await unread(freelancer), 'a message to a whole project tells nobody either').toEqual([]);
});

test('N02 direct messages sent at once tell once', async () => {
  const { client, freelancer } = await pair();
  const { roomId } = await client.must(rooms.openDirect, { body: { username: freelancer.user.username } });
  for (let round = 0; round < 5; round++) {
    const sent = await Promise.all(['One', 'Two', 'Three', 'Four'].map((body) => say(client, roomId, body)));
    expect(await unread(freelancer)).toHaveLength(1);
    const seq = Math.max(...sent.map((message) => message.seq));
    await freelancer.must(rooms.markRead, { params: { roomId }, body: { seq } });
  }
});

test('N02 a direct message tells again after the first notification was cleared by hand', async () => {
  const { client, freelancer } = await pair();
  const { roomId } = await client.must(rooms.openDirect, { body: { username: freelancer.user.username } });
  await say(client, roomId, 'One');
  await freelancer.must(markNotificationsRead, { body: { all: true } });
  const { seq } = await say(client, roomId, 'Two');
  expect(await unread(freelancer)).toEqual([{ kind: 'direct', roomId, seq }]);
});

test('L13 reading a room clears what points to facts up to there, on every device, and nothing else', async () => {
  const { client, freelancer, roomId } = await pair();
  const elsewhere = await projectOf(client, freelancer);
  const other = await say(client, elsewhere.roomId, `@${freelancer.user.username} elsewhere`);
  const first = await say(client, roomId, `@${freelancer.user.username} one`);
  const second = await say(client, roomId, `@${freelancer.user.username} two`);
  const [reading, idle] = [await freelancer.socket(), await freelancer.socket()];
  const cleared: string[][] = [];
  for (const socket of [reading, idle])
    socket.on('room.events', ({ events }) => {
      for (const event of events) if (event.type === 'notification.read') cleared.push([...event.data.ids]);
    });
  const { headSeq } = await freelancer.must(rooms.getRoom, { params: { roomId: freelancer.inboxRoomId } });
  for (const socket of [reading, idle])
    await socket.emitWithAck('room.join', { roomId: freelancer.inboxRoomId, after: headSeq });
  await reading.emitWithAck('room.markRead', { roomId, seq: first.seq });
  const left = [
    { kind: 'mention', roomId, seq: second.seq },
    { kind: 'mention', roomId: elsewhere.roomId, seq: other.seq },
  ];
  expect(await unread(freelancer)).toEqual(left);
  await expect.poll(() => cleared.map((ids) => ids.length)).toEqual([1, 1]);
  const inbox = await freelancer.must(rooms.getRoom, { params: { roomId: freelancer.inboxRoomId } });
  expect(inbox.unreadNotifications).toBe(2);
});

test('L13 reading what nothing points to writes no fact, and a mark that goes back clears nothing', async () => {
  const { client, freelancer, roomId } = await pair();
  const plain = await say(client, roomId, 'Plain');
  const named = await say(client, roomId, `@${freelancer.user.username}`);
  const head = async () =>
    (await freelancer.must(rooms.getRoom, { params: { roomId: freelancer.inboxRoomId } })).headSeq;
  const before = await head();
  for (const seq of [plain.seq, plain.seq - 1, plain.seq])
    await freelancer.must(rooms.markRead, { params: { roomId }, body: { seq } });
  expect(await head()).toBe(before);
  expect(await unread(freelancer)).toEqual([{ kind: 'mention', roomId, seq: named.seq }]);
});

test('L13 who answers has read what he answers: posting clears too', async () => {
  const { client, freelancer, roomId } = await pair();
  await say(client, roomId, `@${freelancer.user.username}`);
  await say(freelancer, roomId, 'Here I am');
  await vi.waitFor(async () => expect(await unread(freelancer)).toEqual([]), 5_000);
});

test('N02 what happens to a project and its plan is told to the others, one command once', async () => {
  const { client, freelancer, params } = await pair();
  const milestone = { title: 'First', amountMinor: 1, criteria: 'Done' };
  for (const title of ['First', 'Second'])
    await client.must(projects.planMilestone, { params, body: { ...milestone, title } });
  const { milestones } = await client.must(projects.getProject, { params });
  await client.must(projects.changeMilestone, {
    params: { milestoneId: milestones[1]?.id ?? '' },
    body: { position: 1 },
  });
  await client.must(projects.cancelMilestone, { params: { milestoneId: milestones[0]?.id ?? '' } });
  await client.must(projects.cancelProject, { params });
  await client.must(projects.deleteProject, { params });
  const { items } = await freelancer.must(listNotifications, { query: { filter: 'unread' } });
  // Nothing leads into what was deleted.
  expect(items.map(({ kind, subject, roomId }) => [kind, subject, roomId !== null])).toEqual([
    ['project.deleted', '', false],
    ['project.cancelled', '', false],
    ['milestone.cancelled', 'First', false],
    ['milestone.changed', 'Second', false],
    ['milestone.planned', 'Second', false],
    ['milestone.planned', 'First', false],
  ]);
  expect(await unread(client)).toEqual([]);
});

test('N02 J15 I13 news of money says what became of it, and whom it waits for', async () => {
  const deal = await money.makeDeal(app);
  const { client, freelancer } = deal;
  for (const person of [client, freelancer]) await person.must(markNotificationsRead, { body: { all: true } });
  const toldTo = async (person: Person) => (await unread(person)).map(({ kind }) => kind);
  for (const [outcome, kind] of [
    ['chargeback_won', 'chargeback.won'],
    ['chargeback_lost', 'chargeback.lost'],
  ] as const) {
    const { paymentId } = await money.fund(deal);
    await money.drive(deal, paymentId, 'chargeback');
    await money.drive(deal, paymentId, outcome);
    await expect.poll(() => toldTo(freelancer), { interval: 50 }).toContain(kind);
    expect(await toldTo(freelancer)).not.toContain('chargeback.closed');
  }

  const ending = await money.fund(deal);
  const params = { milestoneId: ending.milestoneId };
  await client.must(projects.cancelMilestone, { params, body: { reason: 'Plans changed' } });
  await freelancer.must(answerCancellation, { params, body: { accept: true, commandId: newId() } });
  await expect.poll(() => toldTo(client), { interval: 50 }).toContain('milestone.ended');
  expect(await toldTo(client)).not.toContain('milestone.cancelled');

  const { id } = await money.plan(deal);
  const payment = await money.beginFunding(deal, id);
  await money.drive(deal, payment.id, 'challenge');
  expect((await money.look(deal, id)).waiting, 'his bank asks the client').toMatchObject({ on: 'client' });
  expect(await toldTo(freelancer), 'it waits for the client alone').not.toContain('waiting.bank');
  expect(await toldTo(client)).toContain('waiting.bank');
  await money.drive(deal, payment.id, 'decline');
  await expect.poll(() => toldTo(client), { interval: 50 }).toContain('payment.failed');
  expect(await toldTo(freelancer), 'how he pays is the client’s own affair').not.toContain('payment.failed');
});

test('N02 joining, leaving and removal', async () => {
  const { client, freelancer, roomId, params } = await pair();
  const late = await signUp(app, 'client');
  await joinProject(client, late, params.projectId);
  expect((await unread(freelancer)).map(({ kind }) => kind)).toEqual(['member.joined']);
  await late.must(rooms.removeMember, { params: { roomId, userId: late.id } });
  expect((await unread(client)).map(({ kind }) => kind)).toEqual(['member.left', 'member.joined']);
  await client.must(rooms.removeMember, { params: { roomId, userId: freelancer.id } });
  expect((await unread(freelancer))[0]).toEqual({ kind: 'member.removed', roomId: null, seq: null });
});

test('N03 N04 read once, by id or all at once, on the row and in the inbox alike', async () => {
  const { client, freelancer, roomId } = await pair();
  for (let n = 0; n < 5; n++) await say(client, roomId, `@${freelancer.user.username} ${n}`);
  const { items, unread } = await freelancer.must(listNotifications, { query: { filter: 'unread' } });
  expect(unread).toBe(5);
  const some = items.slice(0, 2).map(({ id }) => id);
  const clear = (body: { ids: string[] } | { all: true }) => freelancer.must(markNotificationsRead, { body });
  await Promise.all([clear({ ids: some }), clear({ ids: some }), clear({ all: true }), clear({ all: true })]);
  expect((await freelancer.must(listNotifications)).unread).toBe(0);
  const told = await app.sql<{ id: string }>(
    `select json_array_elements_text(p.data -> 'ids') as id from facts f join fact_payloads p using (room_id, seq)
     where f.room_id = $1 and f.type = 'notification.read'`,
    [freelancer.inboxRoomId],
  );
  const clearings = items.map((item) => told.filter(({ id }) => id === item.id).length);
  expect(clearings).toEqual([1, 1, 1, 1, 1]);
  const snapshot = await freelancer.must(rooms.getRoom, { params: { roomId: freelancer.inboxRoomId } });
  expect(snapshot.unreadNotifications).toBe(0);
  expect(snapshot.notifications.every(({ readAt }) => readAt !== null)).toBe(true);
});

test('L6 nobody reads or clears what another was told', async () => {
  const { client, freelancer, roomId } = await pair();
  await say(client, roomId, `@${freelancer.user.username}`);
  const { items } = await freelancer.must(listNotifications);
  await client.must(markNotificationsRead, { body: { ids: items.map(({ id }) => id) } });
  expect((await freelancer.must(listNotifications)).unread).toBe(1);
  expect((await client.must(listNotifications)).items.map(({ id }) => id)).not.toContain(items[0]?.id);
});

test('N03 pages keep their place while new ones arrive', async () => {
  const { client, freelancer, roomId } = await pair();
  for (let n = 0; n < 4; n++) await say(client, roomId, `@${freelancer.user.username} ${n}`);
  const first = await freelancer.must(listNotifications, { query: { limit: 2, filter: 'unread' } });
  await say(client, roomId, `@${freelancer.user.username} late`);
  const query = { limit: 2, filter: 'unread', cursor: first.nextCursor ?? '' };
  const second = await freelancer.must(listNotifications, { query });
  const seqs = [...first.items, ...second.items].map(({ seq }) => seq ?? 0);
  expect(seqs).toEqual(seqs.toSorted((a, b) => b - a));
  expect(new Set(seqs).size).toBe(4);
  expect((await freelancer.call(listNotifications, { query: { cursor: '-1' } })).status).toBe(422);
});

test('N02 X18 a proposed change is told with the amount it would be, and with none where that stays', async () => {
  const deal = await money.makeDeal(app);
  const { milestoneId } = await money.fund(deal);
  const told = async () =>
    (await deal.client.must(listNotifications)).items
      .filter(({ kind }) => kind === 'milestone.change.proposed')
      .map(({ amountMinor, currency }) => [amountMinor, currency]);
  await money.proposeAmount(deal.freelancer, milestoneId, 120_000);
  expect(await told()).toEqual([[120_000, 'EUR']]);
  const params = { milestoneId };
  await deal.freelancer.must(proposeChange, { params, body: { criteria: 'Four screens' } });
  expect(await told()).toEqual([
    [null, null],
    [120_000, 'EUR'],
  ]);
});

test('N02 X18 a change that lapses is told with what was not paid of it, and with no amount where nobody had answered', async () => {
  const deal = await money.makeDeal(app);
  const [agreed, asked] = [await money.fund(deal), await money.fund(deal)];
  const { hash } = await money.proposeAmount(deal.freelancer, agreed.milestoneId, 130_000);
  const body = { commandId: newId() };
  await deal.client.must(acceptProposal, { params: { milestoneId: agreed.milestoneId, hash }, body });
  const lapsed = async (person: Person) =>
    (await person.must(listNotifications, { query: { limit: 50 } })).items
      .filter(({ kind }) => kind === 'milestone.change.declined')
      .map(({ actorName, amountMinor }) => [actorName, amountMinor]);
  await deal.client.must(advanceClock, { body: { advanceSeconds: 4 * 86_400 } });
  await money.proposeAmount(deal.freelancer, asked.milestoneId, 120_000);
  await deal.client.must(advanceClock, { body: { advanceSeconds: 3 * 86_400 } });
  for (const person of [deal.client, deal.freelancer])
    await vi.waitFor(async () => expect(await lapsed(person)).toEqual([['', 30_000]]), 20_000);
  await deal.client.must(advanceClock, { body: { advanceSeconds: 4 * 86_400 } });
  for (const person of [deal.client, deal.freelancer])
    await vi.waitFor(
      async () =>
        expect(await lapsed(person)).toEqual([
          ['', null],
          ['', 30_000],
        ]),
      20_000,
    );
});

test('N02 UX 31 whoever is told of money is told how much and by whom, and of the rest no amount', async () => {
  const deal = await money.makeDeal(app);
  const { milestoneId } = await money.fund(deal);
  await money.approve(deal, milestoneId, await money.submit(deal, milestoneId));
  await money.settled(deal, milestoneId, 'released');
  const told = async (person: Person) =>
    Object.fromEntries(
      (await person.must(listNotifications, { query: { limit: 50 } })).items.map(
        ({ kind, actorName, amountMinor, currency }) => [kind, [actorName, amountMinor, currency]],
      ),
    );
  const [client, freelancer] = [await told(deal.client), await told(deal.freelancer)];
  expect(client['milestone.submitted']).toEqual([deal.freelancer.user.displayName, 100_000, 'EUR']);
  expect(client['member.joined']?.slice(1)).toEqual([null, null]);
  expect(freelancer).toMatchObject({
    'milestone.funded': ['', 100_000, 'EUR'],
    'milestone.approved': [deal.client.user.displayName, 100_000, 'EUR'],
    'milestone.released': ['', 90_000, 'EUR'],
  });
});

test('N02 I09 what is handed in after a part was given back is told with what is held for it', async () => {
  const deal = await money.makeDeal(app);
  const { milestoneId } = await money.fund(deal, 30_000);
  await money.refund(deal, milestoneId, 10_000);
  await money.settled(deal, milestoneId);
  const { hash } = await money.proposeAmount(deal.freelancer, milestoneId, 25_000);
  await deal.client.must(acceptProposal, { params: { milestoneId, hash }, body: { commandId: newId() } });
  await money.settled(deal, milestoneId);
  await money.submit(deal, milestoneId);
  const { items } = await deal.client.must(listNotifications, { query: { limit: 50 } });
  expect(items.find(({ kind }) => kind === 'milestone.submitted')).toMatchObject({
    ...{ amountMinor: 15_000, currency: 'EUR' },
  });
});

test('N02 J02 of money that arrived each side is told his own amount: the client what he paid, the freelancer what reached him', async () => {
  const deal = await money.makeDeal(app);
  const { milestoneId } = await money.fund(deal, 30_000);
  await money.release(deal, milestoneId, 30_000);
  await money.settled(deal, milestoneId, 'released');
  const arrived = async (person: Person) =>
    (await person.must(listNotifications, { query: { limit: 50 } })).items
      .filter(({ kind }) => kind === 'milestone.released' || kind === 'milestone.paid')
      .map(({ kind, amountMinor }) => [kind, amountMinor]);
  expect(await arrived(deal.client)).toEqual([['milestone.paid', 30_000]]);
  expect(await arrived(deal.freelancer)).toEqual([['milestone.released', 27_000]]);
});
