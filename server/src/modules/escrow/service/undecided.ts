import type { Tx } from '../../../kernel/transact.ts';

/** Chargebacks about which banks have not decided. */
export interface Undecided {
  /** Until when evidence is taken: the first end that is still to come. Null: no bank takes it any more. */
  readonly evidenceDueAt: string | null;
}

/** Null: every bank has decided. */
export async function findUndecided(tx: Tx, milestoneId: string): Promise<Undecided | null> {
  const [row] = await tx.query<{ open: number; at: Date | string | null }>(
    `select count(*)::int as open, min(c.evidence_due_at) filter (where c.evidence_due_at > $2) as at
     from chargebacks c join holds h on h.id = c.hold_id where h.milestone_id = $1 and c.status = 'open'`,
    [milestoneId, tx.now],
  );
  if (!row || row.open === 0) return null;
  return { evidenceDueAt: row.at ? new Date(row.at).toISOString() : null };
}
