import type { RegistrationMode } from '@safesend/shared/accounts/forms.ts';
import { queryOne, type Em } from '../../../kernel/sql.ts';
import type { Tx } from '../../../kernel/transact.ts';

export async function findRegistrationMode(em: Em): Promise<RegistrationMode> {
  const setting = await queryOne<{ value: RegistrationMode }>(
    em,
    `select value from operator_settings where name = 'registration'`,
  );
  return setting?.value ?? 'open';
}

export async function setRegistrationMode(tx: Tx, mode: RegistrationMode): Promise<void> {
  await tx.query(
    `insert into operator_settings (name, value) values ('registration', $1) on conflict (name) do update set value = excluded.value`,
    [JSON.stringify(mode)],
  );
}
