import { Failure } from '@safesend/shared/failure.ts';
import type { LoggedEvent, RoomEvent } from '@safesend/shared/rooms/event.ts';
import { isWithout } from './faults.ts';
import { keepPlan } from './plans.ts';
import { query, type Em } from './sql.ts';

/** From where to where a person may see a room; `untilSeq` is open for the membership he has now. */
export interface Interval {
  readonly fromSeq: number;
  readonly untilSeq: number | null;
}

export interface Sight {
  readonly roomId: string;
  readonly intervals: readonly Interval[];
  readonly headSeq: number;
  readonly headHash: string;
  readonly epoch: string;
  readonly firstSeq: number;
}

/**
 * What a person may see of a room: *a member now, and n in one of his intervals*. A room he is not in and a room that
 * does not exist are the same to him (L6).
 */
export async function findSight(em: Em, roomId: string, userId: string): Promise<Sight> {
  const [sight] = await findSights(em, [{ roomId, userId }]);
  if (!sight) throw new Failure('missing', 'No such room.');
  return sight;
}

interface SightRow {
  room_id: string;
  seq: number;
  hash: string;
  epoch: string | null;
  spans: [number, number | null][] | null;
}

const sightsText = keepPlan(
  `select asked.room_id, h.seq::float8 as seq, h.hash, h.epoch,
     (select json_agg(json_build_array(m.from_seq, m.until_seq) order by m.from_seq) from memberships m
      where m.room_id = asked.room_id and m.user_id = asked.user_id and exists (
        select from memberships now
        where now.room_id = asked.room_id and now.user_id = asked.user_id and now.until_seq is null)) as spans
   from unnest($1::uuid[], $2::uuid[]) with ordinality as asked (room_id, user_id, at)
     left join room_heads h on h.room_id = asked.room_id
   order by asked.at`,
);

/** The same for several questions at once; null for a room that is not to be seen. */
export async function findSights(
  em: Em,
  asked: readonly { readonly roomId: string; readonly userId: string }[],
): Promise<(Sight | null)[]> {
  const rows = await query<SightRow>(em, sightsText, [
    asked.map(({ roomId }) => roomId),
    asked.map(({ userId }) => userId),
  ]);
  return rows.map((row) => {
    if (row.epoch === null || (!row.spans && !isWithout('sight'))) return null;
    const intervals = (row.spans ?? [[1, null] as const]).map(([fromSeq, untilSeq]) => ({ fromSeq, untilSeq }));
    const firstSeq = Math.min(...intervals.map(({ fromSeq }) => fromSeq));
    return { roomId: row.room_id, intervals, headSeq: row.seq, headHash: row.hash, epoch: row.epoch, firstSeq };
  });
}

export interface PageRequest {
  readonly after?: number | undefined;
  readonly before?: number | undefined;
  readonly limit: number;
  readonly epoch?: string | undefined;
}

export interface EventPage {
  readonly events: LoggedEvent[];
  readonly headSeq: number;
  readonly epoch: string;
  readonly firstSeq: number;
  readonly more: boolean;
}

const maxPageBytes = 256 * 1024;

/** One page of the facts a person may see. A position that cannot be continued from answers `reset`, never a hole. */
export async function readPage(em: Em, sight: Sight, request: PageRequest): Promise<EventPage> {
  refusePosition(sight, request);
  return readAllowed(em, sight, request);
}

const wholePage = 500;

/** Everything that a list holds, in its order; no more than a page of it is read at a time. */
export async function* readEveryPage<Item>(
  read: (
    cursor: string | undefined,
  ) => Promise<{ readonly items: readonly Item[]; readonly nextCursor: string | null }>,
): AsyncGenerator<Item> {
  for (let cursor: string | undefined, more = true; more;) {
    const { items, nextCursor } = await read(cursor);
    yield* items;
    cursor = nextCursor ?? undefined;
    more = cursor !== undefined;
  }
}

/** Every fact a person may see of a room, the oldest first; no more than a page of them is read at a time. */
export async function* readWhole(em: Em, sight: Sight): AsyncGenerator<RoomEvent> {
  for (let after = sight.firstSeq - 1, more = true; more;) {
    const page = await readPage(em, sight, { after, limit: wholePage });
    yield* page.events.map(asLive);
    after = page.events.at(-1)?.seq ?? after;
    ({ more } = page);
  }
}

export function refusePosition(sight: Sight, { after = 0, before, epoch }: PageRequest): void {
  if (epoch !== undefined && epoch !== sight.epoch) throw resetFailure();
  if (before === undefined) refuseUnseen(sight, after);
}

