import { getRoom } from '@safesend/shared/rooms/calls.ts';
import { comparable } from '../comparable.ts';
import type { Bench } from './bench.ts';
import type { LiveClient } from './live-client.ts';
import type { LiveView } from './live-view.ts';
import { brokenBooks } from './traders.ts';

/** What went wrong, by checker; every list must be empty. */
export interface Findings {
  readonly 'C1 acknowledged, not stored': string[];
  readonly 'C2 gaps and repeats': string[];
  readonly 'C3 views that differ': string[];
  readonly 'C4 commands carried out twice': string[];
  readonly 'C5 received by strangers': string[];
  readonly 'C6 books that are wrong': string[];
  readonly 'C7 unexpected ends': string[];
  readonly 'C8 secrets in logs': string[];
}

export async function examine(bench: Bench): Promise<Findings> {
  const { faults, secrets } = await overheard(bench);
  const views = bench.clients.flatMap((client) => [...client.views.values()].map((view) => ({ client, view })));
  return {
    'C1 acknowledged, not stored': await missingAcks(bench),
    'C2 gaps and repeats': [...(await brokenLogs(bench)), ...brokenViews(views)],
    'C3 views that differ': await differingViews(views),
    'C4 commands carried out twice': await doubles(bench),
    'C5 received by strangers': await leaks(bench, views),
    'C6 books that are wrong': await brokenBooks(bench),
    'C7 unexpected ends': [...bench.nodes.flatMap((node) => node.unexpectedEnds), ...faults],
    'C8 secrets in logs': secrets,
  };
}

type Seen = readonly { client: LiveClient; view: LiveView }[];

async function missingAcks(bench: Bench): Promise<string[]> {
  const acks = bench.clients.flatMap((client) => client.acks);
  const rows = await bench.sql<{ place: string }>(
    `select t.room_id || ' ' || t.seq as place from unnest($1::uuid[], $2::bigint[], $3::uuid[], $4::text[]) as t (room_id, seq, id, body)
     where not exists (select from facts f join fact_payloads p using (room_id, seq)
       where f.room_id = t.room_id and f.seq = t.seq and f.id = t.id and p.data->>'body' = t.body)`,
    [acks.map((it) => it.roomId), acks.map((it) => it.seq), acks.map((it) => it.eventId), acks.map((it) => it.body)],
  );
  return rows.map(({ place }) => place);
}

async function brokenLogs(bench: Bench): Promise<string[]> {
  const rows = await bench.sql<{ room: string }>(
    `select h.room_id || ' head ' || h.seq || ', facts ' || count(f.seq) || ', last ' || coalesce(max(f.seq), 0) as room
     from room_heads h left join facts f using (room_id) group by h.room_id, h.seq
     having count(f.seq) <> h.seq or coalesce(max(f.seq), 0) <> h.seq`,
  );
  return rows.map(({ room }) => room);
}

function brokenViews(views: Seen): string[] {
  return views.flatMap(({ view }) => view.breaks.map((it) => `view of ${view.roomId}: ${it}`));
}

async function differingViews(views: Seen): Promise<string[]> {
  const differing: string[] = [];
  for (const { client, view } of views) {
    if (view.closed !== null || client.isSignedOut) continue;
    const fresh = await client.person.must(getRoom, { params: { roomId: view.roomId } });
    const [mine, theirs] = [comparable(view.state), comparable(fresh)].map((it) => JSON.stringify(sortedKeys(it)));
    if (mine !== theirs)
      differing.push(`${client.person.user.username} in ${view.roomId}: ${view.headSeq} / ${fresh.headSeq}`);
  }
  return differing;
}

function sortedKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortedKeys);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => a.localeCompare(b))
      .map(([key, inner]) => [key, sortedKeys(inner)]),
  );
}

/** Every text of a run is its own: one that is stored twice is a command that was carried out twice. */
async function doubles(bench: Bench): Promise<string[]> {
  const rows = await bench.sql<{ body: string }>(
    `select p.data->>'body' as body from facts join fact_payloads p using (room_id, seq)
     where type = 'message.posted' group by 1 having count(*) > 1`,
  );
  return rows.map(({ body }) => body);
}

async function leaks(bench: Bench, views: Seen): Promise<string[]> {
  const seen = views.flatMap(({ client, view }) =>
    [...view.received].map((seq) => ({ userId: client.person.id, roomId: view.roomId, seq })),
  );
  const rows = await bench.sql<{ leak: string }>(
    `select t.user_id || ' saw ' || t.room_id || ' ' || t.seq as leak
     from unnest($1::uuid[], $2::uuid[], $3::bigint[]) as t (user_id, room_id, seq)
     where not exists (select from memberships m where m.room_id = t.room_id and m.user_id = t.user_id
       and t.seq >= m.from_seq and (m.until_seq is null or t.seq < m.until_seq))`,
    [seen.map((it) => it.userId), seen.map((it) => it.roomId), seen.map((it) => it.seq)],
  );
  return rows.map(({ leak }) => leak);
}

/** What servers said that they should not have: of faults that nobody caught, and of what is nobody's business. */
async function overheard(bench: Bench): Promise<{ faults: string[]; secrets: string[] }> {
  const faults: string[] = [];
  const spilled = new Set<string>();
  const secrets = bench.secrets();
  for (const node of bench.nodes) {
    for await (const line of node.said()) {
      if (/a fault nobody caught|Unhandled|UnhandledPromiseRejection|uncaught/i.test(line)) faults.push(line);
      for (const secret of secrets) if (line.includes(secret)) spilled.add(secret);
    }
  }
  return { faults, secrets: [...spilled] };
}
