import { randomBytes } from 'node:crypto';
import { Failure } from '@safesend/shared/failure.ts';
import { sha256 } from '../../../kernel/chain.ts';
import { queryOne, type Em } from '../../../kernel/sql.ts';
import type { Tx } from '../../../kernel/transact.ts';
import type { User } from '../entity.ts';

const lifetimes = { verification: '48 hours', password_reset: '1 hour', sign_in: '24 hours' } as const;
type Purpose = keyof typeof lifetimes;
const pages = { verification: '/verify', password_reset: '/reset', sign_in: '/signin/link' } as const;

/** A link that works once and not for long. It stands for the address it was made for: after a change of address it is void. */
export async function makeLink(
  tx: Tx,
  origin: string,
  purpose: Purpose,
  { id, email }: Pick<User, 'id' | 'email'>,
): Promise<string> {
  const token = randomBytes(32).toString('base64url');
  // A link that was never opened may say which address is asked for: it stays until that is settled.
  await tx.query(
    `delete from account_links where user_id = $1 and expires_at < $2::timestamptz - interval '30 days'
       and (used_at is not null or purpose <> 'verification')`,
    [id, tx.now],
  );
  await tx.query(
    `insert into account_links (token_hash, user_id, purpose, email, expires_at)
     values ($1, $2, $3, $4, $5::timestamptz + $6::interval)`,
    [sha256(token), id, purpose, email, tx.now, lifetimes[purpose]],
  );
  return `${origin}${pages[purpose]}?token=${token}`;
}

/** Whose link this is, before anything is changed. */
export async function findLinkOwner(em: Em, purpose: Purpose, token: string): Promise<string> {
  const sql = 'select user_id from account_links where token_hash = $1 and purpose = $2';
  const link = await queryOne<{ user_id: string }>(em, sql, [sha256(token), purpose]);
  if (!link) throw unknownLink();
  return link.user_id;
}

/** Fails as using it would, and leaves it as it is. */
export async function refuseSpentLink(em: Em, purpose: Purpose, token: string): Promise<void> {
  const link = await queryOne<{ is_good: boolean }>(
    em,
    `select l.used_at is null and l.expires_at > product_now() and l.email = u.email as is_good
     from account_links l join users u on u.id = l.user_id where l.token_hash = $1 and l.purpose = $2`,
    [sha256(token), purpose],
  );
  if (!link) throw unknownLink();
  if (!link.is_good) throw spentLink();
}

const unknownLink = () => new Failure('missing', 'This link is not valid. Ask for a new one.');
const spentLink = () => new Failure('conflict', 'This link was used or has run out. Ask for a new one.');

/** Which of these addresses the link was made for. */
export async function spendLink(
  tx: Tx,
  purpose: Purpose,
  token: string,
  { id, addresses }: { readonly id: string; readonly addresses: readonly string[] },
): Promise<string> {
  const [spent] = await tx.query<{ email: string }>(
    `update account_links set used_at = $5 where token_hash = $1 and purpose = $2 and user_id = $3 and email = any($4)
       and used_at is null and expires_at > $5 returning email`,
    [sha256(token), purpose, id, addresses, tx.now],
  );
  if (!spent) throw spentLink();
  return spent.email;
}

/** What was sent out so far for this purpose opens nothing any more. */
export async function voidLinks(tx: Tx, purpose: Purpose, { id }: User): Promise<void> {
  await tx.query('update account_links set used_at = $3 where user_id = $1 and purpose = $2 and used_at is null', [
    id,
    purpose,
    tx.now,
  ]);
}

/** As if the address had never been asked for: whoever opens its link finds nothing. */
export async function dropPendingLinks(tx: Tx, { id, email }: User): Promise<void> {
  const sql = `delete from account_links where user_id = $1 and purpose = 'verification' and used_at is null and email <> $2`;
  await tx.query(sql, [id, email]);
}
