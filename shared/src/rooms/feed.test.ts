import { expect, test } from 'vitest';
import type { RoomEvent } from './event.ts';
import { RoomFeed, type FeedPage, type FeedQuestion } from './feed.ts';
import { reduceRoom } from './reduce.ts';
import type { RoomState } from './room.ts';

const roomId = '01890000-0000-7000-8000-000000000000';
const author = '01890000-0000-7000-8000-00000000000a';
const epoch = 'one';

/** A linear congruential generator (Numerical Recipes): the same seed is the same run. */
const chanceFrom = (seed: number) => () => (seed = (seed * 1664525 + 1013904223) >>> 0) / 2 ** 32;
const idOf = (number: number) => `01890000-0000-7000-8000-${String(number).padStart(12, '0')}`;

const empty = (headSeq = 0, inEpoch = epoch): RoomState => ({
  room: { id: roomId, kind: 'project', title: 'Fuzz', createdAt: '2026-01-01T00:00:00.000Z' },
  project: null,
  members: [],
  invitations: [],
  milestones: [],
  messages: [],
  files: [],
  reads: [],
  notifications: [],
  isClosed: false,
  unreadNotifications: 0,
  account: null,
  headSeq,
  epoch: inEpoch,
  firstSeq: 1,
});

function eventAt(seq: number, chance: () => number, posted: string[]): RoomEvent {
  const envelope = { roomId, seq, id: idOf(seq), actorId: author, at: '2026-01-01T00:00:00.000Z', hash: String(seq) };
  const known = posted[Math.floor(chance() * posted.length)];
  const message = (id: string, body: string | null) => ({
    id,
    authorId: author,
    body,
    replyTo: null,
    files: [],
    mentions: [],
    reactions: [],
    createdAt: '2026-01-01T00:00:00.000Z',
    editedAt: null,
    deletedAt: body === null ? '2026-01-01T00:00:00.000Z' : null,
  });
  const kind = chance();
  if (known && kind < 0.2) return { ...envelope, type: 'message.edited', data: message(known, `edit ${seq}`) };
  if (known && kind < 0.3) return { ...envelope, type: 'message.deleted', data: message(known, null) };
  if (known && kind < 0.5) {
    const type = chance() < 0.5 ? 'reaction.added' : 'reaction.removed';
    return { ...envelope, type, data: { messageId: known, emoji: '👍', userId: author } };
  }
  posted.push(idOf(seq));
  return { ...envelope, type: 'message.posted', data: message(idOf(seq), `text ${seq}`) };
}

const total = 200;

/** A link that drops, repeats, reorders and loses answers, over a log that grows meanwhile. */
function run(seed: number): void {
  const chance = chanceFrom(seed);
  const log: RoomEvent[] = [];
  const posted: string[] = [];
  const link: (() => void)[] = [];
  const pageAfter = (after: number): FeedPage => {
    const events = log.filter(({ seq }) => seq > after).slice(0, 30);
    return { events, headSeq: log.length, epoch, more: (events.at(-1)?.seq ?? after) < log.length };
  };
  const feed = new RoomFeed(empty(), {
    ask: (question) => {
      link.push(() => {
        const page = pageAfter(question.after);
        if (chance() < 0.2) link.push(() => (feed.failed(question), feed.connected()));
        else link.push(() => feed.caughtUp(question, page));
      });
    },
    reset: () => link.push(() => feed.replace(empty())),
  });
  const step = () => link.splice(Math.floor(chance() * link.length), 1)[0]?.();
  feed.connected();
  for (let seq = 1; seq <= total; seq++) {
    const event = eventAt(seq, chance, posted);
    log.push(event);
    if (chance() > 0.2) link.push(() => feed.receive([event]));
    if (chance() < 0.2) link.push(() => feed.receive([event]));
    if (chance() < 0.05) link.push(() => feed.hint(seq, epoch));
    while (chance() < 0.55 && link.length > 0) step();
  }
  for (let steps = 0; (link.length > 0 || feed.state.headSeq < total) && steps < 20_000; steps++) {
    if (link.length === 0) feed.connected();
    step();
  }
  expect(feed.state, `seed ${seed}`).toEqual(log.reduce(reduceRoom, empty()));
}

test('X2 the feed ends as the log says over 300 seeded hostile links', () => {
  for (let seed = 1; seed <= 300; seed++) run(seed);
});

test('L2 what comes twice is dropped, what comes early is held until the gap is filled', () => {
  const asked: FeedQuestion[] = [];
  const chance = chanceFrom(7);
  const posted: string[] = [];
  const events = [1, 2, 3].map((seq) => eventAt(seq, chance, posted));
  const [one, two, three] = events as [RoomEvent, RoomEvent, RoomEvent];
  const feed = new RoomFeed(empty(), { ask: (question) => void asked.push(question), reset: () => undefined });
  feed.receive([three]);
  feed.receive([one, one]);
  expect(feed.state.headSeq).toBe(1);
  expect(asked).toEqual([{ after: 0, epoch, why: 'gap' }]);
  feed.caughtUp(asked[0] as FeedQuestion, { events: [one, two], headSeq: 3, epoch, more: false });
  expect(feed.state).toEqual(events.reduce(reduceRoom, empty()));
});

