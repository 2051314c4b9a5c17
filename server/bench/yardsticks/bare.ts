// Yardstick: Socket.IO as the first page of its documentation shows it. Nothing is stored, nobody is asked who he is.
// With REDIS_URL several of them pass on each other's messages; each then numbers for itself.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdapter } from '@socket.io/redis-adapter';
import { Redis } from 'ioredis';
import { Server } from 'socket.io';

const http = createServer();
const io = new Server(http, { serveClient: false, perMessageDeflate: false, httpCompression: false });
const heads = new Map<string, number>();
const redisUrl = process.env['REDIS_URL'];
if (redisUrl !== undefined) io.adapter(createAdapter(new Redis(redisUrl), new Redis(redisUrl)));

io.on('connection', (socket) => {
  socket.on('room.join', ({ roomId }: { roomId: string }, answer: (value: object) => void) => {
    void socket.join(roomId);
    answer({ ok: true, value: { headSeq: heads.get(roomId) ?? 0 } });
  });
  socket.on('message.post', ({ roomId, body }: { roomId: string; body: string }, answer: (value: object) => void) => {
    const seq = (heads.get(roomId) ?? 0) + 1;
    heads.set(roomId, seq);
    const event = { seq, authorId: socket.id, at: new Date().toISOString(), body };
    io.to(roomId).emit('room.events', { roomId, events: [event] });
    answer({ ok: true, value: { seq } });
  });
});
http.listen(0, '127.0.0.1', () => {
  console.log(`Listening at http://127.0.0.1:${(http.address() as AddressInfo).port}`);
});
