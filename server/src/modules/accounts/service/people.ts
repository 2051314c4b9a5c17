import type { Person } from '@safesend/shared/accounts/user.ts';
import { Failure } from '@safesend/shared/failure.ts';
import { query, type Em } from '../../../kernel/sql.ts';
import { Profile, User, type Account } from '../entity.ts';

export async function findAccount(em: Em, userId: string): Promise<Account> {
  const user = await findUser(em, userId);
  const profile = await em.findOneOrFail(Profile, userId);
  return { user, profile };
}

export async function findUser(em: Em, userId: string): Promise<User> {
  const user = await em.findOne(User, userId);
  if (!user) throw new Failure('unauthenticated', 'Sign in first.');
  return user;
}

export async function findUserByEmail(em: Em, email: string): Promise<User | null> {
  return em.findOne(User, { email: email.trim().toLowerCase() });
}

export async function findUserByUsername(em: Em, username: string): Promise<User | null> {
  return em.findOne(User, { username: username.trim().toLowerCase() });
}

const columns =
  'u.id as "userId", u.username, p.display_name as "displayName" from users u join profiles p on p.user_id = u.id';

/** These people, by id. */
export async function findPeople(em: Em, ids: readonly string[]): Promise<Map<string, Person>> {
  const people = await query<Person>(em, `select ${columns} where u.id = any($1)`, [[...new Set(ids)]]);
  return new Map(people.map((person) => [person.userId, person]));
}

export async function findPersonByUsername(em: Em, username: string): Promise<Person | null> {
  const [person] = await query<Person>(em, `select ${columns} where u.username = $1`, [username.trim().toLowerCase()]);
  return person ?? null;
}

export async function isEmailFree(em: Em, email: string): Promise<boolean> {
  return (await query(em, 'select 1 as one from users where email = $1', [email])).length === 0;
}

export async function isUsernameFree(em: Em, username: string): Promise<boolean> {
  return (await query(em, 'select 1 as one from users where username = $1', [username])).length === 0;
}
