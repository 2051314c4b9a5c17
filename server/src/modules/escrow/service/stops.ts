import { Failure } from '@safesend/shared/failure.ts';
import { query, queryOne, type Em } from '../../../kernel/sql.ts';

/** Only the processor has it, and somebody has written down why: what cannot be undone there must not stop for ever. */
export const acceptedWhere = `what = 'unknown' and ours is not null`;

/** While something of his, or of nobody in particular, differs between the books and the processor, nothing is released to him. */
export async function isStopped(em: Em, processor: string, freelancerId: string): Promise<boolean> {
  const text = `select 1 as one from processor_differences
    where processor = $1 and (freelancer_id = $2 or freelancer_id is null) and not (${acceptedWhere}) limit 1`;
  return (await queryOne(em, text, [processor, freelancerId])) !== null;
}

export const nameOf = ({ kind, objectId }: { readonly kind: string; readonly objectId: string }) =>
  `${kind} ${objectId}`;

/** What was written down about what was accepted, by kind and name. */
export async function findAccepted(em: Em, processor: string): Promise<ReadonlyMap<string, string>> {
  const rows = await query<{ kind: string; object_id: string; ours: string }>(
    em,
    `select kind, object_id, ours from processor_differences where processor = $1 and ${acceptedWhere}`,
    [processor],
  );
  return new Map(rows.map(({ kind, object_id: objectId, ours }) => [nameOf({ kind, objectId }), ours]));
}

/** Writes down why something is at the processor alone, once. It stops nobody from then on, and is in the books of nobody. */
export async function acceptDifference(em: Em, objectId: string, note: string): Promise<void> {
  const text = `update processor_differences set ours = $2 where object_id = $1 and what = 'unknown' and ours is null returning 1 as one`;
  if ((await query(em, text, [objectId, note])).length > 0) return;
  const known = await queryOne<{ what: string }>(em, 'select what from processor_differences where object_id = $1', [
    objectId,
  ]);
  if (!known) throw new Failure('missing', 'Nothing of that name differed when the books were compared last.');
  if (known.what === 'unknown') throw new Failure('conflict', 'This was accepted already.');
  throw new Failure('conflict', 'The books have this as well: only what the processor alone has can be accepted.');
}