test('G4 another epoch replaces the view and joins again from the new head', () => {
  const asked: number[] = [];
  let resets = 0;
  const feed = new RoomFeed(empty(5), { ask: ({ after }) => void asked.push(after), reset: () => void resets++ });
  feed.hint(9, 'two');
  feed.hint(9, 'two');
  expect(resets).toBe(1);
  feed.replace(empty(3, 'two'));
  expect(asked).toEqual([3]);
  expect(feed.state.epoch).toBe('two');
});

test('G4 what was asked before the view was replaced is void: its refusal, coming late, replaces nothing again', () => {
  const asked: FeedQuestion[] = [];
  let resets = 0;
  const feed = new RoomFeed(empty(5), { ask: (question) => void asked.push(question), reset: () => void resets++ });
  feed.connected();
  feed.hint(9, 'two');
  feed.replace(empty(9, 'two'));
  const [old, fresh] = asked as [FeedQuestion, FeedQuestion];
  expect([feed.awaits(old), feed.awaits(fresh)]).toEqual([false, true]);
  feed.refused(old);
  feed.caughtUp(old, { events: [], headSeq: 5, epoch: 'one', more: false });
  feed.failed(old);
  expect(resets).toBe(1);
  expect(feed.awaits(fresh)).toBe(true);
});

test('G4 what a new link brings waits until the log says that it continues the same history', () => {
  const asked: FeedQuestion[] = [];
  const chance = chanceFrom(5);
  const [one, two] = [1, 2].map((seq) => eventAt(seq, chance, [])) as [RoomEvent, RoomEvent];
  const feed = new RoomFeed(empty(), { ask: (question) => void asked.push(question), reset: () => undefined });
  feed.connected();
  feed.receive([two, one]);
  expect(feed.state.headSeq).toBe(0);
  feed.caughtUp(asked[0] as FeedQuestion, { events: [], headSeq: 0, epoch, more: false });
  expect(feed.state.headSeq).toBe(2);
  feed.connected();
  feed.receive([{ ...two, seq: 3, id: idOf(3) }]);
  feed.refused(asked.at(-1) as FeedQuestion);
  feed.receive([{ ...two, seq: 4, id: idOf(4) }]);
  expect(feed.state.headSeq, 'of the other history').toBe(2);
  feed.replace(empty(4, 'two'));
  expect(feed.state).toEqual(empty(4, 'two'));
});

test('X2 a page is the truth: numbers it leaves out are not for this reader', () => {
  const chance = chanceFrom(3);
  const posted: string[] = [];
  const [first, second] = [eventAt(11, chance, posted), eventAt(20, chance, posted)];
  const asked: FeedQuestion[] = [];
  const feed = new RoomFeed(empty(10), { ask: (question) => void asked.push(question), reset: () => undefined });
  feed.connected();
  feed.caughtUp(asked[0] as FeedQuestion, { events: [first, second] as RoomEvent[], headSeq: 20, epoch, more: false });
  expect(feed.state.headSeq).toBe(20);
});

/** Every order in which the steps of these sequences may happen, each sequence in its own order. */
function* interleavings(sequences: readonly (readonly string[])[]): Generator<string[]> {
  const left = sequences.filter((it) => it.length > 0);
  if (left.length === 0) yield [];
  for (const sequence of left) {
    const rest = left.map((it) => (it === sequence ? it.slice(1) : it));
    for (const order of interleavings(rest)) yield [sequence[0] ?? '', ...order];
  }
}

/** A server that gives the link its seat, then reads the log; what is published to the seated is on its way to them. */
function joinIn(order: readonly string[], facts: readonly RoomEvent[]): number[] {
  const log: RoomEvent[] = [];
  const seen: number[] = [];
  const questions: FeedQuestion[] = [];
  const addressed = new Set<RoomEvent>();
  let isSeated = false;
  const pageAfter = (after: number): FeedPage => {
    return { events: log.filter(({ seq }) => seq > after), headSeq: log.length, epoch, more: false };
  };
  let page = pageAfter(0);
  const feed = new RoomFeed(empty(), {
    ask: (question) => void questions.push(question),
    reset: () => undefined,
    applied: (events) => void seen.push(...events.map(({ seq }) => seq)),
  });
  feed.connected();
  const [joining] = questions.splice(0) as [FeedQuestion];
  for (const step of order) {
    const [what, at] = step.split(' ');
    const fact = facts[Number(at ?? 0)] as RoomEvent;
    if (what === 'seat') isSeated = true;
    else if (what === 'read') page = pageAfter(joining.after);
    else if (what === 'answer') feed.caughtUp(joining, page);
    else if (what === 'commit') log.push(fact);
    else if (what === 'publish' && isSeated) addressed.add(fact);
    else if (what === 'arrive' && addressed.has(fact)) feed.receive([fact]);
  }
  for (const question of questions) feed.caughtUp(question, pageAfter(question.after));
  return seen;
}

test('X3 T-F19 whenever facts commit, are published and arrive while a link joins, each is seen exactly once', () => {
  const chance = chanceFrom(11);
  const posted: string[] = [];
  const facts = [1, 2].map((seq) => eventAt(seq, chance, posted));
  const steps = [
    ['seat', 'read', 'answer'],
    ['commit 0', 'commit 1'],
    ['publish 0', 'arrive 0'],
    ['publish 1', 'arrive 1'],
  ];
  let orders = 0;
  for (const order of interleavings(steps)) {
    if ([0, 1].some((n) => order.indexOf(`publish ${n}`) < order.indexOf(`commit ${n}`))) continue;
    orders += 1;
    expect(joinIn(order, facts), order.join(', ')).toEqual([1, 2]);
  }
  expect(orders).toBe(840);
});
