// Yardstick: a release of held money as two bare transactions, decided and then written down, each balanced in a ledger and
// said in a numbered log, with nothing around it and nobody asked to move the money. GET /?count=&atOnce=
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import pg from 'pg';

const pool = new pg.Pool({ connectionString: process.env['DATABASE_URL'], max: 16 });
await pool.query(`create table holds (id uuid primary key, room_id uuid not null, held bigint not null check (held >= 0),
    releasing bigint not null default 0, released bigint not null default 0, seq bigint not null default 0);
  create table operations (id uuid primary key, hold_id uuid not null references holds (id), amount bigint not null,
    state text not null, key text not null unique);
  create table log (room_id uuid not null, seq bigint not null, id uuid not null unique, type text not null,
    at timestamptz not null default now(), data json not null, primary key (room_id, seq));
  create table transactions (id uuid primary key, kind text not null, fact_id uuid not null unique);
  create table entries (transaction_id uuid not null references transactions (id), account text not null,
    amount bigint not null, primary key (transaction_id, account));
  create table commands (actor_id uuid not null, command_id text not null, primary key (actor_id, command_id))`);

const holds = Array.from({ length: 32 }, () => ({ id: randomUUID(), roomId: randomUUID(), clientId: randomUUID() }));
for (const { id, roomId } of holds) {
  await pool.query('insert into holds (id, room_id, held) values ($1, $2, 1000000000)', [id, roomId]);
}
type Hold = (typeof holds)[number];
type Entries = readonly (readonly [account: string, amount: number])[];

async function transact(work: (client: pg.PoolClient) => Promise<void>): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('begin');
    await work(client);
    await client.query('commit');
  } catch (error) {
    await client.query('rollback');
    throw error;
  } finally {
    client.release();
  }
}

async function say(client: pg.PoolClient, { id, roomId }: Hold, type: string, entries: Entries): Promise<void> {
  const factId = randomUUID();
  await client.query(
    `with head as (update holds set seq = seq + 1 where id = $1 returning *)
     insert into log (room_id, seq, id, type, data) select $2, seq, $3, $4, to_json(head) from head`,
    [id, roomId, factId, type],
  );
  await client.query(
    `with headed as (insert into transactions values ($1, $2, $3))
     insert into entries select $1, * from unnest($4::text[], $5::bigint[])`,
    [randomUUID(), type, factId, entries.map(([account]) => account), entries.map(([, amount]) => amount)],
  );
}

async function release(hold: Hold): Promise<void> {
  const operation = randomUUID();
  await transact(async (client) => {
    await client.query('insert into commands values ($1, $2)', [hold.clientId, randomUUID()]);
    await client.query('select held from holds where id = $1 for update', [hold.id]);
    await client.query('update holds set held = held - 1000, releasing = releasing + 1000 where id = $1', [hold.id]);
    await client.query(`insert into operations values ($1, $2, 900, 'queued', $3)`, [operation, hold.id, randomUUID()]);
    await say(client, hold, 'releasing', [
      [hold.id, 1_000],
      ['clearing', -900],
      ['fee', -100],
    ]);
  });
  await transact(async (client) => {
    await client.query('select held from holds where id = $1 for update', [hold.id]);
    await client.query(`update operations set state = 'succeeded' where id = $1 and state = 'queued'`, [operation]);
    await client.query('update holds set releasing = releasing - 1000, released = released + 1000 where id = $1', [
      hold.id,
    ]);
    await say(client, hold, 'released', [
      ['clearing', 900],
      ['bank', -900],
    ]);
  });
}

async function releaseMany(count: number, atOnce: number): Promise<void> {
  let next = 0;
  const keepReleasing = async () => {
    for (let n = next++; n < count; n = next++) await release(holds[n % holds.length] as Hold);
  };
  await Promise.all(Array.from({ length: atOnce }, keepReleasing));
}

const http = createServer((request, response) => {
  const { searchParams } = new URL(request.url ?? '/', 'http://bench');
  releaseMany(Number(searchParams.get('count')), Number(searchParams.get('atOnce'))).then(
    () => response.end(),
    (error: unknown) => response.writeHead(500).end(String(error)),
  );
});
http.listen(0, '127.0.0.1', () => {
  console.log(`Listening at http://127.0.0.1:${(http.address() as AddressInfo).port}`);
});
