import { Failure } from '@safesend/shared/failure.ts';
import { newId } from '@safesend/shared/ids.ts';
import { query, queryOne, type Em } from '../../../kernel/sql.ts';
import type { Tx } from '../../../kernel/transact.ts';
import { isBlocked } from '../../accounts/access.ts';

interface PersonRow {
  id: string;
  username: string;
  display_name: string;
  role: 'client' | 'freelancer';
}

/** Opens the one direct room of two people who share a project, or finds it. */
export async function openDirect(tx: Tx, username: string): Promise<{ roomId: string; isNew: boolean }> {
  const other = await findPerson(tx.em, 'username', username);
  if (!other || other.id === tx.me) throw new Failure('missing', 'No such person.');
  const pair = [tx.me, other.id].sort();
  const existing = await findDirect(tx.em, pair);
  if (existing) return { roomId: existing, isNew: false };
  if (!(await shareProject(tx.em, tx.me, other.id))) throw new Failure('missing', 'No such person.');
  if (await isBlocked(tx.em, tx.me, other.id)) throw new Failure('forbidden', 'One of you blocked the other.');
  return open(tx, pair, other);
}

async function open(tx: Tx, pair: string[], other: PersonRow): Promise<{ roomId: string; isNew: boolean }> {
  const me = await findPerson(tx.em, 'id', tx.me);
  if (!me) throw new Failure('missing', 'No such person.');
  const roomId = newId();
  const opened = await query(
    tx.em,
    'insert into direct_rooms (room_id, first_id, second_id) values ($1, $2, $3) on conflict (first_id, second_id) do nothing returning 1 as one',
    [roomId, pair[0], pair[1]],
  );
  // Somebody opened it in between: his room is the room.
  if (opened.length === 0) return { roomId: (await findDirect(tx.em, pair)) ?? roomId, isNew: false };
  tx.openRoom({ id: roomId, kind: 'direct', title: '' });
  tx.append(roomId, { type: 'direct.opened', data: { people: [me, other].map(presentPerson) } });
  for (const person of [me, other]) {
    const { id: userId, role } = person;
    const data = { ...presentPerson(person), role, invitationId: null };
    tx.admit(roomId, { userId, role, history: 'whole' }, { type: 'member.joined', data });
  }
  return { roomId, isNew: true };
}

async function findDirect(em: Em, [first, second]: string[]): Promise<string | null> {
  const row = await queryOne<{ room_id: string }>(
    em,
    'select room_id from direct_rooms where first_id = $1 and second_id = $2',
    [first, second],
  );
  return row?.room_id ?? null;
}

async function findPerson(em: Em, by: 'id' | 'username', value: string): Promise<PersonRow | null> {
  return queryOne<PersonRow>(
    em,
    `select u.id, u.username, p.display_name, u.role from users u join profiles p on p.user_id = u.id where u.${by} = $1`,
    [value],
  );
}

function presentPerson({ id, username, display_name: displayName }: PersonRow) {
  return { userId: id, username, displayName };
}

async function shareProject(em: Em, a: string, b: string): Promise<boolean> {
  const row = await queryOne(
    em,
    `select 1 as one from memberships x join memberships y using (room_id) join rooms r on r.id = x.room_id
     where x.user_id = $1 and y.user_id = $2 and x.until_seq is null and y.until_seq is null and r.kind = 'project' limit 1`,
    [a, b],
  );
  return row !== null;
}

/** The block that was made or lifted just now: the other side must not write into the void, nor be told who it was twice. */
export async function settleBlock(tx: Tx, otherId: string, isMade: boolean): Promise<void> {
  const [pair] = await lockDirect(tx, 'd.first_id in ($1, $2) and d.second_id in ($1, $2)', [tx.me, otherId]);
  if (!pair) return;
  const rest = isMade ? await isBlockedBy(tx, otherId) : await isBlocked(tx.em, tx.me, otherId);
  if (!rest) tx.append(pair.room_id, { type: isMade ? 'direct.closed' : 'direct.reopened', data: {} });
}

/** Nobody answers from a closed account: its direct conversations that were open are closed. */
export async function closeDirect(tx: Tx): Promise<void> {
  const open = await lockDirect(
    tx,
    `$1 in (d.first_id, d.second_id) and not exists (
       select from blocks b where (b.user_id, b.blocked_id) in ((d.first_id, d.second_id), (d.second_id, d.first_id)))
     and not exists (select from users u where u.id in (d.first_id, d.second_id) and u.id <> $1 and u.closed_at is not null)`,
    [tx.me],
  );
  for (const { room_id: roomId } of open) tx.append(roomId, { type: 'direct.closed', data: {} });
}

/** In one order, so that two who block each other at once queue up and the second sees the first. */
async function lockDirect(tx: Tx, which: string, parameters: readonly string[]): Promise<{ room_id: string }[]> {
  const sql = `select d.room_id from direct_rooms d where ${which} order by d.room_id for no key update`;
  return tx.query<{ room_id: string }>(sql, [...parameters]);
}

async function isBlockedBy(tx: Tx, otherId: string): Promise<boolean> {
  const found = await tx.query(
    `select 1 as one from blocks where user_id = $1 and blocked_id = $2
     union all select 1 from users where id = $1 and closed_at is not null`,
    [otherId, tx.me],
  );
  return found.length > 0;
}
