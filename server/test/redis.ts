import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { freePort } from '../src/kernel/postgres/cluster.ts';

// Redis ends with the shell's input, which closes however this process dies.
const redisWithKeeper = 'redis-server "$@" & server=$!; cat >/dev/null; kill "$server"; wait "$server"';

/** The system's Redis on a free port, keeping nothing; or the one that `REDIS_URL` names. */
export async function startRedis(folder: string): Promise<{ url: string; stop(): Promise<void> }> {
  const given = process.env['REDIS_URL'];
  if (given) return { url: given, stop: async () => undefined };
  return launchRedis(folder, await freePort());
}

/** A Redis that keeps nothing, on this port. */
export async function launchRedis(
  folder: string,
  port: number,
  more: readonly string[] = [],
): Promise<{ url: string; stop(): Promise<void> }> {
  const flags = [
    '--port',
    String(port),
    '--bind',
    '127.0.0.1',
    '--save',
    '',
    '--appendonly',
    'no',
    '--dir',
    folder,
    ...more,
  ];
  const keeper = spawn('/bin/sh', ['-c', redisWithKeeper, 'sh', ...flags], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  await listening(port);
  return {
    url: `redis://127.0.0.1:${port}`,
    stop: async () => {
      const gone = once(keeper, 'exit');
      keeper.stdin.end();
      await gone;
    },
  };
}

/** A cluster of one node that has all slots: every call goes the ways of a cluster. */
export async function launchRedisCluster(folder: string): Promise<{ url: string; stop(): Promise<void> }> {
  const bus = await freePort();
  const node = await launchRedis(folder, await freePort(), [
    '--cluster-enabled',
    'yes',
    '--cluster-announce-ip',
    '127.0.0.1',
    '--cluster-port',
    String(bus),
  ]);
  const redis = new Redis(node.url);
  await redis.call('cluster', 'addslotsrange', 0, 16_383);
  while (!String(await redis.call('cluster', 'info')).includes('cluster_state:ok')) await pause(50);
  redis.disconnect();
  return { ...node, url: `${node.url},${node.url}` };
}

async function listening(port: number): Promise<void> {
  for (let waited = 0; waited < 10_000; waited += 50) {
    const socket = connect(port, '127.0.0.1');
    const answered = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (answered) return;
    await pause(50);
  }
  throw new Error('redis-server did not start: install it, or set REDIS_URL');
}
