import { Failure } from '@safesend/shared/failure.ts';
import type { RoomEvent } from '@safesend/shared/rooms/event.ts';
import { seal } from './chain.ts';
import type { Buffered, FactBuffer, NewRoom } from './fact-buffer.ts';
import { factParts, headParts, readMarkPart, subjectOf, type Head, type SealedFact } from './fact-parts.ts';
import { isWithout } from './faults.ts';
import { membersUnderLock, readMembers, type Members } from './members.ts';
import { query, writeTogether, type Em, type Part } from './sql.ts';

/** SQLSTATE of work that somebody else's made obsolete. */
const serializationFailure = '40001';

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

/** Rooms whose next numbers are ours until the commit, with who is in them. */
export interface LockedRooms {
  readonly heads: Map<string, Head>;
  readonly members: Members;
}

/** Writes facts into rooms that are held, with what else belongs to them, and answers the commits of what was written. */
export type WriteAlong = (
  em: Em,
  buffer: FactBuffer,
  now: Date,
  held: LockedRooms,
  along: (events: readonly RoomEvent[]) => readonly Part[],
) => Promise<readonly Commit[]>;

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
  refuseStrangers(buffer.requiredMembers, members);
  refuseChangedAudience(buffer.audience, members);
  const { sealed, parts } = prepare(buffer, roomIds, heads, now, along);
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
 * Writes facts that bring nothing but themselves into those of their rooms whose heads are where they were remembered.
 * Answers their commits, and where the other rooms are now: into those nothing was written.
 */
export async function writeUnmoved(
  em: Em,
  buffer: FactBuffer,
  now: Date,
  { heads, members }: LockedRooms,
  along: (events: readonly RoomEvent[]) => readonly Part[],
): Promise<{ readonly commits: readonly Commit[]; readonly others: readonly Head[] }> {
  const roomIds = [...new Set(buffer.facts.map(({ ref }) => ref.roomId))].sort();
  const { sealed, parts } = prepare(buffer, roomIds, heads, now, along);
  const [row] = await writeTogether<{ written: string[] | null; others: Head[] | null }>(em, parts, {
    text: `(select array_agg(room_id::text) from headed) as written, ${briefWait}, case when not (select is_whole from whole) then
        (select json_agg(json_build_object('room_id', room_id, 'seq', seq, 'hash', hash, 'epoch', epoch, 'members_version', members_version::text))
         from room_heads where room_id = any($1::uuid[]) and room_id not in (select room_id from held)) end as others`,
    parameters: [roomIds],
  });
  const written = new Set(row?.written);
  const told = commits(sealed, buffer, heads, members).filter(({ roomId }) => written.has(roomId));
  return { commits: told, others: row?.others ?? [] };
}

function prepare(
  buffer: FactBuffer,
  roomIds: readonly string[],
  heads: Map<string, Head>,
  now: Date,
  along: (events: readonly RoomEvent[]) => readonly Part[],
): { sealed: readonly SealedFact[]; parts: readonly Part[] } {
  if (roomIds.some((roomId) => !heads.has(roomId))) throw new Failure('missing', 'No such room.');
  const sealed = number(buffer.facts, heads, now.toISOString());
  const events = sealed.map(({ event }) => event);
  const parts = [...headParts(heads, events), ...factParts(sealed), ...readMarkPart(buffer.facts), ...along(events)];
  return { sealed, parts };
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
    return { ...sealing, event: { ...envelope, data, hash: sealing.hash } as RoomEvent };
  });
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

/** Somebody who is told of this room has left it in between: the work is done again, without him. */
function refuseChangedAudience(audience: FactBuffer['audience'], members: LockedRooms['members']): void {
  if (audience.every(({ roomId, userId }) => members.get(roomId)?.includes(userId) ?? true)) return;
  throw Object.assign(new Error('Somebody left the room meanwhile.'), { code: serializationFailure });
}

function commits(
  sealed: readonly SealedFact[],
  buffer: FactBuffer,
  heads: Map<string, Head>,
  members: LockedRooms['members'],
): Commit[] {
  const unsaid = new Set(buffer.redactions.map(({ subjectId }) => subjectId));
  const events = new Map<string, RoomEvent[]>();
  for (const { event } of sealed) {
    const told = unsaid.has(subjectOf(event) ?? '') ? { ...event, redacted: true as const } : event;
    const before = events.get(event.roomId);
    if (before) before.push(told);
    else events.set(event.roomId, [told]);
  }
  const expelled = buffer.facts.flatMap(({ ref, expels }) => (expels ? [{ roomId: ref.roomId, expels }] : []));
  const moved = [...heads.values()].filter(({ room_id }) => events.has(room_id));
  return moved.map(({ room_id: roomId, epoch, members_version: membersVersion }) => ({
    roomId,
    epoch,
    membersVersion,
    events: events.get(roomId) ?? [],
    recipients: members.get(roomId) ?? [],
    expelled: expelled.filter((it) => it.roomId === roomId).map(({ expels }) => expels),
  }));
}
