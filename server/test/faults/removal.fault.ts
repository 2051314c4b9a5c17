import { newId } from '@safesend/shared/ids.ts';
import * as rooms from '@safesend/shared/rooms/calls.ts';
import { expect } from 'vitest';
import { connect, connected, joinProject } from '../harness.ts';
import { trials } from '../tier.ts';
import { faultTest } from './fault-test.ts';

faultTest(
  'T-A4 G7 removed on this server or the other, with Redis or without: nothing sent from that moment on arrives',
  { without: 'recipients' },
  async (bench) => {
    for (const redis of ['up', 'down'] as const) {
      for (const wire of bench.redisWires) wire.set(redis === 'up' ? 'pass' : 'cut');
      for (const node of bench.nodes) {
        const [owner, member] = await bench.folk(2);
        if (!owner || !member) throw new Error('nobody came');
        const room = await bench.room(owner, member);
        const listener = await bench.follower(member, room, { node });
        const view = listener.views.get(room.id);
        const desk = owner.at(bench.node(0).url);
        await bench.post(desk, room);
        await expect.poll(() => view?.applied.length, { timeout: 5_000 }).toBe(1);
        const params = { roomId: room.id, userId: member.id };
        const removal = desk.must(rooms.removeMember, { params });
        const posts = Array.from({ length: trials(1_000) }, () => bench.post(desk, room));
        await removal;
        const removedAt = performance.now();
        await expect.poll(() => view?.closed, { timeout: 2_000, interval: 20 }).toBe('removed');
        bench.note(`notice, Redis ${redis}, server ${bench.nodes.indexOf(node)}, ms`, performance.now() - removedAt);
        await Promise.all(posts);
        // A last word to everybody who still hears: whoever was to hear the rest has heard it by now.
        await bench.post(desk, room);
      }
    }
  },
);

faultTest(
  'T-A4 G7 a removal that is told late takes no seat from somebody who was let in again meanwhile',
  { without: 'late-removal' },
  async (bench) => {
    const [owner, member] = await bench.folk(2);
    if (!owner || !member) throw new Error('nobody came');
    const room = await bench.room(owner, member);
    const desk = owner.at(bench.node(0).url);
    const listener = await bench.follower(member, room, { node: bench.node(1) });
    await bench.post(desk, room);
    await expect.poll(() => listener.views.get(room.id)?.applied.length).toBe(1);
    // Longer than a command may take, shorter than a connection is given up after.
    bench.redisWires[1]?.set('black hole');
    await desk.must(rooms.removeMember, { params: { roomId: room.id, userId: member.id } });
    await expect.poll(() => listener.views.get(room.id)?.closed, { timeout: 5_000, interval: 20 }).toBe('removed');
    await bench.join(room, member);
    const view = await listener.follow(room.id);
    await bench.post(desk, room);
    await expect.poll(() => view.applied.length, { timeout: 5_000 }).toBe(1);
    bench.redisWires[1]?.set('pass');
    await bench.post(desk, room);
    await expect.poll(() => view.applied.length, { timeout: 5_000 }).toBe(2);
    expect(view.closed).toBe(null);
  },
);

faultTest(
  'T-A5 G7 removed while away: no cursor, no id and no recovery opens the room again',
  { without: 'sight' },
  async (bench) => {
    const [owner, member] = await bench.folk(2);
    if (!owner || !member) throw new Error('nobody came');
    const room = await bench.room(owner, member);
    const client = await bench.follower(member, room);
    await bench.post(owner, room);
    const view = client.views.get(room.id);
    await expect.poll(() => view?.applied.length).toBe(1);
    client.away();
    await owner.must(rooms.removeMember, { params: { roomId: room.id, userId: member.id } });
    for (let n = 0; n < 10; n++) await bench.post(owner, room);
    client.back();
    await expect.poll(() => view?.closed).not.toBe(null);
    const after = view?.headSeq ?? 0;
    for (const name of ['room.join', 'room.catchUp'] as const) {
      for (const position of [0, after, after + 1]) {
        const asking = client.ask(name, { roomId: room.id, after: position });
        await expect(asking).rejects.toMatchObject({ code: 'missing' });
      }
    }
    await expect(
      client.ask('message.post', { roomId: room.id, commandId: newId(), body: bench.text() }),
    ).rejects.toMatchObject({
      code: 'missing',
    });
    const params = { roomId: room.id };
    expect((await member.call(rooms.listEvents, { params, query: { after: 0 } })).status).toBe(404);
    expect((await member.call(rooms.getRoom, { params })).status).toBe(404);
    const recovery = { pid: newId(), offset: newId() };
    const revived = connect(bench.origin, { cookie: member.cookie, origin: bench.origin }, recovery);
    const heard: string[] = [];
    revived.on('room.events', ({ roomId }) => void heard.push(roomId));
    await connected(revived);
    expect(revived.recovered).not.toBe(true);
    await bench.post(owner, room);
    await client.ask('presence.set', { status: 'online' });
    expect(heard).toEqual([]);
    revived.disconnect();
  },
);

faultTest(
  'T-A19 G7 a removal races with what the removed person sends: nothing of his lands behind it',
  { without: 'membership-under-lock' },
  async (bench) => {
    const [owner, member] = await bench.folk(2);
    if (!owner || !member) throw new Error('nobody came');
    const room = await bench.room(owner);
    let late = 0;
    let stored = 0;
    for (let trial = 0; trial < trials(200); trial++) {
      await joinProject(owner, member, room.projectId);
      const send = (n: number) =>
        member.at(bench.node(n % 2).url).call(rooms.postMessage, {
          params: { roomId: room.id },
          body: { commandId: newId(), body: bench.text() },
        });
      const params = { roomId: room.id, userId: member.id };
      const waves = Array.from({ length: 24 }, (_, n) => send(n));
      const removal = owner.at(bench.node(trial % 2).url).must(rooms.removeMember, { params });
      const answers = await Promise.all([...waves, ...Array.from({ length: 8 }, (_, n) => send(n))]);
      await removal;
      expect(answers.filter(({ status }) => status !== 201 && status !== 404)).toEqual([]);
      stored += answers.filter(({ status }) => status === 201).length;
      const [row] = await bench.sql<{ late: number }>(
        `select count(*)::int as late from facts where room_id = $1 and actor_id = $2 and type = 'message.posted'
         and seq > (select max(until_seq) from memberships where room_id = $1 and user_id = $2)`,
        [room.id, member.id],
      );
      late += row?.late ?? 0;
    }
    bench.note('trials', trials(200));
    bench.note('sent in time', stored);
    expect(late, 'behind the removal').toBe(0);
  },
);
