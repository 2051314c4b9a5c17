import { advanceClock } from '@safesend/shared/clock.ts';
import { newId } from '@safesend/shared/ids.ts';
import * as rooms from '@safesend/shared/rooms/calls.ts';
import { expect, inject, test } from 'vitest';
import { createDatabase, projectOf, signUp, startTestApp } from './harness.ts';

const sends = 50;
const daySeconds = 24 * 3_600;

test('R08 X4 one command id sent fifty times in a day, by either door of three processes, is one fact and one answer', async () => {
  const databaseUrl = await createDatabase();
  const environment = { REDIS_URL: inject('redisUrl') };
  const first = await startTestApp({ databaseUrl, environment });
  const others = [
    startTestApp({ databaseUrl, dataDir: first.dataDir, environment }),
    startTestApp({ databaseUrl, dataDir: first.dataDir }),
  ];
  const apps = [first, ...(await Promise.all(others))];
  const person = await signUp(first);
  const { roomId } = await projectOf(person);
  const command = { roomId, commandId: newId(), body: 'Once and for all' };
  const seen = new Set<string>();
  try {
    const doors = await Promise.all(
      apps.map(async ({ url }) => ({ there: person.at(url), socket: await person.at(url).socket() })),
    );
    for (let n = 0; n < sends; n++) {
      const { there, socket } = doors[n % doors.length]!;
      if (n % 2) {
        const answer = await socket.emitWithAck('message.post', command);
        if (!answer.ok) throw new Error(answer.error.message);
        seen.add(`${answer.value.seq} ${answer.value.eventId} ${answer.value.hash}`);
      } else {
        const { commandId, body } = command;
        const { event } = await there.must(rooms.postMessage, { params: { roomId }, body: { commandId, body } });
        seen.add(`${event.seq} ${event.id} ${event.hash}`);
      }
      await person.must(advanceClock, { body: { advanceSeconds: Math.ceil(daySeconds / sends) } });
    }
    expect([...seen]).toHaveLength(1);
    const { events } = await person.must(rooms.listEvents, { params: { roomId }, query: { after: 0 } });
    expect(events.filter(({ type }) => type === 'message.posted')).toHaveLength(1);
    for (const { socket } of doors) socket.disconnect();
  } finally {
    for (const app of apps.toReversed()) await app.close();
  }
}, 120_000);
