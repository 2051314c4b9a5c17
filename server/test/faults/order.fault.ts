import { newId } from '@safesend/shared/ids.ts';
import { planMilestone } from '@safesend/shared/projects/calls.ts';
import { maxMilestones } from '@safesend/shared/projects/project.ts';
import * as rooms from '@safesend/shared/rooms/calls.ts';
import { expect } from 'vitest';
import { patience, tier, trials } from '../tier.ts';
import { faultTest } from './fault-test.ts';
import { converse, insist, letIn } from './folk.ts';
import { losing } from './frames.ts';
import { logHash } from './order.ts';
import { crowd } from './stream.ts';

faultTest(
  'T-F14 G2 one command id sent a hundred times over two servers at once is one message and one answer',
  { without: 'command-ids' },
  async (bench) => {
    const [owner] = await bench.folk(1);
    if (!owner) throw new Error('nobody came');
    const room = await bench.room(owner);
    for (let trial = 0; trial < trials(20); trial++) {
      const body = { commandId: newId(), body: bench.text() };
      const answers = await Promise.all(
        Array.from({ length: 100 }, (_, n) =>
          owner.at(bench.node(n % 2).url).call(rooms.postMessage, { params: { roomId: room.id }, body }),
        ),
      );
      expect(answers.map(({ status }) => status)).toEqual(Array(100).fill(201));
      expect(new Set(answers.map((it) => it.body.event.seq)).size).toBe(1);
    }
  },
);

faultTest(
  'T-F15 G2 half of what the server says is lost on the way: every message once, and in every view',
  { without: 'command-ids', timeout: 90_000 },
  async (bench) => {
    let share = 0;
    bench.front.sieve = losing(() => share, bench.chance.next);
    const [owner, member] = await bench.folk(2);
    if (!owner || !member) throw new Error('nobody came');
    const room = await bench.room(owner, member);
    const sender = await bench.follower(owner, room, { answerTimeoutMs: 400 });
    await bench.follower(member, room, { answerTimeoutMs: 400 });
    share = 0.5;
    const sent = trials(1_000);
    for (let done = 0; done < sent; done += 10) {
      await Promise.all(Array.from({ length: Math.min(10, sent - done) }, () => sender.post(room.id, bench.text())));
    }
    share = 0;
    // What a lossless line says next shows everybody what he missed.
    await bench.post(owner, room);
    const { events } = await owner.must(rooms.listEvents, {
      params: { roomId: room.id },
      query: { after: 0, limit: 500 },
    });
    const posted = events.filter(({ type }) => type === 'message.posted').length;
    if (sent < 400) expect(posted).toBe(sent + 1);
    bench.note('sent', sent);
    bench.note(
      'attempts',
      sender.acks.reduce((sum, { attempts }) => sum + attempts, 0),
    );
  },
);

faultTest(
  'T-F20 T-F21 G3 three servers take messages for one room: one order for all, and a cursor misses nothing',
  { without: 'room-lock', nodes: 3 },
  async (bench) => {
    const people = await crowd(bench, 1);
    const [room] = people.rooms;
    if (!room) throw new Error('no room');
    let isWriting = true;
    const each = trials(1_000) / 8;
    const write = async (writer: number) => {
      const author = bench.chance.pick(room.members).at(bench.node(writer % 3).url);
      for (let n = 0; n < each; n++) await bench.post(author, room);
    };
    const writers = Promise.all(
      Array.from({ length: 8 }, (_, n) =>
        write(n).then(
          () => null,
          (error: Error) => error,
        ),
      ),
    );
    void writers.finally(() => (isWriting = false));
    const seen: number[] = [];
    for (let isLast = false; !isLast;) {
      isLast = !isWriting;
      const query = { after: seen.at(-1) ?? 0, limit: 500 };
      const { events } = await room.owner.must(rooms.listEvents, { params: { roomId: room.id }, query });
      seen.push(...events.map(({ seq }) => seq));
    }
    expect((await writers).filter((it) => it !== null)).toEqual([]);
    expect(seen).toEqual(seen.map((_, at) => at + 1));
    const orders = () =>
      new Set(
        people.seats.map(({ client }) =>
          client.views
            .get(room.id)
            ?.applied.map(({ id }) => id)
            .join(),
        ),
      ).size;
    await expect.poll(orders, { timeout: 10_000 }).toBe(1);
    bench.note('facts', seen.length);
  },
);

/** A hundred thousand facts where time does not count: of what is asked for, some changes nothing. */
const mixed = tier === 'long' ? 105_000 : trials(4_000);

faultTest(
  'X1 sixty-four writers on three servers with facts of every kind: numbers 1 to N, and one order for every subscriber',
  { without: 'room-lock', nodes: 3, timeout: 90_000 },
  async (bench) => {
    const folk = await bench.folk(4);
    const crew = await bench.folk(trials(100));
    const [owner, ...others] = folk;
    if (!owner) throw new Error('nobody came');
    const room = await bench.room(owner, ...others, ...crew);
    const clients = await Promise.all(
      bench.nodes.flatMap((node) => folk.map((person) => bench.follower(person, room, { node }))),
    );
    const [view] = clients.flatMap((client) => [...client.views.values()]);
    if (!view) throw new Error('nobody listens');
    const from = view.headSeq;
    for (let n = 0; n < trials(1_000); n++) await bench.listener(crew[n % crew.length]!, view, bench.node(n % 3));
    const writers = Array.from({ length: 64 }, (_, n) =>
      converse(bench, [folk[n % folk.length]!.at(bench.node(n % 3).url)], room, Math.ceil(mixed / 64)),
    );
    const plans = async () => {
      for (let n = 0; n < Math.min(trials(200), maxMilestones); n++) {
        const body = { title: `Step ${n}`, amountMinor: 1_000, criteria: bench.text() };
        await insist(owner, planMilestone, { params: { projectId: room.projectId }, body });
      }
    };
    const guests = async () => {
      for (let n = 0; n < trials(200); n++) {
        const guest = await bench.person('freelancer');
        await letIn(room, guest);
        await insist(owner, rooms.removeMember, { params: { roomId: room.id, userId: guest.id } });
      }
    };
    const ends = await Promise.allSettled([...writers, plans(), guests()]);
    expect(ends.flatMap((end) => (end.status === 'rejected' ? [String(end.reason)] : []))).toEqual([]);
    const [log] = await bench.sql<{ count: number; last: number; types: number }>(
      `select count(*)::int as count, max(seq)::int as last, count(distinct type)::int as types
       from facts where room_id = $1`,
      [room.id],
    );
    expect(log?.count).toBe(log?.last);
    const stored = await logHash(bench, room, from);
    const heard = () =>
      new Set([
        ...clients.map((client) => client.views.get(room.id)?.hash),
        ...bench.listeners.map(({ hash }) => hash),
      ]);
    await expect.poll(() => [...heard()], { timeout: patience(15_000), interval: 500 }).toEqual([stored]);
    bench.note('facts', log?.count ?? 0);
    bench.note('kinds', log?.types ?? 0);
    bench.note('subscribers', clients.length + bench.listeners.length);
    bench.note(
      'cut and resumed',
      bench.listeners.reduce((sum, { cuts }) => sum + cuts, 0),
    );
  },
);
