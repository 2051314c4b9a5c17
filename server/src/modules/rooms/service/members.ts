import { Failure } from '@safesend/shared/failure.ts';
import type { Profile, User } from '@safesend/shared/accounts/user.ts';
import type { ListedMember, Member } from '@safesend/shared/rooms/member.ts';
import type { RoomKind } from '@safesend/shared/rooms/room.ts';
import { query, type Em } from '../../../kernel/sql.ts';
import type { Tx } from '../../../kernel/transact.ts';
import { accessRoom, findSeat, type Seat } from '../access.ts';
import { presentListedMember, presentMember, type MemberRow } from '../present.ts';

/** Who may end a membership in rooms of one kind; each throws where the answer is no. */
export interface RoomRules {
  mayLeave(tx: Tx, seat: Seat): Promise<void>;
  mayRemove(tx: Tx, seat: Seat, userId: string): Promise<void>;
}
export type RulesByKind = Partial<Record<RoomKind, RoomRules>>;

export async function findMembers(em: Em, roomIds: readonly string[]): Promise<Map<string, Member[]>> {
  return byRoom(await readMembers(em, roomIds), presentMember);
}

/** With their pictures: who is in a list of rooms is met all over the pages, before any of the rooms is opened. */
export async function findListedMembers(em: Em, roomIds: readonly string[]): Promise<Map<string, ListedMember[]>> {
  return byRoom(await readMembers(em, roomIds), presentListedMember);
}

async function readMembers(em: Em, roomIds: readonly string[]): Promise<MemberRow[]> {
  return query<MemberRow>(
    em,
    `select m.room_id, m.user_id, u.username, p.display_name, p.avatar_id, m.role, m.joined_seq::float8 as joined_seq
     from memberships m join users u on u.id = m.user_id join profiles p on p.user_id = u.id
     where m.room_id = any($1) and m.until_seq is null order by m.joined_seq`,
    [roomIds],
  );
}

function byRoom<View>(rows: readonly MemberRow[], present: (row: MemberRow) => View): Map<string, View[]> {
  const grouped = Map.groupBy(rows, ({ room_id }) => room_id);
  return new Map([...grouped].map(([roomId, members]) => [roomId, members.map(present)]));
}

/** Leaving (my own id) or removing somebody else. */
export async function removeMember(tx: Tx, roomId: string, userId: string, rules: RulesByKind): Promise<void> {
  const seat = await accessRoom(tx, roomId);
  const rule = rules[seat.kind];
  if (!rule) throw new Failure('conflict', 'Nobody leaves this kind of room.');
  if (userId === tx.me) {
    await rule.mayLeave(tx, seat);
    tx.expel(roomId, userId, 'left', { type: 'member.left', data: { userId } });
    return;
  }
  await rule.mayRemove(tx, seat, userId);
  // Locked, so that two removals of one person are one removal and one "missing".
  const present = await tx.query(
    'select 1 as one from memberships where room_id = $1 and user_id = $2 and until_seq is null for update',
    [roomId, userId],
  );
  if (present.length === 0) throw new Failure('missing', 'No such member.');
  tx.expel(roomId, userId, 'removed', { type: 'member.removed', data: { userId } });
}

export async function findRoomMembers(em: Em, roomId: string, userId: string): Promise<Member[]> {
  await findSeat(em, roomId, userId);
  return (await findMembers(em, [roomId])).get(roomId) ?? [];
}

/** The profiles of the people one shares a room with. */
export async function findRoomPeople(em: Em, roomId: string, userId: string): Promise<Profile[]> {
  await findSeat(em, roomId, userId);
  return query<Profile>(
    em,
    `select m.user_id as "userId", u.username, p.display_name as "displayName", p.headline, p.bio, p.time_zone as "timeZone", p.avatar_id as "avatarId"
     from memberships m join users u on u.id = m.user_id join profiles p on p.user_id = u.id
     where m.room_id = $1 and m.until_seq is null order by m.joined_seq`,
    [roomId],
  );
}

/** A new name shows in every room of the person, as a fact of each. */
export async function changeMemberName(tx: Tx, person: Pick<User, 'id' | 'username' | 'displayName'>): Promise<void> {
  const rooms = await tx.query<{ room_id: string; role: Seat['role'] }>(
    `select m.room_id, m.role from memberships m join rooms r on r.id = m.room_id and r.kind <> 'inbox'
     where m.user_id = $1 and m.until_seq is null and $2 is distinct from (
       select p.data ->> 'displayName' from facts f join fact_payloads p using (room_id, seq)
       where f.room_id = m.room_id and f.type in ('member.joined', 'member.changed') and p.data ->> 'userId' = $1::text
       order by f.seq desc limit 1)`,
    [person.id, person.displayName],
  );
  for (const { room_id: roomId, role } of rooms) {
    const { id: userId, username, displayName } = person;
    tx.append(roomId, { type: 'member.changed', data: { userId, username, displayName, role } });
  }
}
