import { Failure, type FieldError } from '@safesend/shared/failure.ts';
import { sqlState, type Em } from '../../../kernel/sql.ts';
import { isEmailFree, isUsernameFree } from './people.ts';

const taken = {
  email: { path: 'email', message: 'There is an account with this address already.' },
  username: { path: 'username', message: 'This username is taken.' },
} as const;

/** Names everything that is taken at once, so that a form can show it at once. */
export async function refuseTaken(em: Em, { email, username }: { email: string; username?: string }): Promise<void> {
  const errors: FieldError[] = [];
  if (!(await isEmailFree(em, email))) errors.push(taken.email);
  if (username !== undefined && !(await isUsernameFree(em, username))) errors.push(taken.username);
  if (errors.length > 0) throw new Failure('conflict', errors.map(({ message }) => message).join(' '), { errors });
}

/** Somebody was faster between the look and the write: the constraint has the last word. */
export function refuseRacing(error: unknown): never {
  if (sqlState(error) !== '23505' || !(error instanceof Error)) throw error;
  const lost = error.message.includes('users_username') ? taken.username : taken.email;
  throw new Failure('conflict', lost.message, { errors: [lost] });
}
