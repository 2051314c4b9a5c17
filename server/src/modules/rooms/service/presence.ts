import { newId } from '@safesend/shared/ids.ts';
import type { PresenceStatus } from '@safesend/shared/socket.ts';
import type { MikroORM } from '@mikro-orm/postgresql';
import type { Logger } from '../../../kernel/log.ts';
import { gather } from '../../../kernel/gather.ts';
import { seatChannel, type Client, type Io } from '../../../kernel/publish.ts';
import { query, queryOne, type Em } from '../../../kernel/sql.ts';
import { productNow } from '../../../kernel/transact.ts';

const beatMs = 5_000;
/** A process that was not heard of for this long is dead, and nobody is present through it. */
const deadAfter = `interval '16 seconds'`;
/** A reload or a changed network is not an absence. */
const graceMs = 4_000;

interface Presentee {
  readonly sockets: Map<string, 'online' | 'away'>;
  written: PresenceStatus;
  timer?: NodeJS.Timeout;
}

interface HereRow {
  room_id: string;
  user_id: string;
  online: boolean;
  at: Date | string;
}

/**
 * Who is here, over tabs, devices and processes. Never in the log: an unlogged table that is read only while the
 * process that wrote it is alive.
 */
export class Presence {
  readonly #io: Io;
  readonly #orm: MikroORM;
  readonly #log: Logger;
  readonly #processId = newId();
  readonly #people = new Map<string, Presentee>();
  #beat: NodeJS.Timeout | undefined;
  /** A crowd that comes back at once asks once. */
  readonly #whoIsHere: (roomId: string) => Promise<HereRow[]>;

  constructor(io: Io, orm: MikroORM, log: Logger) {
    this.#io = io;
    this.#orm = orm;
    this.#log = log;
    this.#whoIsHere = gather(async (roomIds) => {
      const here = await findHere(orm.em.fork(), [...new Set(roomIds)]);
      return roomIds.map((roomId) => ({ value: here.get(roomId) ?? [] }));
    });
  }

  async start(): Promise<void> {
    await this.#heartbeat();
    this.#beat = setInterval(() => void this.#heartbeat(), beatMs);
  }

  async stop(): Promise<void> {
    clearInterval(this.#beat);
    for (const { timer } of this.#people.values()) clearTimeout(timer);
    await this.#quietly(async (em) => {
      await query(em, 'delete from presence where process_id = $1', [this.#processId]);
      await query(em, 'delete from processes where id = $1', [this.#processId]);
    });
  }

  connected(client: Client): void {
    this.set(client, 'online');
  }

  set(client: Client, status: 'online' | 'away'): void {
    const { userId } = client.data.identity;
    const person: Presentee = this.#people.get(userId) ?? { sockets: new Map(), written: 'offline' };
    this.#people.set(userId, person);
    person.sockets.set(client.id, status);
    clearTimeout(person.timer);
    void this.#write(userId, person);
  }

  disconnected(client: Client): void {
    const { userId } = client.data.identity;
    const person = this.#people.get(userId);
    if (!person) return;
    person.sockets.delete(client.id);
    clearTimeout(person.timer);
    person.timer = setTimeout(() => void this.#write(userId, person), graceMs);
    person.timer.unref();
  }

  /** Tells a socket that just joined who of the room is here. */
  async tell(client: Client, roomId: string): Promise<void> {
    for (const { user_id: userId, online, at } of await this.#whoIsHere(roomId)) {
      const status = online ? 'online' : 'away';
      client.emit('room.presence', { roomId, userId, status, at: new Date(at).toISOString() });
    }
  }

  async #write(userId: string, person: Presentee): Promise<void> {
    const status = here(person);
    if (status === person.written) return;
    person.written = status;
    if (status === 'offline') this.#people.delete(userId);
    await this.#quietly(async (em) => {
      await (status === 'offline'
        ? query(em, 'delete from presence where user_id = $1 and process_id = $2', [userId, this.#processId])
        : query(
            em,
            `insert into presence (process_id, user_id, status) values ($1, $2, $3)
             on conflict (user_id, process_id) do update set status = excluded.status`,
            [this.#processId, userId, status],
          ));
      await this.#announce(em, userId);
    });
  }

  async #announce(em: Em, userId: string): Promise<void> {
    const row = await queryOne<{ online: boolean | null }>(
      em,
      `select bool_or(p.status = 'online') as online from presence p
       join processes x on x.id = p.process_id and x.seen_at > now() - ${deadAfter} where p.user_id = $1`,
      [userId],
    );
    const status = row?.online === null || row === null ? 'offline' : row.online ? 'online' : 'away';
    const seats = await query<{ room_id: string; user_ids: string[] }>(
      em,
      `select m.room_id, array_agg(others.user_id::text) as user_ids
       from memberships m join rooms r on r.id = m.room_id and r.kind <> 'inbox'
         join memberships others on others.room_id = m.room_id and others.until_seq is null
       where m.user_id = $1 and m.until_seq is null group by m.room_id`,
      [userId],
    );
    const at = (await productNow(em)).toISOString();
    for (const { room_id: roomId, user_ids } of seats) {
      this.#io.to(user_ids.map((it) => seatChannel(roomId, it))).emit('room.presence', { roomId, userId, status, at });
    }
  }

  async #heartbeat(): Promise<void> {
    await this.#quietly(async (em) => {
      await query(
        em,
        'insert into processes (id, seen_at) values ($1, now()) on conflict (id) do update set seen_at = now()',
        [this.#processId],
      );
      const left = await query<{ user_id: string }>(
        em,
        `with dead as (delete from processes where seen_at <= now() - ${deadAfter} returning id)
         delete from presence where process_id in (select id from dead) returning user_id`,
      );
      for (const { user_id } of left) await this.#announce(em, user_id);
    });
  }

  async #quietly(work: (em: Em) => Promise<void>): Promise<void> {
    try {
      await work(this.#orm.em.fork());
    } catch (error) {
      this.#log.debug({ err: error }, 'presence could not be written');
    }
  }
}

async function findHere(em: Em, roomIds: readonly string[]): Promise<Map<string, HereRow[]>> {
  const rows = await query<HereRow>(
    em,
    `select m.room_id, p.user_id, bool_or(p.status = 'online') as online, (select product_now()) as at
     from presence p join processes x on x.id = p.process_id and x.seen_at > now() - ${deadAfter}
       join memberships m on m.user_id = p.user_id and m.room_id = any($1) and m.until_seq is null
     group by m.room_id, p.user_id`,
    [roomIds],
  );
  return Map.groupBy(rows, ({ room_id }) => room_id);
}

function here({ sockets }: Presentee): PresenceStatus {
  const statuses = [...sockets.values()];
  if (statuses.includes('online')) return 'online';
  return statuses.length > 0 ? 'away' : 'offline';
}
