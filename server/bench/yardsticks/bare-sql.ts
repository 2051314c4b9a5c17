// Yardstick: a milestone changes and a numbered log says so, in one transaction, with nothing around it. GET /?count=&atOnce=
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import pg from 'pg';

const pool = new pg.Pool({ connectionString: process.env['DATABASE_URL'], max: 4 });
await pool.query(`create table projects (id uuid primary key, room_id uuid not null, status text not null, seq bigint not null);
  create table members (room_id uuid not null, user_id uuid not null, primary key (room_id, user_id));
  create table milestones (id uuid primary key, project_id uuid not null references projects (id), title text not null,
    amount_minor bigint not null, criteria text not null, status text not null);
  create table log (room_id uuid not null, seq bigint not null, id uuid not null unique, type text not null, actor_id uuid not null,
    at timestamptz not null default now(), data json not null, primary key (room_id, seq));
  create table commands (actor_id uuid not null, command_id text not null, primary key (actor_id, command_id))`);

const projects = Array.from({ length: 8 }, () => ({
  ...{ id: randomUUID(), roomId: randomUUID(), userId: randomUUID(), milestoneId: randomUUID() },
}));
for (const { id, roomId, userId, milestoneId } of projects) {
  await pool.query(`insert into projects values ($1, $2, 'draft', 0)`, [id, roomId]);
  await pool.query('insert into members values ($1, $2)', [roomId, userId]);
  await pool.query(`insert into milestones values ($1, $2, 'First draft', 120000, 'Three pages.', 'planned')`, [
    milestoneId,
    id,
  ]);
}

async function change({ id, roomId, userId, milestoneId }: (typeof projects)[number]): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('begin');
    await client.query('insert into commands values ($1, $2)', [userId, randomUUID()]);
    await client.query('select status from projects where id = $1 for update', [id]);
    await client.query('select from members where room_id = $1 and user_id = $2', [roomId, userId]);
    const amount = 100_000 + Math.floor(Math.random() * 9e7);
    const changed = await client.query('update milestones set amount_minor = $2 where id = $1 returning *', [
      milestoneId,
      amount,
    ]);
    await client.query(
      `with head as (update projects set seq = seq + 1 where id = $1 returning seq)
       insert into log (room_id, seq, id, type, actor_id, data) select $2, seq, $3, 'milestone.changed', $4, $5 from head`,
      [id, roomId, randomUUID(), userId, JSON.stringify(changed.rows[0])],
    );
    await client.query('commit');
  } catch (error) {
    await client.query('rollback');
    throw error;
  } finally {
    client.release();
  }
}

async function changeMany(count: number, atOnce: number): Promise<void> {
  let next = 0;
  const keepChanging = async () => {
    for (let n = next++; n < count; n = next++)
      await change(projects[n % projects.length] as (typeof projects)[number]);
  };
  await Promise.all(Array.from({ length: atOnce }, keepChanging));
}

const http = createServer((request, response) => {
  const { searchParams } = new URL(request.url ?? '/', 'http://bench');
  changeMany(Number(searchParams.get('count')), Number(searchParams.get('atOnce'))).then(
    () => response.end(),
    (error: unknown) => response.writeHead(500).end(String(error)),
  );
});
http.listen(0, '127.0.0.1', () => {
  console.log(`Listening at http://127.0.0.1:${(http.address() as AddressInfo).port}`);
});
