import type { MikroORM } from '@mikro-orm/postgresql';
import type { TokenScope } from '@safesend/shared/accounts/user.ts';
import { Failure } from '@safesend/shared/failure.ts';
import { Cookie } from 'lucia';
import { sha256 } from '../../../kernel/chain.ts';
import { gatherTurn } from '../../../kernel/gather.ts';
import type { Authenticate, Identity } from '../../../kernel/identity.ts';
import type { OwnOrigin } from '../../../kernel/origin.ts';
import { query, queryOne, type Em } from '../../../kernel/sql.ts';
import type { Tx } from '../../../kernel/transact.ts';
import { accessAccount, isFresh } from '../access.ts';
import type { User } from '../entity.ts';
import type { SessionRow } from '../present.ts';
import { composeMail } from './letter.ts';
import { extendSession, findBySecrets, luciaOn, sessionKey } from './lucia.ts';

/** Values of Set-Cookie headers. */
export interface SessionCookies {
  begun(secret: string): string;
  ended(): string;
}

const allScopes: readonly TokenScope[] = ['read', 'write', 'money'];
/** A cookie lives as long as any session can; the row alone decides whether it still opens anything. */
const cookieSeconds = 90 * 24 * 60 * 60;

/** How the doors know who is on the line, and the cookies that say it. */
export function createAuthenticate({ orm, origin }: { orm: MikroORM; origin: OwnOrigin }) {
  const fork = () => orm.em.fork() as Em;
  // A crowd that comes back after a restart is asked about together.
  const find = gatherTurn(async (secrets: readonly string[]) =>
    (await findBySecrets(fork(), secrets)).map((value) => ({ value })),
  );
  const lucia = luciaOn(fork(), find);
  const authenticate: Authenticate = {
    bySessionCookie: (header) => bySessionCookie(lucia, fork, ownCookie(header, cookieName(origin))),
    byToken: (token) => byToken(fork(), token),
  };
  const cookies: SessionCookies = {
    begun: (secret) => cookie(origin, secret, cookieSeconds),
    ended: () => cookie(origin, '', 0),
  };
  return { ...authenticate, cookies, cookieName: cookieName(origin) };
}

async function bySessionCookie(
  lucia: ReturnType<typeof luciaOn>,
  fork: () => Em,
  secret: string | undefined,
): Promise<Identity | null> {
  if (secret === undefined || !/^[a-z0-9]{20,100}$/.test(secret)) return null;
  const { session } = await lucia.validateSession(secret);
  if (!session) return null;
  if (session.isStale) await extendSession(fork(), secret);
  return { userId: session.userId, kind: 'session', credentialKey: sessionKey(secret), scopes: allScopes };
}

async function byToken(em: Em, token: string): Promise<Identity | null> {
  const key = sha256(token);
  const row = await queryOne<{ user_id: string; scopes: TokenScope[]; is_stale: boolean }>(
    em,
    `select user_id, scopes, last_used_at is null or last_used_at < product_now() - interval '1 minute' as is_stale
     from api_tokens where token_hash = $1 and revoked_at is null and (expires_at is null or expires_at > product_now())`,
    [key],
  );
  if (!row) return null;
  if (row.is_stale) await query(em, 'update api_tokens set last_used_at = product_now() where token_hash = $1', [key]);
  return { userId: row.user_id, kind: 'token', credentialKey: key, scopes: row.scopes };
}

function cookieName({ isSecure }: OwnOrigin): string {
  return isSecure ? '__Host-safesend_session' : 'safesend_session';
}

function cookie(origin: OwnOrigin, value: string, maxAge: number): string {
  const attributes = { httpOnly: true, secure: origin.isSecure, sameSite: 'lax', path: '/', maxAge } as const;
  return new Cookie(cookieName(origin), value, attributes).serialize();
}

/** Other cookies of this host are none of our business, and may be anything. */
function ownCookie(header: string, name: string): string | undefined {
  const pair = header.split(/;\s*/).find((it) => it.startsWith(`${name}=`));
  return pair?.slice(name.length + 1);
}

