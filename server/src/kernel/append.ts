import { Failure } from '@safesend/shared/failure.ts';
import { newId } from '@safesend/shared/ids.ts';
import { countsAsUnread, type RoomEvent, type RoomFact } from '@safesend/shared/rooms/event.ts';
import type { RoomKind } from '@safesend/shared/rooms/room.ts';
import { seal, type Seal } from './chain.ts';
import { isWithout } from './faults.ts';
import { membersUnderLock, readMembers, type Members } from './members.ts';
import { query, writeTogether, type Em, type Part } from './sql.ts';

/** A fact that was appended in this transaction; `seq` is known once the rooms are locked. */
export interface FactRef {
  readonly id: string;
  readonly roomId: string;
  readonly type: RoomFact['type'];
  readonly seq: number;
}

export interface NewRoom {
  readonly id: string;
  readonly kind: RoomKind;
  readonly title: string;
}

export interface NewMember {
  readonly userId: string;
  readonly role: 'client' | 'freelancer';
  /** `join`: he sees the room from his joining on. */
  readonly history: 'whole' | 'join';
}

interface Buffered {
  readonly ref: { id: string; roomId: string; type: RoomFact['type']; seq: number };
  readonly actorId: string | null;
  /** Evaluated after the numbers are known, so a fact may name another fact's number. */
  readonly fact: () => RoomFact;
  readonly admits?: NewMember;
  readonly expels?: { userId: string; reason: 'removed' | 'left' };
  readonly marksReadFor?: string;
}

/** What one commit tells one room. */
export interface Commit {
  readonly roomId: string;
  readonly epoch: string;
  /** Which membership the recipients are of; null when this commit changed it. */
  readonly membersVersion: string | null;
  readonly events: readonly RoomEvent[];
  readonly recipients: readonly string[];
  readonly expelled: readonly { userId: string; reason: 'removed' | 'left' }[];
}

type Extra = Partial<Pick<Buffered, 'admits' | 'expels' | 'marksReadFor'>>;

/** The facts of one transaction, gathered while it works and numbered last. */
export class FactBuffer {
  readonly #actorId: string | null;
  readonly rooms: NewRoom[] = [];
  readonly facts: Buffered[] = [];
  readonly redactions: { roomId: string; subjectId: string }[] = [];
  readonly retitles = new Map<string, string>();
  readonly requiredMembers: { roomId: string; userId: string }[] = [];
  readonly numbered: (() => Promise<void>)[] = [];
  readonly endedCredentials: string[] = [];

  constructor(actorId: string | null) {
    this.#actorId = actorId;
  }

  append(roomId: string, fact: RoomFact, extra: Extra = {}): FactRef {
    return this.appendLater(roomId, fact.type, () => fact, extra);
  }

