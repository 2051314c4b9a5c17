import type { RoomEvent } from '@safesend/shared/rooms/event.ts';
import { countsAsUnread } from '@safesend/shared/rooms/unread.ts';
import type { Seal } from './chain.ts';
import type { Buffered } from './fact-buffer.ts';
import { isWithout } from './faults.ts';
import type { Part } from './sql.ts';

export interface Head {
  room_id: string;
  seq: number;
  hash: string;
  epoch: string;
  members_version: string;
}
export interface SealedFact extends Seal {
  readonly event: RoomEvent;
}

/**
 * Restricts a part to the rooms whose heads are ours. Where all of them are, which is nearly always, no row is asked about.
 */
export function inHeldRoom(roomIdColumn: string): string {
  return `case when (select is_whole from whole) then true else ${roomIdColumn} in (select room_id from held) end`;
}

export function factParts(sealed: readonly SealedFact[]): Part[] {
  const column = <Value>(pick: (fact: SealedFact) => Value) => sealed.map(pick);
  return [
    {
      name: 'input',
      text: `select * from unnest($1::uuid[], $2::bigint[], $3::uuid[], $4::text[], $5::uuid[], $6::timestamptz[],
          $7::uuid[], $8::boolean[], $9::text[], $10::text[], $11::text[], $12::text[], $13::json[])
          as t (room_id, seq, id, type, actor_id, at, subject_id, counts_unread, digest, prev_hash, hash, salt, data)
        where ${inHeldRoom('t.room_id')}`,
      parameters: [
        column(({ event }) => event.roomId),
        column(({ event }) => event.seq),
        column(({ event }) => event.id),
        column(({ event }) => event.type),
        column(({ event }) => event.actorId),
        column(({ event }) => event.at),
        column(({ event }) => subjectOf(event)),
        column(({ event }) => countsAsUnread(event.type)),
        column(({ digest }) => digest),
        column(({ prevHash }) => prevHash),
        column(({ hash }) => hash),
        column(({ salt }) => salt),
        column(({ data }) => data),
      ],
    },
    {
      name: 'written',
      text: `insert into facts (room_id, seq, id, type, actor_id, at, subject_id, counts_unread, digest, prev_hash, hash)
        select room_id, seq, id, type, actor_id, at, subject_id, counts_unread, digest, prev_hash, hash from input`,
      parameters: [],
    },
    {
      name: 'kept',
      text: 'insert into fact_payloads (room_id, seq, salt, data) select room_id, seq, salt, data from input',
      parameters: [],
    },
  ];
}

function sameHead(): string {
  if (isWithout('room-lock')) return 'h.room_id = k.room_id';
  const members = isWithout('membership-under-lock') ? '' : 'and h.members_version = k.members_version';
  return `h.room_id = k.room_id and h.epoch = k.epoch and h.seq = k.old_seq ${members}`;
}

/** A head is ours when it is still the one the facts were numbered from, with the members it had then, and nobody holds it. */
export function headParts(heads: ReadonlyMap<string, Head>, events: readonly RoomEvent[]): Part[] {
  const first = new Map<string, number>();
  for (const { roomId, seq } of events) if (!first.has(roomId)) first.set(roomId, seq);
  const moved = [...first].flatMap(([roomId, seq]) => ({ ...(heads.get(roomId) as Head), from: seq - 1 }));
  const column = <Value>(pick: (head: Head & { from: number }) => Value) => moved.map(pick);
  return [
    {
      name: 'held',
      text: `select h.room_id, k.seq, k.hash from room_heads h
          join unnest($1::uuid[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::text[])
            as k (room_id, epoch, members_version, old_seq, seq, hash)
          on ${sameHead()}
        order by h.room_id for update of h skip locked`,
      parameters: [
        column(({ room_id }) => room_id),
        column(({ epoch }) => epoch),
        column(({ members_version }) => members_version),
        column(({ from }) => from),
        column(({ seq }) => seq),
        column(({ hash }) => hash),
      ],
    },
    { name: 'whole', text: 'select count(*) = $1 as is_whole from held', parameters: [moved.length] },
    {
      name: 'headed',
      text: `update room_heads set seq = held.seq, hash = held.hash from held where room_heads.room_id = held.room_id
        returning room_heads.room_id`,
      parameters: [],
    },
  ];
}

/** The message a fact is about: what a deletion must find again. */
export function subjectOf(event: RoomEvent): string | null {
  return event.type.startsWith('message.') && 'id' in event.data ? event.data.id : null;
}

export function readMarkPart(facts: readonly Buffered[]): Part[] {
  const marks = new Map<string, { roomId: string; userId: string; seq: number }>();
  for (const { ref, admits, marksReadFor: userId = admits?.userId } of facts) {
    if (userId !== undefined) marks.set(`${ref.roomId} ${userId}`, { roomId: ref.roomId, userId, seq: ref.seq });
  }
  if (marks.size === 0) return [];
  const moved = [...marks.values()];
  return [
    {
      name: 'marked',
      text: `insert into read_marks (room_id, user_id, seq, spoken_seq)
        select room_id, user_id, seq, seq from unnest($1::uuid[], $2::uuid[], $3::bigint[]) as moved (room_id, user_id, seq)
        where ${inHeldRoom('moved.room_id')}
        order by moved.room_id, moved.user_id
        on conflict (room_id, user_id) do update
          set seq = greatest(read_marks.seq, excluded.seq), spoken_seq = excluded.spoken_seq`,
      parameters: [moved.map(({ roomId }) => roomId), moved.map(({ userId }) => userId), moved.map(({ seq }) => seq)],
    },
  ];
}
