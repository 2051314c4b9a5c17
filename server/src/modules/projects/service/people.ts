import type { AccountRole } from '@safesend/shared/accounts/user.ts';
import { query, type Em } from '../../../kernel/sql.ts';

/** What inviting and joining need to know of an account. */
export interface Account {
  readonly userId: string;
  readonly email: string;
  readonly isVerified: boolean;
  readonly username: string;
  readonly displayName: string;
  readonly role: AccountRole;
}

interface AccountRow {
  id: string;
  email: string;
  is_verified: boolean;
  username: string;
  display_name: string;
  role: AccountRole;
}

export async function findAccounts(
  em: Em,
  by: 'id' | 'email' | 'username',
  values: readonly string[],
): Promise<Account[]> {
  const rows = await query<AccountRow>(
    em,
    `select u.id, u.email, u.email_verified_at is not null as is_verified, u.username, p.display_name, u.role
     from users u join profiles p on p.user_id = u.id where u.${by}::text = any($1) and (u.closed_at is null or $2)`,
    [values, by === 'id'],
  );
  return rows.map((row) => ({
    userId: row.id,
    email: row.email,
    isVerified: row.is_verified,
    username: row.username,
    displayName: row.display_name,
    role: row.role,
  }));
}

export async function findAccount(em: Em, by: 'id' | 'email' | 'username', value: string): Promise<Account | null> {
  const [account] = await findAccounts(em, by, [value]);
  return account ?? null;
}

/** The acting person. */
export async function getAccount(em: Em, userId: string): Promise<Account> {
  const account = await findAccount(em, 'id', userId);
  if (!account) throw new Error('an actor without an account');
  return account;
}
