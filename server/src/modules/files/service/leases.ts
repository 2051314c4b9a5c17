import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { MikroORM } from '@mikro-orm/postgresql';
import { Failure } from '@safesend/shared/failure.ts';
import type { Logger } from '../../../kernel/log.ts';
import { query } from '../../../kernel/sql.ts';

const renewMs = 1_000;
/** How long an upload is held for a process that died. */
const leaseSeconds = 5;
const patienceMs = 12_000;

interface Held {
  readonly token: string;
  /** Somebody else wants it: let go soon. */
  readonly wanted: () => void;
}

/**
 * One writer at a time for an upload, over all processes: a row says who holds it, and for how long if he dies. One
 * statement a second renews everything a process holds.
 */
export class Leases {
  readonly #orm: MikroORM;
  readonly #log: Logger;
  readonly #held = new Map<string, Held>();
  readonly #renewing: NodeJS.Timeout;

  constructor(orm: MikroORM, log: Logger) {
    this.#orm = orm;
    this.#log = log;
    this.#renewing = setInterval(() => void this.#renew(), renewMs).unref();
  }

  /** Waits until the upload is ours; asks who holds it to let go. Answers how to give it back. */
  async hold(uploadId: string, wanted: () => void, signal?: AbortSignal): Promise<() => Promise<void>> {
    const token = randomUUID();
    const patience = AbortSignal.timeout(patienceMs);
    for (;;) {
      const [taken] = await this.#query<{ one: number }>(
        `update uploads set holder = $2, held_until = clock_timestamp() + make_interval(secs => $3), wanted = false
         where id = $1 and (holder is null or held_until < clock_timestamp()) returning 1 as one`,
        [uploadId, token, leaseSeconds],
      );
      if (taken) break;
      this.#held.get(uploadId)?.wanted();
      await this.#query('update uploads set wanted = true where id = $1 and not wanted', [uploadId]);
      if (signal?.aborted || patience.aborted) throw busy();
      await pause(100);
    }
    this.#held.set(uploadId, { token, wanted });
    return () => this.#release(uploadId, token);
  }

  stop(): void {
    clearInterval(this.#renewing);
  }

  async #release(uploadId: string, token: string): Promise<void> {
    if (this.#held.get(uploadId)?.token === token) this.#held.delete(uploadId);
    await this.#query(
      'update uploads set holder = null, held_until = null, wanted = false where id = $1 and holder = $2',
      [uploadId, token],
    );
  }

  async #renew(): Promise<void> {
    if (this.#held.size === 0) return;
    const ours = [...this.#held];
    try {
      const kept = await this.#query<{ id: string; wanted: boolean }>(
        `update uploads set held_until = clock_timestamp() + make_interval(secs => $3)
         from unnest($1::uuid[], $2::uuid[]) as mine (id, token)
         where uploads.id = mine.id and uploads.holder = mine.token returning uploads.id, uploads.wanted`,
        [ours.map(([id]) => id), ours.map(([, { token }]) => token), leaseSeconds],
      );
      const isWanted = new Map(kept.map(({ id, wanted }) => [id, wanted]));
      // One that is not among them was taken over while we could not renew it.
      for (const [id, { wanted }] of ours) if (isWanted.get(id) !== false) wanted();
    } catch (error) {
      this.#log.warn({ err: error }, 'uploads could not be held');
    }
  }

  #query<Row extends object>(text: string, parameters: readonly unknown[]): Promise<Row[]> {
    return query<Row>(this.#orm.em.fork(), text, parameters);
  }
}

function busy(): Failure {
  return new Failure('unavailable', 'Another connection still sends this file. Try again.', { retryAfterSeconds: 2 });
}
