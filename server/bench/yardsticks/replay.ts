// Yardstick: bare Socket.IO that hands everybody who comes back the same events from memory: a raw transfer of the bytes.
import { createHash, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server } from 'socket.io';

const http = createServer();
const io = new Server(http, { serveClient: false, perMessageDeflate: false, httpCompression: false });
const missed = 100;
const texts = [80, 120, 160, 40].map((length) =>
  `t${Date.now()}.000 ${'a message of ordinary length '.repeat(6)}`.slice(0, length),
);
const pages = new Map<string, object[]>();

/** As large as the product's: the same fields with values of the same lengths. */
function pageAfter(roomId: string, after: number): object[] {
  const key = `${roomId} ${after}`;
  const page = pages.get(key) ?? Array.from({ length: missed }, (_, at) => event(roomId, after + 1 + at));
  pages.set(key, page);
  return page;
}

function event(roomId: string, seq: number): object {
  const [id, authorId, at] = [randomUUID(), randomUUID(), new Date().toISOString()];
  const data = {
    ...{ id, authorId, body: texts[seq % texts.length], replyTo: null, files: [], mentions: [], reactions: [] },
    ...{ createdAt: at, editedAt: null, deletedAt: null },
  };
  const hash = createHash('sha256').update(id).digest('hex');
  return { roomId, seq, id: randomUUID(), type: 'message.posted', actorId: authorId, at, data, hash };
}

io.on('connection', (socket) => {
  socket.on('room.join', ({ roomId, after }: { roomId: string; after: number }, answer: (value: object) => void) => {
    void socket.join(roomId);
    const events = after < 0 ? [] : pageAfter(roomId, after);
    const headSeq = Math.max(0, after) + events.length;
    answer({ ok: true, value: { events, headSeq, epoch: '0', firstSeq: 1, more: false } });
  });
});
http.listen(0, '127.0.0.1', () => {
  console.log(`Listening at http://127.0.0.1:${(http.address() as AddressInfo).port}`);
});
