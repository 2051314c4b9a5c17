import type { TokenScope } from '@safesend/shared/accounts/user.ts';
import type { SessionEnd } from '@safesend/shared/socket.ts';
import { query, type Em } from './sql.ts';

/** Who is on the line, proven by a session cookie or an API token. */
export interface Identity {
  readonly userId: string;
  readonly kind: 'session' | 'token';
  /** What `live_credentials` knows the credential by; never the secret itself. */
  readonly credentialKey: string;
  readonly scopes: readonly TokenScope[];
}

/** Finds out who is on the line; `accounts` knows how. */
export interface Authenticate {
  bySessionCookie(cookieHeader: string): Promise<Identity | null>;
  byToken(token: string): Promise<Identity | null>;
}

/** Of these credentials, the ones that are good no longer, and why. */
export async function findEnded(em: Em, credentialKeys: readonly string[]): Promise<Map<string, SessionEnd>> {
  const find = async (view: 'live_credentials' | 'expired_credentials', keys: readonly string[]) => {
    const rows = await query<{ key: string }>(em, `select key from ${view} where key = any($1)`, [keys]);
    return new Set(rows.map(({ key }) => key));
  };
  const live = await find('live_credentials', credentialKeys);
  const ended = credentialKeys.filter((key) => !live.has(key));
  if (ended.length === 0) return new Map();
  const expired = await find('expired_credentials', ended);
  return new Map(ended.map((key) => [key, expired.has(key) ? 'expired' : 'signed_out']));
}