/** Signs a person in on this device. The secret goes into the cookie and nowhere else. */
export async function startSession(tx: Tx, user: User, device: string): Promise<string> {
  const { id, inboxRoomId } = user;
  await tellOfNewDevice(tx, user, device);
  await tx.query('delete from sessions where user_id = $1 and least(expires_at, absolute_expires_at) <= $2', [
    id,
    tx.now,
  ]);
  const session = await luciaOn(tx.em).createSession(id, { device, isStale: false });
  tx.append(inboxRoomId, { type: 'account.session.started', data: { device } });
  return session.id;
}

/** Asks the log, which remembers every sign-in; the very first one is the sign-up itself. */
async function tellOfNewDevice(tx: Tx, { email, inboxRoomId }: User, device: string): Promise<void> {
  const [before] = await tx.query<{ times: number; here: number }>(
    `select count(*)::int as times, count(*) filter (where p.data->>'device' = $2)::int as here
     from facts f join fact_payloads p using (room_id, seq) where f.room_id = $1 and f.type = 'account.session.started'`,
    [inboxRoomId, device],
  );
  if (!before || before.times === 0 || before.here > 0) return;
  const paragraphs = [`Hello, somebody signed in to your SafeSend account from a device that is new to us: ${device}.`];
  const footnote =
    'If it was you, all is well. If not, ask for a new password on the sign-in page at once: that signs everybody out, and ends every passkey and API token.';
  await tx.enqueue(
    'mail.send',
    composeMail({ to: email, subject: 'A new sign-in to your account', paragraphs, footnote }),
  );
}

/** Signs out where this key is used; nothing happens when it ended already. */
export async function endSession(tx: Tx, key: string): Promise<void> {
  await end(tx, 'id = $2', key);
}

export async function endSessionOf(tx: Tx, publicId: string): Promise<void> {
  const ended = await end(tx, 'public_id = $2', publicId);
  if (ended === 0) throw new Failure('missing', 'No such session.');
}

/** Signs out everywhere but where this key is used. */
export async function endOtherSessions(tx: Tx, key: string): Promise<void> {
  await end(tx, 'id <> $2', key);
}

export async function endEverySession(tx: Tx): Promise<void> {
  await end(tx, '$2::text is null', null);
}

async function end(tx: Tx, which: string, value: string | null): Promise<number> {
  const { user } = await accessAccount(tx);
  const ended = await tx.query<{ id: string }>(`delete from sessions where user_id = $1 and ${which} returning id`, [
    user.id,
    value,
  ]);
  if (ended.length === 0) return 0;
  tx.endCredentials(ended.map(({ id }) => id));
  tx.append(user.inboxRoomId, { type: 'account.session.ended', data: { count: ended.length } });
  return ended.length;
}

export async function findSessions(em: Em, userId: string): Promise<SessionRow[]> {
  return query<SessionRow>(
    em,
    `select id, public_id, device, created_at, last_used_at, least(expires_at, absolute_expires_at) as expires_at
     from sessions where user_id = $1 and least(expires_at, absolute_expires_at) > product_now()
     order by last_used_at desc, created_at desc, public_id`,
    [userId],
  );
}

/** He proved here just now who he is. */
export async function confirmSession(tx: Tx, key: string): Promise<void> {
  await tx.query('update sessions set reauthenticated_at = $3 where id = $1 and user_id = $2', [key, tx.me, tx.now]);
}

export async function requireFresh(em: Em, userId: string, key: string | null): Promise<void> {
  if (!(await isFresh(em, userId, key)))
    throw new Failure('reauthentication_required', 'Confirm that it is you first.');
}

/** Asked under the account's lock: whoever was signed out in the meantime leaves nothing behind that signs him in. */
export async function requireSession(tx: Tx, key: string | null): Promise<void> {
  const alive = await tx.query('select 1 as one from sessions where id = $1 and user_id = $2', [key, tx.me]);
  if (alive.length === 0) throw new Failure('unauthenticated', 'Sign in first.');
}
