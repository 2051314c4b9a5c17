import type { TokenScope } from '@safesend/shared/accounts/user.ts';
import type { SessionEnd } from '@safesend/shared/socket.ts';
import { keepPlan } from './plans.ts';
import { query, queryOne, type Em } from './sql.ts';

/** Who is on the line, proven by a session cookie or an API token. */
export interface Identity {
  readonly userId: string;
  readonly kind: 'session' | 'token';
  /** What `live_credentials` knows the credential by; never the secret itself. */
  readonly credentialKey: string;
  readonly scopes: readonly TokenScope[];
}

/** Is what finishes a payment or saves a card for him to have? Reading alone is not enough for it. */
export function mayMoveMoney(identity: Identity | null): boolean {
  return identity?.scopes.includes('money') ?? false;
}

/** Finds out who is on the line; `accounts` knows how. */
export interface Authenticate {
  bySessionCookie(cookieHeader: string): Promise<Identity | null>;
  byToken(token: string): Promise<Identity | null>;
}

/** What became of credentials: those that are good no longer and why, and the product time of the answer. */
export interface Liveness {
  readonly ended: ReadonlyMap<string, SessionEnd>;
  readonly at: Date;
}

const liveKeys = keepPlan(
  'select product_now() as at, (select array_agg(key) from live_credentials where key = any($1)) as keys',
);

export async function findEnded(em: Em, credentialKeys: readonly string[]): Promise<Liveness> {
  const row = await queryOne<{ at: Date | string; keys: string[] | null }>(em, liveKeys, [credentialKeys]);
  const live = new Set(row?.keys);
  const ended = credentialKeys.filter((key) => !live.has(key));
  const expired = ended.length > 0 ? await findExpired(em, ended) : new Set();
  return {
    ended: new Map(ended.map((key) => [key, expired.has(key) ? 'expired' : 'signed_out'])),
    at: new Date(row?.at ?? Number.NaN),
  };
}

async function findExpired(em: Em, keys: readonly string[]): Promise<Set<string>> {
  const rows = await query<{ key: string }>(em, 'select key from expired_credentials where key = any($1)', [keys]);
  return new Set(rows.map(({ key }) => key));
}