/** The page itself, when the position is known to be one of this sight. */
export async function readAllowed(em: Em, sight: Sight, { after = 0, before, limit }: PageRequest): Promise<EventPage> {
  const forward = before === undefined;
  const rows = await readFacts(em, sight, forward ? { after } : { before }, limit + 1);
  const events = withinBytes(rows.slice(0, limit));
  const more = rows.length > events.length;
  const lastSeq = forward ? (events.at(-1)?.seq ?? 0) : 0;
  return {
    events: forward ? events : events.reverse(),
    // Facts that committed between the two reads are part of the page: the head is never behind it.
    headSeq: Math.max(sight.headSeq, lastSeq),
    epoch: sight.epoch,
    firstSeq: sight.firstSeq,
    more,
  };
}

function refuseUnseen(sight: Sight, after: number): void {
  const known =
    after === 0 || sight.intervals.some((it) => after >= it.fromSeq - 1 && after <= (it.untilSeq ?? sight.headSeq));
  if ((!known || after > sight.headSeq) && !isWithout('position-check')) throw resetFailure();
}

export function resetFailure(): Failure {
  return new Failure('reset', 'This position is not in the room as it stands. Take a fresh snapshot.');
}

interface FactRow {
  seq: number;
  id: string;
  type: string;
  actor_id: string | null;
  at: Date | string;
  data: Record<string, unknown> | null;
  salt: string | null;
  digest: string;
  prev_hash: string;
  hash: string;
  redacted: boolean;
}

async function readFacts(
  em: Em,
  { roomId, intervals }: Pick<Sight, 'roomId' | 'intervals'>,
  position: { after: number } | { before: number },
  limit: number,
): Promise<LoggedEvent[]> {
  const [bound, at, order] = 'after' in position ? ['>', position.after, 'asc'] : ['<', position.before, 'desc'];
  const rows = await query<FactRow>(
    em,
    `select f.seq::float8 as seq, f.id, f.type, f.actor_id, f.at, p.data, p.salt, f.digest, f.prev_hash, f.hash,
       r.seq is not null as redacted
     from facts f join fact_payloads p using (room_id, seq) left join fact_redactions r using (room_id, seq)
     where f.room_id = $1 and f.seq ${bound} $2::numeric::bigint
       and exists (select from unnest($3::bigint[], $4::bigint[]) as it (from_seq, until_seq)
                   where f.seq between it.from_seq and coalesce(it.until_seq, 9223372036854775807))
     order by f.seq ${order} limit $5`,
    [roomId, at, intervals.map(({ fromSeq }) => fromSeq), intervals.map(({ untilSeq }) => untilSeq), limit],
  );
  return rows.map((row) => loggedEvent(roomId, row));
}

function loggedEvent(roomId: string, row: FactRow): LoggedEvent {
  const gone = row.redacted || row.data === null;
  const data = gone ? { ...row.data, body: null } : row.data;
  const event = {
    roomId,
    seq: row.seq,
    id: row.id,
    type: row.type,
    actorId: row.actor_id,
    at: new Date(row.at).toISOString(),
    data,
    salt: gone ? null : row.salt,
    digest: row.digest,
    prevHash: row.prev_hash,
    hash: row.hash,
    ...(gone && { redacted: true as const }),
  };
  return event as unknown as LoggedEvent;
}

function withinBytes(events: LoggedEvent[]): LoggedEvent[] {
  let bytes = 0;
  const end = events.findIndex((event) => (bytes += Buffer.byteLength(JSON.stringify(event))) > maxPageBytes);
  return end < 0 ? events : events.slice(0, Math.max(1, end));
}

/** The event as it travels live, without the auditor's part. */
export function asLive({ salt: _salt, digest: _digest, prevHash: _prevHash, ...event }: LoggedEvent): RoomEvent {
  return event;
}

/** The facts after a number with who may receive them now: what a process that missed a publication delivers late. */
export async function readMissed(em: Em, roomId: string, after: number, limit: number): Promise<LoggedEvent[]> {
  return readFacts(em, everythingIn(roomId), { after }, limit);
}

/** One fact by its number, for somebody who was shown it before. */
export async function readOne(em: Em, roomId: string, seq: number): Promise<LoggedEvent | null> {
  const [event] = await readFacts(em, everythingIn(roomId), { after: seq - 1 }, 1);
  return event ?? null;
}

function everythingIn(roomId: string): Pick<Sight, 'roomId' | 'intervals'> {
  return { roomId, intervals: [{ fromSeq: 1, untilSeq: null }] };
}
