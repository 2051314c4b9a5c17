import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
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
export async function launchRedis(folder: string, port: number): Promise<{ url: string; stop(): Promise<void> }> {
  const flags = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', folder];
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
