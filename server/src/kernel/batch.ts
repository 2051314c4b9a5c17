import type { Answered, AnswerRecord, Command, KeptCommand } from './answers.ts';
import type { Head } from './fact-parts.ts';
import type { Settled } from './gather.ts';
import { inHeldRoom } from './fact-parts.ts';
import type { KnownHead } from './heads.ts';
import { query, type Em, type Part } from './sql.ts';

/** One person's command that appends one fact to one room. */
export interface Single<Input> {
  readonly actorId: string;
  readonly roomId: string;
  readonly command: Command;
  readonly input: Input;
  /** Product time when the sender's session was last seen alive, a moment ago; null where nobody asked. */
  readonly seenAt: Date | null;
}

export function later(one: Date | null, other: Date | null): Date | null {
  return !one || (other && other > one) ? other : one;
}

export function hold(
  held: { heads: Map<string, Head>; members: Map<string, readonly string[]> },
  roomId: string,
  head: KnownHead,
) {
  if (held.heads.has(roomId)) return;
  const { seq, hash, epoch, membersVersion, members } = head;
  held.heads.set(roomId, { room_id: roomId, seq, hash, epoch, members_version: membersVersion });
  held.members.set(roomId, [...members]);
}

/** The places of the commands, each id once: a twin in the same batch waits for the first one's record. */
export function firstOfEachId(singles: readonly Single<unknown>[]): number[] {
  const seen = new Set<string>();
  return singles.flatMap(({ actorId, command }, at) => {
    const key = `${actorId} ${command.id}`;
    if (seen.has(key)) return [];
    seen.add(key);
    return [at];
  });
}

interface FirstAnswer extends Omit<KeptCommand, 'verb'> {
  readonly now: Date | string;
  readonly at: number;
  readonly verb: string | null;
}

/** Product time, and what was answered under these ids already; a different body under one of them is a conflict. */
export async function answeredBefore<Answer>(em: Em, kept: AnswerRecord, singles: readonly Single<unknown>[]) {
  const rows = await query<FirstAnswer>(
    em,
    `select product_now() as now, t.at::int as at, c.verb, c.body_hash, c.status, c.answer
     from unnest($1::uuid[], $2::text[]) with ordinality as t (actor_id, command_id, at)
       left join commands c using (actor_id, command_id)`,
    [singles.map(({ actorId }) => actorId), singles.map(({ command }) => command.id)],
  );
  const results: (Settled<Answered<Answer>> | undefined)[] = singles.map(() => undefined);
  for (const { at, verb, ...first } of rows) {
    const single = singles[at - 1];
    if (!single || verb === null) continue;
    results[at - 1] = await kept.recall<Answer>(em, single.actorId, single.command, { verb, ...first }).then(
      (value) => ({ value }),
      (error: unknown) => ({ error }),
    );
  }
  return { now: new Date(rows[0]?.now ?? Number.NaN), results };
}

/** A twin at another process that was faster makes this fail: the batch rolls back, and each finds out by itself. */
export function record(
  kept: AnswerRecord,
  singles: readonly Single<unknown>[],
  answers: readonly Answered[],
  now: Date,
): Part {
  return {
    name: 'recorded',
    text: `insert into commands (actor_id, command_id, verb, body_hash, at, status, answer)
      select t.actor_id, t.command_id, t.verb, t.body_hash, $5::timestamptz, t.status, t.answer
      from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $6::smallint[], $7::json[], $8::uuid[])
        as t (actor_id, command_id, verb, body_hash, status, answer, room_id)
      where ${inHeldRoom('t.room_id')}`,
    parameters: [
      singles.map(({ actorId }) => actorId),
      singles.map(({ command }) => command.id),
      singles.map(({ command }) => command.verb),
      singles.map(({ actorId, command }) => kept.bodyHash(actorId, command)),
      now,
      answers.map(({ status }) => status),
      singles.map(({ actorId, command }, at) => kept.pack(actorId, command, answers[at]?.answer)),
      singles.map(({ roomId }) => roomId),
    ],
  };
}
