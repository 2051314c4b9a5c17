import { newId } from '@safesend/shared/ids.ts';
import type { PresenceStatus } from '@safesend/shared/socket.ts';
import type { MikroORM } from '@mikro-orm/postgresql';
import type { Logger } from '../../../kernel/log.ts';
import { gather } from '../../../kernel/gather.ts';
import { seatChannel, type Client, type Io } from '../../../kernel/channels.ts';
import { query, type Em } from '../../../kernel/sql.ts';
import { productNow } from '../../../kernel/transact.ts';

const beatMs = 5_000;
/** A process that was not heard of for this long is dead, and nobody is present through it. */
const deadAfter = `interval '16 seconds'`;
/** A reload or a changed network is not an absence. */
const graceMs = 4_000;
/** More than two machines drift apart between two beats. */
const movedMs = 5_000;
/** In a room of more people nobody looks at who is here, and to tell everybody of everybody grows with its square. */
const crowdAbove = 200;

interface Presentee {
  /** Whoever says so is `offline` although he is connected. */
  readonly sockets: Map<string, PresenceStatus>;
  written: PresenceStatus;
  timer?: NodeJS.Timeout;
}

interface Change {
  readonly userId: string;
  readonly status: PresenceStatus;
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
  /** How far the product's clock is ahead of this machine's; null before the first beat. */
  #ahead: number | null = null;
  /** A crowd that comes back at once asks once. */
  readonly #whoIsHere: (roomId: string) => Promise<HereRow[]>;
  readonly #changed: (change: Change) => Promise<void>;

  constructor(io: Io, orm: MikroORM, log: Logger) {
    this.#io = io;
    this.#orm = orm;
    this.#log = log;
    this.#whoIsHere = gather(async (roomIds) => {
      const here = await findHere(orm.em.fork(), [...new Set(roomIds)]);
      return roomIds.map((roomId) => ({ value: here.get(roomId) ?? [] }));
    });
    this.#changed = gather(async (changes) => {
      await this.#writeAll(changes);
      return changes.map(() => ({ value: undefined }));
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

  set(client: Client, status: PresenceStatus): void {
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
    if (person.sockets.size === 0) this.#people.delete(userId);
    await this.#changed({ userId, status });
  }

  /** When a server or a network goes, everybody who was here changes in one instant: that is one statement, not thousands. */
  async #writeAll(changes: readonly Change[]): Promise<void> {
    // Who changed twice is what he was last.
    const last = new Map(changes.map(({ userId, status }) => [userId, status]));
    const gone = [...last].filter(([, status]) => status === 'offline');
    const come = [...last].filter(([, status]) => status !== 'offline');
    await this.#quietly(async (em) => {
      if (gone.length > 0)
        await query(em, 'delete from presence where process_id = $1 and user_id = any($2)', [
          this.#processId,
          gone.map(([userId]) => userId),
        ]);
      if (come.length > 0)
        await query(
          em,
          `insert into presence (process_id, user_id, status)
           select $1, it.user_id, it.status from unnest($2::uuid[], $3::text[]) as it (user_id, status)
           on conflict (user_id, process_id) do update set status = excluded.status`,
          [this.#processId, come.map(([userId]) => userId), come.map(([, status]) => status)],
        );
      await this.#announce(em, [...last.keys()]);
    });
  }

  async #announce(em: Em, userIds: readonly string[]): Promise<void> {
    if (userIds.length === 0) return;
    const statuses = await query<{ user_id: string; online: boolean }>(
      em,
      `select p.user_id, bool_or(p.status = 'online') as online from presence p
       join processes x on x.id = p.process_id and x.seen_at > now() - ${deadAfter}
       where p.user_id = any($1) group by p.user_id`,
      [userIds],
    );
    const present = new Map(statuses.map(({ user_id, online }) => [user_id, online ? 'online' : 'away'] as const));
    const rooms = await query<{ room_id: string; changed: string[]; member_ids: string[] }>(
      em,
      `select mine.room_id, mine.changed, everybody.member_ids
       from (select m.room_id, array_agg(m.user_id::text) as changed
             from memberships m join rooms r on r.id = m.room_id and r.kind <> 'inbox'
             where m.user_id = any($1) and m.until_seq is null group by m.room_id) mine,
         lateral (select array_agg(o.user_id::text) as member_ids
                  from memberships o where o.room_id = mine.room_id and o.until_seq is null) everybody
       where cardinality(everybody.member_ids) <= ${crowdAbove}`,
      [userIds],
    );
    const at = (await productNow(em)).toISOString();
    for (const { room_id: roomId, changed, member_ids } of rooms) {
      const members = this.#io.to(member_ids.map((it) => seatChannel(roomId, it)));
      for (const userId of changed)
        members.emit('room.presence', { roomId, userId, status: present.get(userId) ?? 'offline', at });
    }
  }

  async #heartbeat(): Promise<void> {
    await this.#quietly(async (em) => {
      const [beat] = await query<{ at: Date | string }>(
        em,
        `insert into processes (id, seen_at) values ($1, now()) on conflict (id) do update set seen_at = now()
         returning product_now() as at`,
        [this.#processId],
      );
      const left = await query<{ user_id: string }>(
        em,
        `with dead as (delete from processes where seen_at <= now() - ${deadAfter} returning id)
         delete from presence where process_id in (select id from dead) returning user_id`,
      );
      const isMoved = this.#hearsTime(new Date(beat?.at ?? 0));
      await this.#announce(em, [
        ...new Set([...left.map(({ user_id }) => user_id), ...(isMoved ? this.#people.keys() : [])]),
      ]);
    });
  }

  /** A clock that was moved (only tests can) is told with who is here: pages count down to moments by it. */
  #hearsTime(at: Date): boolean {
    const ahead = at.getTime() - Date.now();
    const isMoved = this.#ahead !== null && Math.abs(ahead - this.#ahead) > movedMs;
    this.#ahead = ahead;
    return isMoved;
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
    `with seen as (select room_id from memberships where room_id = any($1) and until_seq is null
                   group by room_id having count(*) <= ${crowdAbove})
     select m.room_id, p.user_id, bool_or(p.status = 'online') as online, (select product_now()) as at
     from presence p join processes x on x.id = p.process_id and x.seen_at > now() - ${deadAfter}
       join memberships m on m.user_id = p.user_id and m.until_seq is null join seen on seen.room_id = m.room_id
     group by m.room_id, p.user_id`,
    [roomIds],
  );
  return Map.groupBy(rows, ({ room_id }) => room_id);
}

function here({ sockets }: Presentee): PresenceStatus {
  const statuses = [...sockets.values()];
  if (statuses.includes('online')) return 'online';
  return statuses.includes('away') ? 'away' : 'offline';
}
