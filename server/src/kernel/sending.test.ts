import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server } from 'socket.io';
import { io as connect } from 'socket.io-client';
import { expect, onTestFinished, test } from 'vitest';
import type { Client, Io } from './channels.ts';
import { Replies } from './sending.ts';

async function openLine() {
  const http = createServer();
  const io: Io = new Server(http);
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const arrived = new Promise<Client>((resolve) => io.on('connection', resolve));
  const socket = connect(`http://127.0.0.1:${(http.address() as AddressInfo).port}`, { transports: ['websocket'] });
  onTestFinished(async () => {
    socket.disconnect();
    await io.close();
  });
  return { socket, client: await arrived };
}

test('G6 what is answered in one turn leaves as one flush, in order', async () => {
  const { socket, client } = await openLine();
  const replies = new Replies();
  const flushes: number[] = [];
  client.conn.on('flush', (packets: readonly unknown[]) => flushes.push(packets.length));
  const asked: (() => void)[] = [];
  const all = new Promise<void>((resolve) => {
    client.on('room.leave', ({ roomId }, answer) => {
      asked.push(() => answer({ ok: false, error: { code: 'missing', message: roomId } }));
      if (asked.length === 8) resolve();
    });
  });
  const answers: string[] = [];
  const told = Array.from({ length: 8 }, async (_, at) => {
    const { error } = (await socket.emitWithAck('room.leave', { roomId: `room ${at}` })) as {
      error: { message: string };
    };
    answers.push(error.message);
  });
  await all;
  for (const answer of asked) replies.put(client, answer);
  await Promise.all(told);
  expect(answers).toEqual(Array.from({ length: 8 }, (_, at) => `room ${at}`));
  expect(flushes).toEqual([8]);
});
