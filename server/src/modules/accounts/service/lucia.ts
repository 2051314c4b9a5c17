import { Lucia, TimeSpan, type Adapter } from 'lucia';
import { sha256 } from '../../../kernel/chain.ts';
import { query, queryOne, type Em } from '../../../kernel/sql.ts';

interface SessionAttributes {
  readonly device: string;
  /** Not marked as used for a while: time to extend it. */
  readonly isStale: boolean;
}

declare module 'lucia' {
  interface Register {
    Lucia: Lucia<{ readonly isStale: boolean }>;
    DatabaseSessionAttributes: SessionAttributes;
  }
}

const idle = `interval '30 days'`;
const absolute = `interval '90 days'`;
const stale = `interval '5 minutes'`;

/** Lucia on our sessions table, inside the transaction of `em` when it is in one. */
export function luciaOn(em: Em) {
  return new Lucia(adapterOn(em), {
    sessionExpiresIn: new TimeSpan(30, 'd'),
    getSessionAttributes: ({ isStale }) => ({ isStale }),
  });
}

/** What the table knows a session by; the cookie's value is nowhere in the database. */
export function sessionKey(secret: string): string {
  return sha256(secret);
}

/** A session in use lasts on, up to its absolute end. */
export async function extendSession(em: Em, secret: string): Promise<void> {
  await query(
    em,
    `update sessions set last_used_at = product_now(), expires_at = product_now() + ${idle}
     where id = $1 and last_used_at < product_now() - ${stale}`,
    [sessionKey(secret)],
  );
}

/**
 * Sessions live in product time, Lucia in the machine's: what is stored is written by the database's product clock, and
 * what Lucia reads is the time that is left, from the machine's now on.
 */
function adapterOn(em: Em): Adapter {
  return {
    async getSessionAndUser(secret) {
      const row = await queryOne<{ user_id: string; device: string; expires_at: Date | string; is_stale: boolean }>(
        em,
        `select user_id, device, last_used_at < product_now() - ${stale} as is_stale,
                clock_timestamp() + (least(expires_at, absolute_expires_at) - product_now()) as expires_at
         from sessions where id = $1`,
        [sessionKey(secret)],
      );
      if (!row) return [null, null];
      const attributes = { device: row.device, isStale: row.is_stale };
      return [
        { id: secret, userId: row.user_id, expiresAt: new Date(row.expires_at), attributes },
        { id: row.user_id, attributes: {} },
      ];
    },
    async setSession({ id, userId, attributes }) {
      await query(
        em,
        `insert into sessions (id, user_id, device, created_at, last_used_at, expires_at, absolute_expires_at, reauthenticated_at)
         select $1, $2, $3, now, now, now + ${idle}, now + ${absolute}, now from product_now() as now`,
        [sessionKey(id), userId, attributes.device],
      );
    },
    updateSessionExpiration: (secret) => extendSession(em, secret),
    // Lucia clears away what expired; the row stays until the next sign-in, to tell the open pages why they end.
    async deleteSession() {},
    async deleteUserSessions(userId) {
      await query(em, 'delete from sessions where user_id = $1', [userId]);
    },
    async deleteExpiredSessions() {
      await query(em, 'delete from sessions where least(expires_at, absolute_expires_at) <= product_now()');
    },
    async getUserSessions() {
      throw new Error('the secrets of sessions are not kept, so they cannot be listed');
    },
  };
}
