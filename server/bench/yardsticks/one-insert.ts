// Yardstick: the durable server most people would write. One transaction per message, acknowledged and broadcast after it.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import pg from 'pg';
import { Server } from 'socket.io';

interface Message {
  readonly roomId: string;
  readonly commandId: string;
  readonly body: string;
}

const pool = new pg.Pool({ connectionString: process.env['DATABASE_URL'], max: 20 });
await pool.query('create table rooms (id uuid primary key, seq bigint not null) with (fillfactor = 50)');
await pool.query(`create table messages (room_id uuid not null, seq bigint not null, author text not null, command_id text not null unique,
  body text not null, at timestamptz not null default now(), primary key (room_id, seq))`);
const insert = `with head as (
    insert into rooms (id, seq) values ($1, 1) on conflict (id) do update set seq = rooms.seq + 1 returning seq
  ) insert into messages (room_id, seq, author, command_id, body) select $1, seq, $2, $3, $4 from head returning seq::float8 as seq, at`;

const http = createServer();
const io = new Server(http, { serveClient: false, perMessageDeflate: false, httpCompression: false });
/** A pool answers out of order; one writer at a time keeps each room's messages in theirs. */
const turns = new Map<string, Promise<void>>();

io.on('connection', (socket) => {
  socket.on('room.join', ({ roomId }: { roomId: string }, answer: (value: object) => void) => {
    void socket.join(roomId);
    const head = pool.query<{ seq: number }>('select seq::float8 as seq from rooms where id = $1', [roomId]);
    void head.then(({ rows }) => answer({ ok: true, value: { headSeq: rows[0]?.seq ?? 0 } }));
  });
  socket.on('message.post', (message: Message, answer: (value: object) => void) => {
    const turn = (turns.get(message.roomId) ?? Promise.resolve()).then(() => post(socket.id, message, answer));
    turns.set(message.roomId, turn);
  });
});

async function post(
  author: string,
  { roomId, commandId, body }: Message,
  answer: (value: object) => void,
): Promise<void> {
  const { rows } = await pool.query<{ seq: number; at: Date }>(insert, [roomId, author, commandId, body]);
  const [row] = rows;
  if (!row) throw new Error('nothing was inserted');
  const event = { seq: row.seq, authorId: author, at: row.at, body };
  io.to(roomId).emit('room.events', { roomId, events: [event] });
  answer({ ok: true, value: { seq: row.seq } });
}

http.listen(0, '127.0.0.1', () => {
  console.log(`Listening at http://127.0.0.1:${(http.address() as AddressInfo).port}`);
});
