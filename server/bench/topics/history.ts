// The newest and a middle page of a room, by the code that reads every page, in a short room and in a very long one.
import { newId } from '@safesend/shared/ids.ts';
import type { MikroORM } from '@mikro-orm/postgresql';
import { migrate, openDatabase } from '../../src/kernel/database.ts';
import { findSight, readPage } from '../../src/kernel/reading.ts';
import { query, type Em } from '../../src/kernel/sql.ts';
import { median, type Figure } from '../figure.ts';
import { BrokenRun } from '../process.ts';
import type { Stage } from '../stage.ts';
import { inTurns, type Topic } from './topic.ts';

const short = 1_000;
const long = { whole: 1_000_000, quick: 100_000 };
const pageSize = 50;
const readsPerTurn = 200;
const offsetReadsPerTurn = 5;
const warmUpReads = 300;

interface Room {
  readonly id: string;
  readonly userId: string;
  readonly facts: number;
  readonly orm: MikroORM;
}

export const history: Topic = {
  name: 'history',
  async measure(stage, { quick, rounds }) {
    const rooms: Room[] = [];
    try {
      for (const facts of [short, quick ? long.quick : long.whole]) rooms.push(await fillRoom(stage, facts));
      const [small, large] = rooms as [Room, Room];
      for (const room of rooms) await timeReads(room, 'newest', warmUpReads);
      const results = await inTurns(rounds, {
        newestShort: () => timeReads(small, 'newest', readsPerTurn),
        newestLong: () => timeReads(large, 'newest', readsPerTurn),
        middleShort: () => timeReads(small, 'middle', readsPerTurn),
        middleLong: () => timeReads(large, 'middle', readsPerTurn),
        offsetShort: () => timeOffset(small),
        offsetLong: () => timeOffset(large),
      });
      return figuresOf(results, large.facts);
    } finally {
      for (const { orm } of rooms) await orm.close();
    }
  },
};

/** A room as the product would have left it, in a database of its own; only the hashes are not those of its facts. */
async function fillRoom(stage: Stage, facts: number): Promise<Room> {
  const databaseUrl = await stage.createDatabase('history');
  await migrate(databaseUrl);
  const [id, userId] = [newId(), newId()];
  await stage.sql(
    databaseUrl,
    `insert into rooms (id, kind, title, created_at) values ($1, 'project', 'Long', now())`,
    [id],
  );
  await stage.sql(
    databaseUrl,
    `with made as materialized (
       select seq, gen_random_uuid() as id, encode(sha256(('digest ' || seq)::bytea), 'hex') as digest,
         encode(sha256((seq - 1)::text::bytea), 'hex') as prev_hash, encode(sha256(seq::text::bytea), 'hex') as hash
       from generate_series(1, $3::bigint) as seq
     ), facts_made as (
       insert into facts (room_id, seq, id, type, actor_id, at, subject_id, counts_unread, digest, prev_hash, hash)
       select $1, seq, id, 'message.posted', $2, now(), id, true, digest, prev_hash, hash from made order by seq
     )
     insert into fact_payloads (room_id, seq, salt, data)
     select $1, seq, left(digest, 32), json_build_object('id', id, 'authorId', $2::uuid, 'body', repeat('word ', 10 + (seq % 20)::int),
       'replyTo', null, 'files', '[]'::json, 'mentions', '[]'::json, 'reactions', '[]'::json,
       'createdAt', now(), 'editedAt', null, 'deletedAt', null) from made order by seq`,
    [id, userId, facts],
  );
  await stage.sql(
    databaseUrl,
    `insert into room_heads (room_id, seq, hash) select $1, seq, hash from facts order by seq desc limit 1`,
    [id],
  );
  await stage.sql(
    databaseUrl,
    `insert into memberships (room_id, user_id, role, from_seq, joined_seq) values ($1, $2, 'client', 1, 1)`,
    [id, userId],
  );
  for (const table of ['facts', 'fact_payloads', 'memberships', 'room_heads']) {
    await stage.sql(databaseUrl, `vacuum (analyze) ${table}`);
  }
  return { id, userId, facts, orm: await openDatabase(databaseUrl, [], 1) };
}

/** Milliseconds of one page, the median of many; the middle is another place each time. */
async function timeReads({ id, userId, facts, orm }: Room, where: 'newest' | 'middle', reads: number): Promise<number> {
  const times: number[] = [];
  for (let read = 0; read < reads; read++) {
    const em = orm.em.fork() as Em;
    const before = where === 'newest' ? facts + 1 : Math.floor(facts * (0.4 + 0.2 * (((read * 61) % 100) / 100)));
    const begun = performance.now();
    const { events } = await readPage(em, await findSight(em, id, userId), { before, limit: pageSize });
    times.push(performance.now() - begun);
    if (events.length !== pageSize || events.at(-1)?.seq !== before - 1) throw new BrokenRun('a page is not whole');
  }
  return median(times);
}

/** The yardstick: the middle page as most people would write it. */
async function timeOffset({ id, facts, orm }: Room): Promise<number> {
  const times: number[] = [];
  for (let read = 0; read < offsetReadsPerTurn; read++) {
    const begun = performance.now();
    await query(
      orm.em.fork() as Em,
      `select f.*, p.data from facts f join fact_payloads p using (room_id, seq) where f.room_id = $1
       order by f.at desc, f.seq desc limit ${pageSize} offset $2`,
      [id, Math.floor(facts / 2)],
    );
    times.push(performance.now() - begun);
  }
  return median(times);
}

type Reading = 'newestShort' | 'newestLong' | 'middleShort' | 'middleLong' | 'offsetShort' | 'offsetLong';

function figuresOf(results: Record<Reading, number[]>, facts: number): Figure[] {
  const at = (reading: Reading) => median(results[reading]);
  const length = facts.toLocaleString('en');
  const yardstick = (value: number) => ({ name: `the same at ${short.toLocaleString('en')}`, value });
  const flat = { unit: 'milliseconds', goal: { atMost: 1.3 } } as const;
  return [
    {
      ...{ id: 'history.newest', what: `newest ${pageSize} of a room of ${length} facts`, ...flat },
      ...{ product: at('newestLong'), yardstick: yardstick(at('newestShort')) },
    },
    {
      ...{ id: 'history.middle', what: `middle ${pageSize} of a room of ${length} facts`, ...flat },
      ...{ product: at('middleLong'), yardstick: yardstick(at('middleShort')) },
    },
    {
      ...{ id: 'history.offset', what: `– middle ${pageSize} against OFFSET`, unit: 'milliseconds', goal: null },
      ...{ product: at('middleLong'), yardstick: { name: `OFFSET, ${length} facts`, value: at('offsetLong') } },
    },
  ];
}
