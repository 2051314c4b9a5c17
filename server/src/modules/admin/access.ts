import { Failure } from '@safesend/shared/failure.ts';
import type { Grant } from '@safesend/shared/accounts/user.ts';
import { queryOne, type Em } from '../../kernel/sql.ts';

/** To everybody else there is nothing here (L6). */
export async function accessAdmin(em: Em, userId: string): Promise<void> {
  const grant: Grant = 'admin';
  const text = 'select 1 as one from users where id = $1 and $2 = any(grants)';
  if (!(await queryOne(em, text, [userId, grant]))) throw new Failure('missing', 'There is nothing here.');
}
