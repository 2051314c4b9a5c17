import type { Person } from '@safesend/shared/accounts/user.ts';
import { Failure, refuseField } from '@safesend/shared/failure.ts';
import { query, type Em } from '../../../kernel/sql.ts';
import type { Tx } from '../../../kernel/transact.ts';
import { accessAccount, accessAcquaintance } from '../access.ts';
import { findPeople } from './people.ts';

export async function block(tx: Tx, userId: string): Promise<void> {
  const { user } = await accessAccount(tx);
  if (userId === user.id) throw refuseField('invalid', 'userId', 'You cannot block yourself.');
  const person = await accessPerson(tx, userId);
  const added = await tx.query(
    'insert into blocks (user_id, blocked_id, created_at) values ($1, $2, $3) on conflict do nothing returning 1 as one',
    [user.id, userId, tx.now],
  );
  if (added.length > 0) tx.append(user.inboxRoomId, { type: 'account.person.blocked', data: person });
}

export async function unblock(tx: Tx, userId: string): Promise<void> {
  const { user } = await accessAccount(tx);
  const person = await accessPerson(tx, userId);
  const lifted = await tx.query('delete from blocks where user_id = $1 and blocked_id = $2 returning 1 as one', [
    user.id,
    userId,
  ]);
  if (lifted.length > 0) tx.append(user.inboxRoomId, { type: 'account.person.unblocked', data: person });
}

async function accessPerson(tx: Tx, userId: string): Promise<Person> {
  await accessAcquaintance(tx, userId);
  const person = (await findPeople(tx.em, [userId])).get(userId);
  if (!person) throw new Failure('missing', 'No such person.');
  return person;
}

export async function findBlocked(em: Em, userId: string): Promise<Person[]> {
  const rows = await query<{ blocked_id: string }>(
    em,
    'select blocked_id from blocks where user_id = $1 order by created_at desc, blocked_id',
    [userId],
  );
  const people = await findPeople(
    em,
    rows.map(({ blocked_id }) => blocked_id),
  );
  return rows.flatMap(({ blocked_id }) => people.get(blocked_id) ?? []);
}
