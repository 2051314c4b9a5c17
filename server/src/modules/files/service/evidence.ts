import { Failure } from '@safesend/shared/failure.ts';
import type { Evidence } from '@safesend/shared/files/file.ts';
import { evidenceDays } from '@safesend/shared/files/limits.ts';
import type { SubmittedFile } from '@safesend/shared/projects/milestone.ts';
import { query, type Em } from '../../../kernel/sql.ts';
import type { Tx } from '../../../kernel/transact.ts';
import type { FindClaim } from '../access.ts';

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

/** For which milestone that still needs it was this file handed in? */
export async function findEvidence(em: Em, fileId: string, findClaim: FindClaim): Promise<Evidence | null> {
  const pins = await query<{ id: string }>(em, 'select distinct milestone_id as id from file_pins where file_id = $1', [
    fileId,
  ]);
  return pins.length === 0
    ? null
    : findClaim(
        em,
        pins.map(({ id }) => id),
      );
}

/**
 * Asked when the removal has its number: what stands before it in the room's log is known by then, whatever else was going
 * on.
 */
export function keepEvidence(tx: Tx, fileId: string, findClaim: FindClaim): void {
  tx.whenNumbered(async () => {
    const evidence = await findEvidence(tx.em, fileId, findClaim);
    if (evidence) throw refusal(evidence);
  });
}

function refusal({ milestoneTitle, state, until }: Evidence): Failure {
  const why = {
    disputed: 'whose money is in dispute. It stays.',
    charged_back: 'which was charged back. It stays.',
    unsettled: `whose money is not settled. It stays until it is, and for ${evidenceDays} days after that.`,
    recent: `whose payment a bank may still take back. It stays until ${until?.slice(0, 10) ?? 'then'}.`,
  }[state];
  return new Failure('conflict', `This file is evidence: it was handed in for “${milestoneTitle}”, ${why}`);
}