  appendLater(roomId: string, type: RoomFact['type'], fact: () => RoomFact, extra: Extra = {}): FactRef {
    const ref = { id: newId(), roomId, type, seq: 0 };
    this.facts.push({ ref, actorId: this.#actorId, fact, ...extra });
    return ref;
  }

  /** The facts of several people who share a transaction, in the order in which they came. */
  static merge(buffers: readonly FactBuffer[]): FactBuffer {
    const merged = new FactBuffer(null);
    for (const buffer of buffers) {
      merged.rooms.push(...buffer.rooms);
      merged.facts.push(...buffer.facts);
      merged.redactions.push(...buffer.redactions);
      merged.requiredMembers.push(...buffer.requiredMembers);
      merged.numbered.push(...buffer.numbered);
      for (const [roomId, title] of buffer.retitles) merged.retitles.set(roomId, title);
    }
    return merged;
  }
}

export interface Head {
  room_id: string;
  seq: number;
  hash: string;
  epoch: string;
  members_version: string;
}
interface SealedFact extends Seal {
  readonly event: RoomEvent;
  readonly data: string;
}

/** Rooms whose next numbers are ours until the commit, with who is in them. */
export interface LockedRooms {
  readonly heads: Map<string, Head>;
  readonly members: Members;
}

/**
 * Locks rooms in id order, so two writers may queue but never deadlock; the locks last until commit, so a room's numbers
 * are handed out in the order the world sees them. `skip` leaves out rooms that somebody else holds.
 */
export async function lockRooms(em: Em, roomIds: readonly string[], busy: 'wait' | 'skip'): Promise<LockedRooms> {
  const heads = await query<Head>(
    em,
    `select room_id, seq::float8 as seq, hash, epoch, members_version::text from room_heads where room_id = any($1) order by room_id
     ${lockClause(busy)}`,
    [roomIds],
  );
  return { heads: new Map(heads.map((head) => [head.room_id, head])), members: await membersUnderLock(em, heads) };
}

function lockClause(busy: 'wait' | 'skip'): string {
  if (isWithout('room-lock')) return '';
  return busy === 'skip' && !isWithout('skip-locked') ? 'for update skip locked' : 'for update';
}

/**
 * Numbers, seals and writes what was buffered; everything in the house that becomes a fact becomes one here. `along` is
 * written with the facts, in the same round trip.
 */
export async function writeFacts(
  em: Em,
  buffer: FactBuffer,
  now: Date,
  held?: LockedRooms,
  along: (events: readonly RoomEvent[]) => readonly Part[] = () => [],
): Promise<Commit[]> {
  await openRooms(em, buffer.rooms, now);
  const roomIds = [...new Set(buffer.facts.map(({ ref }) => ref.roomId))].sort();
  if (roomIds.length === 0) return [];
  const { heads, members } = held ?? (await lockRooms(em, roomIds, 'wait'));
  if (roomIds.some((roomId) => !heads.has(roomId))) throw new Failure('missing', 'No such room.');
  refuseStrangers(buffer.requiredMembers, members);
  const sealed = number(buffer.facts, heads, now.toISOString());
  const events = sealed.map(({ event }) => event);
  const parts = [...headParts(heads, events), ...factParts(sealed), ...readMarkPart(buffer.facts), ...along(events)];
  await writeTogether(em, parts, {
    text: `same_heads((select count(*) from headed), $1)${held ? `, ${briefWait}` : ''}`,
    parameters: [roomIds.length],
  });
  const moved = await moveMembers(em, buffer.facts);
  await redact(em, buffer.redactions);
  await retitle(em, buffer.retitles);
  for (const hook of buffer.numbered) await hook();
  const told = commits(sealed, buffer, heads, moved ? await readMembers(em, roomIds) : members);
  return moved ? told.map((commit) => ({ ...commit, membersVersion: null })) : told;
}

/**
 * Where people share a commit, one whose command id or read mark somebody else holds keeps nobody for longer than this:
 * the batch ends and each goes on alone. Evaluated when the heads are ours, before anything else is written.
 */
const briefWait = `set_config('lock_timeout', '100ms', true)`;

async function openRooms(em: Em, rooms: readonly NewRoom[], now: Date): Promise<void> {
  for (const { id, kind, title } of rooms) {
    await query(em, 'insert into rooms (id, kind, title, created_at) values ($1, $2, $3, $4)', [id, kind, title, now]);
    await query(em, 'insert into room_heads (room_id) values ($1)', [id]);
  }
}

function number(facts: readonly Buffered[], heads: Map<string, Head>, at: string): SealedFact[] {
  const next = new Map([...heads].map(([roomId, { seq }]) => [roomId, seq]));
  for (const { ref } of facts) {
    ref.seq = (next.get(ref.roomId) ?? 0) + 1;
    next.set(ref.roomId, ref.seq);
  }
  return facts.map(({ ref, actorId, fact }) => {
    const head = heads.get(ref.roomId);
    if (!head) throw new Error('a fact without a locked room');
    const { type, data } = fact();
    const envelope = { roomId: ref.roomId, seq: ref.seq, id: ref.id, type, actorId, at };
    const sealing = seal(envelope, data, head.hash);
    head.hash = sealing.hash;
    head.seq = ref.seq;
    return { ...sealing, event: { ...envelope, data, hash: sealing.hash } as RoomEvent, data: JSON.stringify(data) };
  });
}

function factParts(sealed: readonly SealedFact[]): Part[] {
  const column = <Value>(pick: (fact: SealedFact) => Value) => sealed.map(pick);
  return [
    {
      name: 'input',
      text: `select * from unnest($1::uuid[], $2::bigint[], $3::uuid[], $4::text[], $5::uuid[], $6::timestamptz[],
          $7::uuid[], $8::boolean[], $9::text[], $10::text[], $11::text[], $12::text[], $13::json[])
          as t (room_id, seq, id, type, actor_id, at, subject_id, counts_unread, digest, prev_hash, hash, salt, data)`,
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

/** Nothing is written unless every head is still the one the facts were numbered from, with the members it had then. */
function headParts(heads: ReadonlyMap<string, Head>, events: readonly RoomEvent[]): Part[] {
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
    {
      name: 'headed',
      text: `update room_heads set seq = held.seq, hash = held.hash from held where room_heads.room_id = held.room_id
        returning 1`,
      parameters: [],
    },
  ];
}

/** The message a fact is about: what a deletion must find again. */
function subjectOf(event: RoomEvent): string | null {
  return event.type.startsWith('message.') && 'id' in event.data ? event.data.id : null;
}

async function moveMembers(em: Em, facts: readonly Buffered[]): Promise<boolean> {
  for (const { ref, admits, expels } of facts) {
    if (admits) {
      await query(
        em,
        `insert into memberships (room_id, user_id, role, from_seq, joined_seq) values ($1, $2, $3, $4, $5)`,
        [ref.roomId, admits.userId, admits.role, admits.history === 'whole' ? 1 : ref.seq, ref.seq],
      );
    }
    if (expels) {
      await query(
        em,
        'update memberships set until_seq = $3 where room_id = $1 and user_id = $2 and until_seq is null',
        [ref.roomId, expels.userId, ref.seq],
      );
    }
  }
  return facts.some(({ admits, expels }) => admits !== undefined || expels !== undefined);
}

function readMarkPart(facts: readonly Buffered[]): Part[] {
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
        on conflict (room_id, user_id) do update
          set seq = greatest(read_marks.seq, excluded.seq), spoken_seq = excluded.spoken_seq`,
      parameters: [moved.map(({ roomId }) => roomId), moved.map(({ userId }) => userId), moved.map(({ seq }) => seq)],
    },
  ];
}

async function redact(em: Em, redactions: FactBuffer['redactions']): Promise<void> {
  for (const { roomId, subjectId } of redactions) {
    await query(
      em,
      `insert into fact_redactions (room_id, seq) select room_id, seq from facts where room_id = $1 and subject_id = $2
       on conflict do nothing`,
      [roomId, subjectId],
    );
  }
}

async function retitle(em: Em, titles: ReadonlyMap<string, string>): Promise<void> {
  for (const [roomId, title] of titles) await query(em, 'update rooms set title = $2 where id = $1', [roomId, title]);
}

/** Asked under the room's lock: a removal that committed first has won (L7). */
function refuseStrangers(required: FactBuffer['requiredMembers'], members: LockedRooms['members']): void {
  for (const { roomId, userId } of required) {
    if (members.has(roomId) && !members.get(roomId)?.includes(userId)) throw new Failure('missing', 'No such room.');
  }
}

function commits(
  sealed: readonly SealedFact[],
  buffer: FactBuffer,
  heads: Map<string, Head>,
  members: LockedRooms['members'],
): Commit[] {
  const unsaid = new Set(buffer.redactions.map(({ subjectId }) => subjectId));
  const written = new Set(sealed.map(({ event }) => event.roomId));
  const moved = [...heads.values()].filter(({ room_id }) => written.has(room_id));
  return moved.map(({ room_id: roomId, epoch, members_version: membersVersion }) => ({
    roomId,
    epoch,
    membersVersion,
    events: sealed
      .filter(({ event }) => event.roomId === roomId)
      .map(({ event }) => (unsaid.has(subjectOf(event) ?? '') ? { ...event, redacted: true as const } : event)),
    recipients: members.get(roomId) ?? [],
    expelled: buffer.facts.flatMap(({ ref, expels }) => (expels && ref.roomId === roomId ? [expels] : [])),
  }));
}
