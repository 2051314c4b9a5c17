// Talks at a rate, over sockets and HTTP, and keeps what was promised.
import { setTimeout as pause } from 'node:timers/promises';
import { newId } from '@safesend/shared/ids.ts';
import * as rooms from '@safesend/shared/rooms/calls.ts';
import type { PostedMessage } from '@safesend/shared/socket.ts';
import { Refused, type Api } from './api.ts';
import type { Listener } from './listener.ts';
import type { Crowd, Line, Person } from './people.ts';
import { seeded } from '../seeded.ts';
import { emojis, pick, write } from './talk.ts';

export interface Acked extends PostedMessage {
  readonly sentAt: number;
  readonly ackedAt: number;
}

interface Talker {
  readonly person: Person;
  readonly line: Line;
  /** Told to slow down until then. */
  quietUntil: number;
}

interface Wish {
  readonly rate: number;
  readonly seconds: number;
  readonly seed: number;
}

const tickMs = 10;
/** So many seconds of talk may wait for their acknowledgement: people do not write faster than they are heard for ever. */
const maxOpenSeconds = 3;
const attemptMs = 20_000;
const busyMs = 1_000;
/** Edits, deletions and reactions go over HTTP, where the product counts requests more strictly. */
const shareOverHttp = 0.06;

export class Conversation {
  readonly #api: Api;
  readonly #roomId: string;
  readonly #listener: Listener;
  readonly #talkers: readonly Talker[];
  readonly #chance: () => number;
  readonly #wish: Wish;
  readonly acked: Acked[] = [];
  readonly counts = { posts: 0, edits: 0, deletions: 0, reactions: 0, throttled: 0, busy: 0, resent: 0, heldBack: 0 };
  readonly faults: string[] = [];
  #open = 0;
  #httpQuietUntil = 0;

  static async of(api: Api, crowd: Crowd, listener: Listener, wish: Wish): Promise<Conversation> {
    const talkers: Talker[] = [];
    for (const person of crowd.talkers) talkers.push({ person, line: await person.connect(), quietUntil: 0 });
    return new Conversation(api, crowd.roomId, listener, talkers, wish);
  }

  constructor(api: Api, roomId: string, listener: Listener, talkers: readonly Talker[], wish: Wish) {
    this.#api = api;
    this.#roomId = roomId;
    this.#listener = listener;
    this.#talkers = talkers;
    this.#wish = wish;
    this.#chance = seeded(wish.seed);
  }

  /** Sends on schedule, whatever the answers do; returns when everything that was sent is answered. */
  async run(): Promise<void> {
    const start = performance.now();
    const { rate, seconds } = this.#wish;
    for (let sent = 0; sent < rate * seconds;) {
      const due = Math.min(rate * seconds, ((performance.now() - start) / 1_000) * rate);
      for (; sent < due; sent++) this.#say();
      await pause(tickMs);
    }
    while (this.#open > 0) await pause(tickMs);
  }

  stop(): void {
    for (const { line } of this.#talkers) line.disconnect();
  }

  #say(): void {
    if (this.#open >= this.#wish.rate * maxOpenSeconds) return void this.counts.heldBack++;
    const now = performance.now();
    const free = this.#talkers.filter(({ quietUntil }) => quietUntil <= now);
    if (free.length === 0) return void this.counts.heldBack++;
    const talker = pick(this.#chance, free);
    const overHttp = this.#chance() < shareOverHttp && this.#httpQuietUntil <= now && this.#listener.recent.length > 0;
    this.#open++;
    const work = overHttp ? this.#touchUp() : this.#post(talker);
    work
      .catch((error: unknown) => this.faults.push(error instanceof Error ? error.message : String(error)))
      .finally(() => this.#open--)
      .catch(() => undefined);
  }

  async #post(talker: Talker): Promise<void> {
    const usernames = this.#talkers.map(({ person }) => person.username);
    const { recent } = this.#listener;
    const replyTo = this.#chance() < 0.15 && recent.length > 0 ? pick(this.#chance, recent).id : null;
    const command = { roomId: this.#roomId, commandId: newId(), body: write(this.#chance, usernames), replyTo };
    const sentAt = performance.now();
    this.counts.posts++;
    for (;;) {
      const answer = await talker.line
        .timeout(attemptMs)
        .emitWithAck('message.post', command)
        .catch(() => null);
      // No answer is not a refusal: the same command again, and the server says what became of it.
      if (answer === null) this.counts.resent++;
      else if (answer.ok) return void this.acked.push({ ...answer.value, sentAt, ackedAt: performance.now() });
      else if (answer.error.code === 'throttled') await this.#slowDown(talker, answer.error.retryAfterSeconds ?? 1);
      else if (answer.error.code === 'unavailable') await this.#comeBack();
      else if (answer.error.code === 'missing' && replyTo !== null) return void this.counts.heldBack++;
      else throw new Error(`message.post answered ${answer.error.code}: ${answer.error.message}`);
    }
  }

  /** The same command again, as the pages do. */
  async #comeBack(): Promise<void> {
    this.counts.busy++;
    await pause(busyMs);
  }

  async #slowDown(talker: Talker, seconds: number): Promise<void> {
    this.counts.throttled++;
    talker.quietUntil = performance.now() + seconds * 1_000;
    await pause(seconds * 1_000);
  }

  /** Edits or deletes a message of the person's own, or reacts to somebody's. */
  async #touchUp(): Promise<void> {
    const message = pick(this.#chance, this.#listener.recent);
    const kind = this.#chance();
    const author = this.#talkers.find(({ person }) => person.id === message.authorId)?.person;
    const params = { roomId: this.#roomId, messageId: message.id };
    try {
      if (author && kind < 0.3) {
        const body = { commandId: newId(), body: `${message.body ?? ''} (corrected)`.slice(0, 10_000) };
        await this.#api.send(rooms.editMessage, author.headers, { params, body });
        this.counts.edits++;
      } else if (author && kind < 0.4) {
        await this.#api.send(rooms.deleteMessage, author.headers, { params });
        this.counts.deletions++;
      } else {
        const { headers } = pick(this.#chance, this.#talkers).person;
        const emoji = pick(this.#chance, emojis);
        await this.#api.send(rooms.addReaction, headers, { params: { ...params, emoji } });
        this.counts.reactions++;
      }
    } catch (error) {
      this.#judge(error);
    }
  }

  /** Somebody else was faster (the message is gone), or the server asks for fewer requests: part of a busy day. */
  #judge(error: unknown): void {
    if (!(error instanceof Refused)) return void this.counts.resent++;
    if (error.status === 429) {
      this.counts.throttled++;
      this.#httpQuietUntil = performance.now() + error.retryAfterSeconds * 1_000;
    } else if (error.status === 503) {
      this.counts.busy++;
    } else if (error.status !== 409 && error.status !== 404) {
      throw error;
    }
  }
}
