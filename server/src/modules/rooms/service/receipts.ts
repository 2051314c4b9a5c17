import type { ReadMark } from '@safesend/shared/rooms/member.ts';
import { keepPlan } from '../../../kernel/plans.ts';
import { query, type Em } from '../../../kernel/sql.ts';

/** SQL: in this direct conversation one of the two has blocked the other, and reading hints at nothing to either. */
const isBlockedIn = (roomId: string) => `exists (
  select from direct_rooms d join blocks b on (b.user_id, b.blocked_id) in ((d.first_id, d.second_id), (d.second_id, d.first_id))
  where d.room_id = ${roomId})`;

/** The others in a room who may know how far this person has read: he and they have read receipts, and no block is between them. */
export async function findReceiptReaders(em: Em, roomId: string, userId: string): Promise<string[]> {
  const rows = await query<{ user_id: string }>(
    em,
    `select m.user_id::text from memberships m
       join profiles reader on reader.user_id = $2 and reader.read_receipts
       join profiles viewer on viewer.user_id = m.user_id and viewer.read_receipts
     where m.room_id = $1 and m.until_seq is null and m.user_id <> $2 and not ${isBlockedIn('$1')}
       and exists (select from memberships seat where seat.room_id = $1 and seat.user_id = $2 and seat.until_seq is null)`,
    [roomId, userId],
  );
  return rows.map(({ user_id }) => user_id);
}

export interface ShownMark {
  readonly roomId: string;
  readonly seq: number;
  readonly readers: readonly string[];
}

/** How far a person has read in each of his rooms, as the others there who have read receipts may know it now. */
export async function findShownMarks(em: Em, userId: string): Promise<ShownMark[]> {
  return query<ShownMark>(
    em,
    `select r.room_id as "roomId", (case when reader.read_receipts and not ${isBlockedIn('r.room_id')} then r.seq else r.spoken_seq end)::float8 as seq,
       array_agg(others.user_id::text) as readers
     from memberships m join read_marks r using (room_id, user_id) join profiles reader using (user_id)
       join memberships others on others.room_id = m.room_id and others.user_id <> m.user_id and others.until_seq is null
       join profiles viewer on viewer.user_id = others.user_id and viewer.read_receipts
     where m.user_id = $1 and m.until_seq is null
     group by r.room_id, r.seq, r.spoken_seq, reader.read_receipts`,
    [userId],
  );
}

interface Viewer {
  readonly roomId: string;
  readonly viewerId: string;
}

const readsText = keepPlan(
  `select r.user_id as "userId", (case when r.user_id = $2 or (viewer.read_receipts and reader.read_receipts and not ${isBlockedIn('$1')})
       then r.seq else r.spoken_seq end)::float8 as seq
   from read_marks r join memberships m using (room_id, user_id)
     join profiles reader on reader.user_id = r.user_id join profiles viewer on viewer.user_id = $2
   where r.room_id = $1 and m.until_seq is null order by 2, 1`,
);

/** How far everybody has read, as one of them may know it: without receipts on both sides, or beyond a block, what the log itself shows. */
export function findReads(em: Em, { roomId, viewerId }: Viewer): Promise<ReadMark[]> {
  return query<ReadMark>(em, readsText, [roomId, viewerId]);
}
