import type { Client } from 'pg';
import { chainHash, genesisHash, isSealed } from '../chain.ts';

interface FactRow {
  readonly room_id: string;
  readonly seq: number;
  readonly id: string;
  readonly type: string;
  readonly actor_id: string | null;
  readonly at: Date;
  readonly digest: string;
  readonly prev_hash: string;
  readonly hash: string;
  readonly has_payload: boolean;
  readonly salt: string | null;
  readonly data: string | null;
}

const batch = 1_000;

export interface Verified {
  readonly facts: number;
  /** The first place where the log is not what its hashes say, or null. */
  readonly broken: string | null;
}

/** Recomputes every digest and every hash of every room, in the caller's transaction. A blanked payload is skipped, its fact is not. */
export async function verifyChains(client: Client): Promise<Verified> {
  await client.query(
    `declare all_facts no scroll cursor for
     select f.room_id, f.seq::float8 as seq, f.id, f.type, f.actor_id, f.at, f.digest, f.prev_hash, f.hash,
            p.seq is not null as has_payload, p.salt, p.data::text as data
     from facts f left join fact_payloads p using (room_id, seq) order by f.room_id, f.seq`,
  );
  let [facts, before]: [number, FactRow | null] = [0, null];
  for (;;) {
    const { rows } = await client.query<FactRow>(`fetch ${batch} from all_facts`);
    for (const fact of rows) {
      const previous: FactRow | null = before?.room_id === fact.room_id ? before : null;
      const complaint = complaintAbout(fact, previous);
      if (complaint) return { facts, broken: `fact ${fact.seq} of room ${fact.room_id} ${complaint}` };
      before = fact;
      facts += 1;
    }
    if (rows.length < batch) break;
  }
  return { facts, broken: await wrongHead(client) };
}

function complaintAbout(fact: FactRow, before: FactRow | null): string | null {
  if (fact.seq !== (before?.seq ?? 0) + 1) return 'does not follow the one before it';
  if (fact.prev_hash !== (before?.hash ?? genesisHash)) return 'does not hang on the one before it';
  const { room_id: roomId, seq, id, type, actor_id: actorId, at, digest, prev_hash, hash } = fact;
  const envelope = { roomId, seq, id, type, actorId, at: at.toISOString() };
  if (hash !== chainHash(envelope, digest, prev_hash)) return 'does not have its hash';
  if (!fact.has_payload) return 'has no payload';
  if (fact.data === null || fact.salt === null) return null;
  return isSealed(digest, fact.salt, JSON.parse(fact.data)) ? null : 'does not say what its digest says';
}

async function wrongHead(client: Client): Promise<string | null> {
  const { rows } = await client.query<{ room_id: string }>(
    `select room_id from room_heads h full join
       (select distinct on (room_id) room_id, seq, hash from facts order by room_id, seq desc) f using (room_id)
     where h.seq is null or h.seq <> coalesce(f.seq, 0) or h.hash <> coalesce(f.hash, repeat('0', 64)) limit 1`,
  );
  return rows[0] ? `the head of room ${rows[0].room_id} is not its last fact` : null;
}
