import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server } from 'socket.io';
import { expect, onTestFinished, test } from 'vitest';
import { Crowd } from './crowd.ts';
import type { Seat } from './plan.ts';

type Fault = 'none' | 'lose' | 'double' | 'swap' | 'refuse';

/** A server that does one thing wrong with the third message. */
async function startServer(fault: Fault): Promise<string> {
  const http = createServer();
  const io = new Server(http);
  let head = 0;
  let held: object | null = null;
  io.on('connection', (socket) => {
    socket.on('room.join', ({ roomId }: { roomId: string }, answer: (value: object) => void) => {
      void socket.join(roomId);
      answer({ ok: true, value: { headSeq: head } });
    });
    socket.on('message.post', ({ roomId, body }: { roomId: string; body: string }, answer: (value: object) => void) => {
      const seq = ++head;
      const tell = (event: object) => io.to(roomId).emit('room.events', { roomId, events: [event] });
      if (seq === 3 && fault === 'refuse')
        return answer({ ok: false, error: { code: 'unexpected', message: 'broken' } });
      if (seq === 3 && fault === 'swap') held = { seq, body };
      else if (seq !== 3 || fault !== 'lose') tell({ seq, body });
      if (seq === 3 && fault === 'double') tell({ seq, body });
      if (seq === 4 && held) tell(held);
      answer({ ok: true, value: { seq } });
    });
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  onTestFinished(async () => void (await io.close()));
  return `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
}

async function run(fault: Fault) {
  const url = await startServer(fault);
  const seats: Seat[] = [true, true, false].map((sends) => ({ url, roomId: 'one', headers: {}, sends }));
  const crowd = new Crowd(seats, 'sequence');
  onTestFinished(() => crowd.leave());
  await crowd.join();
  const figures = await crowd.run(
    { kind: 'closed', seconds: 0.4, window: 1 },
    0,
    () => undefined,
    () => undefined,
  );
  return { crowd, figures };
}

test('a faultless run counts every message at every member', async () => {
  const { crowd, figures } = await run('none');
  expect(crowd.faults).toEqual([]);
  expect(figures.acked).toBeGreaterThan(3);
  expect(figures.deliveries).toBeGreaterThanOrEqual(figures.acked * 2);
  expect(figures.screenMs.p99).toBeGreaterThan(0);
});

test.each(['lose', 'double', 'swap', 'refuse'] as const)(
  'a server that may %s one message has no speed',
  async (fault) => {
    const { crowd } = await run(fault);
    expect(crowd.faults.length).toBeGreaterThan(0);
  },
);
