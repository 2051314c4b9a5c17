import { setTimeout as pause } from 'node:timers/promises';
import type { MikroORM } from '@mikro-orm/postgresql';
import type { SessionEnd } from '@safesend/shared/socket.ts';
import { isWithout } from './faults.ts';
import { findEnded } from './identity.ts';
import type { Logger } from './log.ts';
import { userChannel, type Client, type Io } from './channels.ts';
import type { Publisher } from './publish.ts';
import { keepPlan } from './plans.ts';
import { query, type Em } from './sql.ts';

const roundMs = 1_000;
/** A question that takes longer than this counts as not answered: a network may swallow it and say nothing. */
const answerMs = 2_000;
/** After this long without an answer nobody's right to listen is known any more; noticed a round later, within 15 s. */
const failClosedMs = 11_000;

const strangersText = keepPlan(
  `select s.room_id, s.user_id from unnest($1::uuid[], $2::uuid[]) as s (room_id, user_id)
   where not exists (select from memberships m
                     where m.room_id = s.room_id and m.user_id = s.user_id and m.until_seq is null)`,
);
const headsText = keepPlan('select room_id, seq::float8 as seq, epoch from room_heads where room_id = any($1)');
const otherHeadsText = keepPlan(
  `select m.user_id, m.room_id, h.seq::float8 as seq, h.epoch from memberships m join room_heads h using (room_id)
   where m.user_id = any($1) and m.until_seq is null`,
);

/**
 * Asks Postgres every second what publications and Redis may have failed to say: are the sessions of our sockets alive,
 * do their people still belong in the rooms they joined, and how far are those rooms?
 */
export class Watch {
  readonly #io: Io;
  readonly #orm: MikroORM;
  readonly #publisher: Publisher;
  readonly #log: Logger;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;
  #lastGood = performance.now();
  #round = 0;
  #looking: Promise<void> | null = null;

  constructor(io: Io, orm: MikroORM, publisher: Publisher, log: Logger) {
    this.#io = io;
    this.#orm = orm;
    this.#publisher = publisher;
    this.#log = log;
    io.on('credentialsEnded', (keys) => this.#cut(signedOut(keys)));
  }

  start(): void {
    this.#timer = setTimeout(() => void this.#run(), roundMs);
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  /** Cuts the sockets of ended credentials here and on every other process, at once. */
  credentialsEnded(keys: readonly string[]): void {
    this.#cut(signedOut(keys));
    this.#publisher.tellCredentialsEnded(keys);
  }

  async #run(): Promise<void> {
    try {
      this.#looking ??= this.#look().finally(() => (this.#looking = null));
      await Promise.race([this.#looking, tooLate()]);
      this.#lastGood = performance.now();
    } catch (error) {
      this.#log.warn({ err: error }, 'the watch got no answer from the database');
      if (performance.now() - this.#lastGood > failClosedMs) this.#failClosed();
    }
    if (!this.#stopped) this.start();
  }

  #failClosed(): void {
    // A question that nobody will ever answer must not keep later ones from being asked.
    this.#looking = null;
    if (!isWithout('fail-closed')) this.#cutAll();
  }

  async #look(): Promise<void> {
    const clients = [...this.#io.of('/').sockets.values()] as Client[];
    if (clients.length === 0) return;
    const em = this.#orm.em.fork() as Em;
    if (!isWithout('session-poll')) await this.#endDeadSessions(em, clients);
    if (!isWithout('recipients')) await this.#unseatStrangers(em);
    if (isWithout('head-poll')) return;
    await this.#lookAtHeads(em);
    if (this.#round++ % 2 === 0) await this.#hintOtherHeads(em, clients);
  }

  async #endDeadSessions(em: Em, clients: readonly Client[]): Promise<void> {
    const keys = [...new Set(clients.map(({ data }) => data.identity.credentialKey))];
    this.#cut((await findEnded(em, keys)).ended);
  }

  #cut(ended: ReadonlyMap<string, SessionEnd>): void {
    if (ended.size === 0) return;
    for (const client of this.#io.of('/').sockets.values()) {
      const reason = ended.get(client.data.identity.credentialKey);
      if (reason === undefined) continue;
      client.emit('session.ended', { reason });
      client.disconnect(true);
    }
  }

  #cutAll(): void {
    this.#io.local.emit('session.ended', { reason: 'unavailable' });
    this.#io.local.disconnectSockets(true);
  }

  async #unseatStrangers(em: Em): Promise<void> {
    const seats = [...this.#publisher.seats.proven()];
    if (seats.length === 0) return;
    const strangers = await query<{ room_id: string; user_id: string }>(em, strangersText, [
      seats.map(({ roomId }) => roomId),
      seats.map(({ userId }) => userId),
    ]);
    for (const { room_id, user_id } of strangers) this.#publisher.unseat(room_id, user_id, 'removed');
  }

  async #lookAtHeads(em: Em): Promise<void> {
    const rooms = this.#publisher.seats.roomIds;
    if (rooms.length === 0) return;
    const heads = await query<{ room_id: string; seq: number; epoch: string }>(em, headsText, [rooms]);
    for (const { room_id, seq, epoch } of heads) await this.#publisher.headIs(room_id, seq, epoch);
  }

  /** Members who have not joined a room learn its head too, so that unread counts stay right with Redis down. */
  async #hintOtherHeads(em: Em, clients: readonly Client[]): Promise<void> {
    const people = [...new Set(clients.map(({ data }) => data.identity.userId))];
    const rows = await query<{ user_id: string; room_id: string; seq: number; epoch: string }>(em, otherHeadsText, [
      people,
    ]);
    const { hinted } = this.#publisher;
    const ahead = rows.filter(({ room_id, seq }) => seq > (hinted.get(room_id) ?? seq));
    for (const { room_id, seq } of rows) hinted.set(room_id, Math.max(seq, hinted.get(room_id) ?? 0));
    for (const { user_id, room_id: roomId, seq: headSeq, epoch } of ahead) {
      this.#io.local.to(userChannel(user_id)).emit('room.head', { roomId, headSeq, epoch });
    }
  }
}

function signedOut(keys: readonly string[]): ReadonlyMap<string, SessionEnd> {
  return new Map(keys.map((key) => [key, 'signed_out']));
}

async function tooLate(): Promise<never> {
  await pause(answerMs, undefined, { ref: false });
  throw new Error('no answer in time');
}
