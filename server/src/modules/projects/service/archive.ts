import type { Tx } from '../../../kernel/transact.ts';
import { accessVisibleProject } from '../access.ts';

/** Out of my lists, for me alone: my inbox tells my other devices. */
export async function archiveProject(tx: Tx, projectId: string): Promise<void> {
  await accessVisibleProject(tx.em, projectId, tx.me);
  const added = await tx.query(
    'insert into project_archives (user_id, project_id) values ($1, $2) on conflict do nothing returning 1 as one',
    [tx.me, projectId],
  );
  if (added.length > 0) await tellInbox(tx, 'account.project.archived', projectId);
}

export async function unarchiveProject(tx: Tx, projectId: string): Promise<void> {
  await accessVisibleProject(tx.em, projectId, tx.me);
  const removed = await tx.query(
    'delete from project_archives where user_id = $1 and project_id = $2 returning 1 as one',
    [tx.me, projectId],
  );
  if (removed.length > 0) await tellInbox(tx, 'account.project.unarchived', projectId);
}

async function tellInbox(
  tx: Tx,
  type: 'account.project.archived' | 'account.project.unarchived',
  projectId: string,
): Promise<void> {
  const [account] = await tx.query<{ inbox_room_id: string }>('select inbox_room_id from users where id = $1', [tx.me]);
  if (!account) throw new Error('an actor without an account');
  tx.append(account.inbox_room_id, { type, data: { projectId } });
}
