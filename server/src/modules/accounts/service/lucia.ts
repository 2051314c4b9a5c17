import { Lucia, TimeSpan, type Adapter } from 'lucia';
import { sha256 } from '../../../kernel/chain.ts';
import { keepPlan } from '../../../kernel/plans.ts';
import { query, type Em } from '../../../kernel/sql.ts';

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

type Found = Awaited<ReturnType<Adapter['getSessionAndUser']>>;
type FindSession = (secret: string) => Promise<Found>;

/** Lucia on our sessions table, inside the transaction of `em` when it is in one. */
export function luciaOn(
  em: Em,
  find: FindSession = async (secret) => (await findBySecrets(em, [secret]))[0] ?? nobody,
) {
  return new Lucia(adapterOn(em, find), {
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

const nobody: Found = [null, null];

interface FoundRow {
  readonly id: string;
  readonly user_id: string;
  readonly device: string;
  readonly expires_at: Date | string;
  readonly is_stale: boolean;
}

const sessionsText = keepPlan(
  `select id, user_id, device, last_used_at < now - ${stale} as is_stale,
     clock_timestamp() + (least(expires_at, absolute_expires_at) - now) as expires_at
   from (select product_now() as now) as clock, sessions where id = any($1)`,
);

/**
 * Sessions live in product time, Lucia in the machine's: what is stored is written by the database's product clock, and
 * what Lucia reads is the time that is left, from the machine's now on.
 */
export async function findBySecrets(em: Em, secrets: readonly string[]): Promise<Found[]> {
  const rows = await query<FoundRow>(em, sessionsText, [secrets.map(sessionKey)]);
  const byKey = new Map(rows.map((row) => [row.id, row]));
  return secrets.map((secret) => {
    const row = byKey.get(sessionKey(secret));
    if (!row) return nobody;
    const attributes = { device: row.device, isStale: row.is_stale };
    return [
      { id: secret, userId: row.user_id, expiresAt: new Date(row.expires_at), attributes },
      { id: row.user_id, attributes: {} },
    ];
  });
}

function adapterOn(em: Em, find: FindSession): Adapter {
  return {
    getSessionAndUser: find,
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
