import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newId } from '@safesend/shared/ids.ts';
import * as rooms from '@safesend/shared/rooms/calls.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDatabase, projectOf, signUp, startTestApp, type TestApp } from './harness.ts';
import { launchRedisCluster } from './redis.ts';

let folder: string;
let redis: Awaited<ReturnType<typeof launchRedisCluster>>;
let a: TestApp;
let b: TestApp;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'safesend-cluster-'));
  redis = await launchRedisCluster(folder);
  const databaseUrl = await createDatabase();
  const environment = { REDIS_URL: redis.url };
  [a, b] = await Promise.all([startTestApp({ databaseUrl, environment }), startTestApp({ databaseUrl, environment })]);
});
afterAll(async () => {
  await Promise.all([a, b].map((app) => app.close()));
  await rm(folder, { recursive: true });
});

const at = ({ port }: TestApp) => `http://127.0.0.1:${port}`;

test('F12 T-F4 over a Redis cluster two processes pass on what is said, and without it the log still reaches both', async () => {
  const [client, freelancer] = await Promise.all([signUp(a), signUp(a, 'freelancer')]);
  const { roomId } = await projectOf(client, freelancer);
  const here = await client.at(at(a)).socket();
  const there = await freelancer.at(at(b)).socket();
  const seqs: number[] = [];
  const typing: string[] = [];
  there.on('room.events', ({ events }) => void seqs.push(...events.map(({ seq }) => seq)));
  there.on('room.typing', ({ userId }) => void typing.push(userId));
  for (const socket of [here, there]) await socket.emitWithAck('room.join', { roomId, after: -1 });
  const { headSeq } = await client.must(rooms.getRoom, { params: { roomId } });
  const post = (body: string) =>
    client.at(at(a)).must(rooms.postMessage, { params: { roomId }, body: { commandId: newId(), body } });

  // Nothing but Redis carries this from one process to the other.
  await expect
    .poll(async () => {
      await here.emitWithAck('room.typing', { roomId, typing: true });
      return typing.includes(client.id);
    })
    .toBe(true);
  for (let n = 0; n < 20; n++) await post(`text ${n}`);
  await expect.poll(() => seqs).toEqual(Array.from({ length: 20 }, (_, n) => headSeq + 1 + n));

  await redis.stop();
  await post('nobody publishes this');
  await expect.poll(() => seqs.at(-1), { timeout: 60_000 }).toBe(headSeq + 21);
  for (const socket of [here, there]) socket.disconnect();
});
