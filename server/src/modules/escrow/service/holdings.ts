import { Failure } from '@safesend/shared/failure.ts';
import { queryOne } from '../../../kernel/sql.ts';
import type { Tx } from '../../../kernel/transact.ts';

/** Money of a project that is somewhere between its people: held, on its way, or being paid. */
const open = `held_minor + frozen_minor + releasing_minor + refunding_minor > 0 or exists (
  select from payments p where p.hold_id = h.id and p.status in ('processing', 'requires_action', 'declined'))`;

/** The project is locked by the caller, so nothing begins meanwhile. */
export async function refuseWhileHeld(tx: Tx, projectId: string, what: string): Promise<void> {
  const held = await queryOne(tx.em, `select 1 as one from holds h where project_id = $1 and (${open}) limit 1`, [
    projectId,
  ]);
  if (held) throw new Failure('conflict', `Money is held in this project. Release or refund it first, then ${what}.`);
}

/** A refund that came back is kept for the client as well: in the room is the button that gives it back. */
export async function refuseWhileHeldFor(tx: Tx, projectId: string, userId: string, what: string): Promise<void> {
  const held = await queryOne(
    tx.em,
    `select 1 as one from holds h where project_id = $1 and ((client_id = $2 and credit_minor > 0)
       or ($2 in (client_id, freelancer_id) and (${open}))) limit 1`,
    [projectId, userId],
  );
  if (held) throw new Failure('conflict', `Money is held for this person. Release or refund it first, then ${what}.`);
}

/** What moved money is evidence and stays. */
export async function refuseOnceMoved(tx: Tx, projectId: string): Promise<void> {
  const moved = await queryOne(tx.em, 'select 1 as one from holds where project_id = $1 and funded_minor > 0 limit 1', [
    projectId,
  ]);
  if (moved) throw new Failure('conflict', 'Money moved in this project: it stays as it is and can only be archived.');
}
