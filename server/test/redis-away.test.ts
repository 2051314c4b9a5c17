import { once } from 'node:events';
import { createServer } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { Server } from 'socket.io';
import { expect, inject, test } from 'vitest';
import { createLog } from '../src/kernel/log.ts';
import { openRedis } from '../src/kernel/redis.ts';
import { TcpProxy } from './faults/tcp-proxy.ts';

test('T-F4 Redis falls silent and goes while a server stops: what the server gives back to it, unanswered, is no fault', async () => {
  const wire = await TcpProxy.open(() => [Number(new URL(inject('redisUrl')).port)]);
  const faults: unknown[] = [];
  const note = (fault: unknown) => faults.push(fault);
  process.on('unhandledRejection', note);
  const { commands, adapter, close } = openRedis(
    `redis://127.0.0.1:${wire.port}`,
    createLog({ level: 'silent', pretty: false }),
  );
  const io = new Server(createServer(), { adapter });
  // The adapter is answered by itself when it has subscribed.
  await expect.poll(() => io.of('/').adapter.serverCount()).toBe(1);
  wire.set('black hole');
  void io.close();
  const end = once(commands, 'end');
  close();
  wire.cutAll();
  await end;
  await wire.close();
  await pause(10);
  process.off('unhandledRejection', note);
  expect(faults).toEqual([]);
});
