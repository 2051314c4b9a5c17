import { newId } from '@safesend/shared/ids.ts';
import * as projects from '@safesend/shared/projects/calls.ts';
import * as rooms from '@safesend/shared/rooms/calls.ts';
import type { LoggedEvent } from '@safesend/shared/rooms/event.ts';
import { countsAsUnread } from '@safesend/shared/rooms/unread.ts';
import { expect, test } from 'vitest';
import { seeded } from '../../scripts/seeded.ts';
import { projectOf, signUp, startTwoApps, type Person, type TestSocket } from './harness.ts';
import { patience, trials } from './tier.ts';

/** Everything the log holds, and the rule once more: what others said behind my mark and did not take back. */
async function recount(me: Person, roomId: string, mark: number): Promise<number> {
  const events: LoggedEvent[] = [];
  for (let more = true; more;) {
    const query = { after: events.at(-1)?.seq ?? mark, limit: 500 };
    const page = await me.must(rooms.listEvents, { params: { roomId }, query });
    events.push(...page.events);
    more = page.more;
  }
  return events.filter(({ type, actorId, redacted }) => countsAsUnread(type) && actorId !== me.id && !redacted).length;
}

interface Device {
  readonly there: Person;
  socket: TestSocket | null;
  /** How far it was told that I have read. */
  told: number;
}

test(
  'X13 whatever three devices and another person do, on and off line, the badge of each is the recount',
  { timeout: patience(120_000) },
  async () => {
    const seed = Number(process.env['FAULTS_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
    const chance = seeded(seed);
    const pick = <Item>(items: readonly Item[]) => items[Math.floor(chance() * items.length)]!;
    const apps = await startTwoApps();
    const [me, other] = await Promise.all([signUp(apps[0], 'freelancer'), signUp(apps[0])]);
    const { id: projectId, roomId } = await projectOf(other, me);
    const params = { roomId };
    const devices: Device[] = [0, 1, 0].map((n) => ({ there: me.at(apps[n]!.url), socket: null, told: 0 }));
    const join = async (device: Device) => {
      const socket = (device.socket = await device.there.socket());
      socket.on('room.reads', ({ userId, seq }) => void (userId === me.id && (device.told = seq)));
      await socket.emitWithAck('room.join', { roomId, after: -1 });
    };
    for (const device of devices) await join(device);
    let { headSeq: head } = await me.must(rooms.getRoom, { params });
    let mark = (await me.must(rooms.listRooms)).items.find(({ id }) => id === roomId)?.readSeq ?? 0;
    const said: string[] = [];
    const planned: string[] = [];
    const post = async (person: Person) => {
      const { event } = await person.must(rooms.postMessage, { params, body: { commandId: newId(), body: newId() } });
      head = event.seq;
      if (event.type === 'message.posted' && person.id === other.id) said.push(event.data.id);
      if (person.id === me.id) mark = Math.max(mark, event.seq);
    };
    const deeds: (() => Promise<unknown>)[] = [
      () => post(other),
      () => post(other),
      () => post(pick(devices).there),
      async () => {
        const body = { title: newId(), amountMinor: 1_000, criteria: 'It works.' };
        // A plan has an end, the changes of what is planned have none.
        if (planned.length > 20)
          return other.must(projects.changeMilestone, { params: { milestoneId: pick(planned) }, body });
        const { milestone } = await other.must(projects.planMilestone, { params: { projectId }, body });
        return planned.push(milestone.id);
      },
      async () => {
        const [messageId] = said.splice(Math.floor(chance() * said.length), 1);
        if (messageId) await other.must(rooms.deleteMessage, { params: { roomId, messageId } });
      },
      async () => {
        if (said.length > 0)
          await other.must(rooms.editMessage, { params: { roomId, messageId: pick(said) }, body: { body: newId() } });
      },
      async () => {
        // Over HTTP forward or back, as "mark as unread" does.
        mark = Math.floor(chance() * head);
        await pick(devices).there.must(rooms.markRead, { params, body: { seq: mark } });
      },
      async () => {
        // On the link only forward: a device that lags must not unread what another has read.
        const seq = Math.floor(chance() * (head + 1));
        const device = devices.find(({ socket }) => socket);
        if (!device?.socket) return;
        await device.socket.emitWithAck('room.markRead', { roomId, seq });
        mark = Math.max(mark, seq);
      },
      async () => {
        const device = pick(devices);
        if (!device.socket) return join(device);
        device.socket.disconnect();
        device.socket = null;
      },
    ];
    const badge = async ({ there }: Device) =>
      (await there.must(rooms.listRooms)).items.find(({ id }) => id === roomId)?.unread;
    try {
      for (let n = 0; n < trials(10_000); n++) {
        await pick(deeds)();
        expect(await badge(pick(devices)), `seed ${seed}, after ${n + 1}`).toBe(await recount(me, roomId, mark));
      }
      await me.must(rooms.markRead, { params, body: { seq: 0 } });
      const { headSeq } = await me.must(rooms.getRoom, { params });
      await devices[0]!.there.must(rooms.markRead, { params, body: { seq: headSeq } });
      expect(await Promise.all(devices.map(badge))).toEqual([0, 0, 0]);
      await expect
        .poll(() => devices.filter(({ socket, told }) => socket && told !== headSeq).length, { timeout: 5_000 })
        .toBe(0);
    } finally {
      for (const { socket } of devices) socket?.disconnect();
      for (const app of apps) await app.close();
    }
  },
);
