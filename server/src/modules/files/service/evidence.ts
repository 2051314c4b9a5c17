import { Failure } from '@safesend/shared/failure.ts';
import type { SubmittedFile } from '@safesend/shared/projects/milestone.ts';
import { query, type Em } from '../../../kernel/sql.ts';
import type { Tx } from '../../../kernel/transact.ts';
import type { Contested, FindContested } from '../access.ts';

export interface HandedIn {
  readonly submissionId: string;
  readonly milestoneId: string;
  readonly files: readonly Pick<SubmittedFile, 'fileId' | 'version'>[];
}

/** From now on these versions belong to what was handed in for this milestone. */
export async function pinVersions(tx: Tx, { submissionId, milestoneId, files }: HandedIn): Promise<void> {
  if (files.length === 0) return;
  await tx.query(
    `insert into file_pins (submission_id, milestone_id, file_id, version)
     select $1, $2, p."fileId", p.version from jsonb_to_recordset($3::jsonb) as p("fileId" uuid, version integer)
     on conflict do nothing`,
    [submissionId, milestoneId, JSON.stringify(files.map(({ fileId, version }) => ({ fileId, version })))],
  );
}

/** For which contested milestone was this file handed in? */
export async function findEvidence(em: Em, fileId: string, findContested: FindContested): Promise<Contested | null> {
  const pins = await query<{ id: string }>(em, 'select distinct milestone_id as id from file_pins where file_id = $1', [
    fileId,
  ]);
  return pins.length === 0
    ? null
    : findContested(
        em,
        pins.map(({ id }) => id),
      );
}

/**
 * Asked again when the removal has its number: what was contested before it in the room's log is known by then, whatever
 * else was going on.
 */
export function keepEvidence(tx: Tx, fileId: string, findContested: FindContested): void {
  tx.whenNumbered(async () => {
    const contested = await findEvidence(tx.em, fileId, findContested);
    if (contested) throw refusal(contested);
  });
}

function refusal({ title, state }: Contested): Failure {
  const why = state === 'open' ? 'whose money is in dispute' : 'which was charged back';
  return new Failure('conflict', `This file is evidence: it was handed in for “${title}”, ${why}. It stays.`);
}
