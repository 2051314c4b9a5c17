import { createHash } from 'node:crypto';
import type { RoomEvent } from '@safesend/shared/rooms/event.ts';
import type { Bench, Room } from './bench.ts';

/** What of a fact says which one it is, and where it stands. */
export type Placed = Pick<RoomEvent, 'seq' | 'id' | 'hash'>;

/** A digest of a stretch of a log that grows with it: equal only for the same facts in the same order. */
export class OrderDigest {
  readonly #digest = createHash('sha256');

  add({ seq, id, hash }: Placed): void {
    this.#digest.update(`${seq} ${id} ${hash}\n`);
  }

  get hash(): string {
    return this.#digest.copy().digest('hex');
  }
}

export function hashOf(facts: readonly Placed[]): string {
  const digest = new OrderDigest();
  for (const fact of facts) digest.add(fact);
  return digest.hash;
}

/** The log as Postgres has it, behind a number. */
export async function logHash(bench: Bench, room: Room, after: number): Promise<string> {
  return hashOf(
    await bench.sql(
      'select seq::float8 as seq, id, hash from facts where room_id = $1 and seq > $2 order by facts.seq',
      [room.id, after],
    ),
  );
}
