import type { TokenScope } from '@safesend/shared/accounts/user.ts';
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

/** Of these credentials, the ones that are still good. */
export async function findLive(em: Em, credentialKeys: readonly string[]): Promise<Set<string>> {
  const rows = await query<{ key: string }>(em, 'select key from live_credentials where key = any($1)', [
    credentialKeys,
  ]);
  return new Set(rows.map(({ key }) => key));
}
