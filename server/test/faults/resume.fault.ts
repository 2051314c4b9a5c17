import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'vitest';
import { tier, trials } from '../tier.ts';
import type { Room } from './bench.ts';
import { faultTest } from './fault-test.ts';
import { Refusal } from './link.ts';
import type { LiveClient } from './live-client.ts';
import { p99Of } from './stream.ts';

faultTest(
  'T-F16 G4 everybody is cut off at once: all are in sync again within 30 s, and not all in the same second',
  { without: 'client:jitter', timeout: 120_000 },
  async (bench) => {
    const people = await bench.folk(6);
    const [owner, ...others] = people;
    if (!owner) throw new Error('nobody came');
    const rooms: Room[] = [];
    for (let n = 0; n < (tier === 'long' ? 10 : 3); n++) rooms.push(await bench.room(owner, ...others));
    const clients: LiveClient[] = [];
    for (let n = 0; n < trials(2_000); n++) {
      const client = await bench.client(people[n % people.length] ?? owner);
      clients.push(client);
      await Promise.all(rooms.map(({ id }) => client.follow(id)));
    }
    bench.front.cutAll();
    const cutAt = performance.now();
    await expect.poll(() => clients.filter(({ disconnects }) => disconnects === 0).length).toBe(0);
    for (const room of rooms) await bench.post(owner.at(bench.node(0).url), room);
    await expect.poll(() => clients.filter(({ isUp }) => !isUp).length, { timeout: 30_000 }).toBe(0);
    const early = clients.filter(({ connectedAt }) => connectedAt - cutAt < 1_000).length / clients.length;
    bench.note('sockets', clients.length);
    bench.note('back in the first second %', early * 100);
    bench.note('all back after ms', Math.max(...clients.map(({ connectedAt }) => connectedAt)) - cutAt);
    bench.note('handshake p99 ms', p99Of(clients.map(({ handshakeMs }) => handshakeMs)));
    expect(early).toBeLessThan(0.35);
    const [row] = await bench.sql<{ count: number }>(
      'select count(*)::int as count from pg_stat_activity where datname = current_database()',
    );
    expect(row?.count).toBeLessThanOrEqual(bench.nodes.length * 24 + 4);
  },
);

faultTest(
  'X23 T-F17 G4 G5 ten thousand facts later a client resumes where it stopped, page by page',
  { without: 'client:catch-up', timeout: 90_000 },
  async (bench) => {
    const [owner, member] = await bench.folk(2);
    if (!owner || !member) throw new Error('nobody came');
    const room = await bench.room(owner, member);
    const client = await bench.follower(member, room, { node: bench.node(1) });
    client.away();
    const missed = trials(10_000);
    const author = owner.at(bench.node(0).url);
    for (let done = 0; done < missed; done += 100) {
      await Promise.all(Array.from({ length: Math.min(100, missed - done) }, () => bench.post(author, room)));
    }
    const before = await bench.node(1).measure('process_resident_memory_bytes');
    const view = client.views.get(room.id);
    const backAt = performance.now();
    client.back();
    await expect.poll(() => view?.applied.length, { timeout: 10_000 }).toBe(missed);
    bench.note('facts', missed);
    bench.note('resumed in ms', performance.now() - backAt);
    const grown = (await bench.node(1).measure('process_resident_memory_bytes')) - before;
    bench.note('server grew MB', grown / 2 ** 20);
    expect(grown).toBeLessThan(50 * 2 ** 20);
    expect(view?.longestPage).toBeLessThanOrEqual(500);
    expect(view?.resets).toBe(0);
  },
);

faultTest(
  'T-F18 G4 a position that cannot be continued from is a reset or an error, never a silent part of the truth',
  { without: 'position-check', nodes: 1 },
  async (bench) => {
    const [owner, late] = await bench.folk(2);
    if (!owner || !late) throw new Error('nobody came');
    const [room, longer] = [await bench.room(owner), await bench.room(owner)];
    for (let n = 0; n < 20; n++) await bench.post(owner, longer);
    for (let n = 0; n < 5; n++) await bench.post(owner, room);
    await bench.join(room, late, 'join');
    const client = await bench.client(late);
    const { headSeq, state } = await client.follow(room.id);
    const otherHead = 21;
    const positions: unknown[] = [headSeq + 1, otherHead, -2, 1.5, '1', null, {}, 2 ** 53, 3];
    for (const after of positions) {
      for (const name of ['room.join', 'room.catchUp'] as const) {
        const answer = await client.ask(name, { roomId: room.id, after: after as number }).catch((it: unknown) => it);
        expect(answer, `${name} after ${JSON.stringify(after)}`).toBeInstanceOf(Refusal);
        expect((answer as Refusal).code).toMatch(/^(reset|invalid|malformed)$/);
      }
    }
    const old = await client
      .ask('room.catchUp', { roomId: room.id, after: headSeq, epoch: 'another' })
      .catch((it: unknown) => it);
    expect(old).toMatchObject({ code: 'reset' });
    expect(state.firstSeq).toBeGreaterThan(5);
  },
);

faultTest(
  'T-F19 G4 a commit between a joining socket’s seat and its first page, or behind it, is seen exactly once',
  { without: 'late-read' },
  async (bench) => {
    const [owner, member] = await bench.folk(2);
    if (!owner || !member) throw new Error('nobody came');
    const room = await bench.room(owner, member);
    const node = bench.node(0);
    await node.arm('pause:seated:100,pause:paged:100');
    for (let trial = 0; trial < trials(200); trial++) {
      const client = await bench.client(member, { node });
      const bodies = [bench.text(), bench.text()];
      const following = client.follow(room.id);
      for (const body of bodies) {
        await pause(bench.chance.between(20, 110));
        await bench.post(owner.at(bench.chance.pick(bench.nodes).url), room, body);
      }
      const view = await following;
      const isSeen = (body: string) => view.state.messages.some((it) => it.body === body);
      await expect.poll(() => bodies.every(isSeen), { timeout: 5_000 }).toBe(true);
      expect(view.breaks).toEqual([]);
      client.close();
      bench.clients.splice(bench.clients.indexOf(client), 1);
    }
    bench.note('trials', trials(200));
  },
);
