import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { MikroORM } from '@mikro-orm/postgresql';
import { Failure } from '@safesend/shared/failure.ts';
import type { Logger } from '../../../kernel/log.ts';
import { query } from '../../../kernel/sql.ts';
import { setApart } from './staged.ts';
import { findHeldUpload, type UploadRow } from './uploads.ts';

const renewMs = 1_000;
/** How long an upload is held for a process that died. */
const leaseSeconds = 5;
/** Who has not renewed his hold for so long lets go: a little later somebody else may have it. */
const freshMs = 4_500;
const patienceMs = 12_000;

/**
 * That a hold goes on, or ends, need not be on disk before we do: forgotten in a crash of the database, it lapses. That it
 * begins does.
 */
const unhurried = `set_config('synchronous_commit', 'off', true) is not null`;

/** An upload in our hands, until it is given back or somebody takes it because nothing was heard of us. */
export interface Lease {
  /** Fails where somebody else may have it by now; asks nobody. */
  requireFresh(): void;
  /** Fails where somebody else has had it since. */
  confirm(): Promise<UploadRow>;
  /** Answers whether it was ours until now. */
  giveBack(): Promise<boolean>;
}

interface Held {
  readonly uploadId: string;
  /** Somebody else wants it, or has it: let go soon. */
  readonly wanted: () => void;
  /** Of the clock that nobody sets. */
  freshUntil: number;
}

/**
 * One writer at a time for an upload, over all processes: a row says who holds it, and for how long if he dies. One
 * statement a second renews everything a process holds. Whoever takes over from somebody who did not give back works on a
 * copy: a process that only stood still may write on in the file it has open, and nobody reads that any more.
 */
export class Leases {
  readonly #orm: MikroORM;
  readonly #log: Logger;
  readonly #staging: string;
  readonly #held = new Map<string, Held>();
  /** Done with, and the database could not be told: nobody writes under them. */
  readonly #owed = new Map<string, string>();
  readonly #renewing: NodeJS.Timeout;
  #isAsking = false;

  constructor(orm: MikroORM, log: Logger, staging: string) {
    this.#orm = orm;
    this.#log = log;
    this.#staging = staging;
    this.#renewing = setInterval(() => void this.#renew(), renewMs).unref();
  }

  /** Waits until the upload is ours; asks who holds it to let go. */
  async hold(uploadId: string, wanted: () => void, signal?: AbortSignal): Promise<Lease> {
    const token = randomUUID();
    const patience = AbortSignal.timeout(patienceMs);
    for (;;) {
      const freshUntil = performance.now() + freshMs;
      const [taken] = await this.#query<{ before: string | null }>(
        `update uploads set holder = $2, held_until = clock_timestamp() + make_interval(secs => $3), wanted = false
         where id = $1 and (holder is null or held_until < clock_timestamp()) returning old.holder as before`,
        [uploadId, token, leaseSeconds],
      );
      if (taken) {
        this.#held.set(token, { uploadId, wanted, freshUntil });
        if (taken.before !== null && !this.#owed.delete(taken.before)) await this.#succeed(uploadId, token);
        return this.#lease(uploadId, token);
      }
      for (const held of this.#held.values()) if (held.uploadId === uploadId) held.wanted();
      await this.#query(`update uploads set wanted = true where id = $1 and not wanted and ${unhurried}`, [uploadId]);
      if (signal?.aborted || patience.aborted) throw busy();
      await pause(100);
    }
  }

  stop(): void {
    clearInterval(this.#renewing);
  }

  /** Where it fails, what we hold is not given back but lapses as well: the next one has to do it again. */
  async #succeed(uploadId: string, token: string): Promise<void> {
    try {
      await setApart(this.#staging, uploadId, () => this.#requireFresh(token));
    } catch (error) {
      this.#held.delete(token);
      throw error;
    }
  }

  #lease(uploadId: string, token: string): Lease {
    return {
      requireFresh: () => this.#requireFresh(token),
      confirm: async () => {
        const upload = await findHeldUpload(this.#orm.em.fork(), uploadId, token);
        if (!upload) throw lost();
        return upload;
      },
      giveBack: () => this.#giveBack(token),
    };
  }

  #requireFresh(token: string): void {
    const held = this.#held.get(token);
    if (!held || held.freshUntil < performance.now()) throw lost();
  }

  async #giveBack(token: string): Promise<boolean> {
    const uploadId = this.#held.get(token)?.uploadId;
    if (uploadId === undefined) return false;
    this.#held.delete(token);
    try {
      const given = await this.#query(
        `update uploads set holder = null, held_until = null, wanted = false where id = $1 and holder = $2 and ${unhurried} returning 1 as one`,
        [uploadId, token],
      );
      return given.length > 0;
    } catch (error) {
      this.#owed.set(token, uploadId);
      throw error;
    }
  }

  async #renew(): Promise<void> {
    for (const { freshUntil, wanted } of this.#held.values()) if (freshUntil < performance.now()) wanted();
    if (this.#isAsking || (this.#held.size === 0 && this.#owed.size === 0)) return;
    this.#isAsking = true;
    try {
      if (this.#held.size > 0) await this.#renewHeld();
      if (this.#owed.size > 0) await this.#settleOwed();
    } catch (error) {
      this.#log.warn({ err: error }, 'uploads could not be held');
    } finally {
      this.#isAsking = false;
    }
  }

  async #renewHeld(): Promise<void> {
    const ours = [...this.#held];
    const freshUntil = performance.now() + freshMs;
    const kept = await this.#query<{ token: string; wanted: boolean }>(
      `update uploads set held_until = clock_timestamp() + make_interval(secs => $3)
       from unnest($1::uuid[], $2::uuid[]) as mine (id, token)
       where uploads.id = mine.id and uploads.holder = mine.token and ${unhurried} returning mine.token, uploads.wanted`,
      [ours.map(([, { uploadId }]) => uploadId), ours.map(([token]) => token), leaseSeconds],
    );
    const isWanted = new Map(kept.map(({ token, wanted }) => [token, wanted]));
    for (const [token, held] of ours) {
      // One that is not among them was taken over while we could not renew it.
      held.freshUntil = isWanted.has(token) ? freshUntil : 0;
      if (isWanted.get(token) !== false) held.wanted();
    }
  }

  async #settleOwed(): Promise<void> {
    const owed = [...this.#owed];
    await this.#query(
      `update uploads set holder = null, held_until = null, wanted = false
       from unnest($1::uuid[], $2::uuid[]) as mine (id, token) where uploads.id = mine.id and uploads.holder = mine.token and ${unhurried}`,
      [owed.map(([, uploadId]) => uploadId), owed.map(([token]) => token)],
    );
    for (const [token] of owed) this.#owed.delete(token);
  }

  #query<Row extends object>(text: string, parameters: readonly unknown[]): Promise<Row[]> {
    return query<Row>(this.#orm.em.fork(), text, parameters);
  }
}

function busy(): Failure {
  return new Failure('unavailable', 'Another connection still sends this file. Try again.', { retryAfterSeconds: 2 });
}

export function lost(): Failure {
  return new Failure('unavailable', 'Another connection may send this file by now. Ask how much has arrived.', {
    retryAfterSeconds: 2,
  });
}
