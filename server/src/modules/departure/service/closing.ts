import { closedName } from '@safesend/shared/accounts/user.ts';
import { Failure } from '@safesend/shared/failure.ts';
import type { Wallet } from '@safesend/shared/escrow/wallet.ts';
import type { Processor } from '../../../kernel/ports/processor.ts';
import type { Tx } from '../../../kernel/transact.ts';
import { closedUsername } from '../../accounts/entity.ts';
import { accessClosing, close } from '../../accounts/service/closing.ts';
import { removeEveryMethod } from '../../escrow/service/methods.ts';
import { setTaxDetails } from '../../escrow/service/tax.ts';
import { findWallet } from '../../escrow/service/wallet.ts';
import { forgetAvatar } from '../../files/service/avatars.ts';
import { revokeEveryLinkOf } from '../../files/service/sharing.ts';
import { forgetActor } from '../../notifications/service.ts';
import { declineInvitation } from '../../projects/service/answers.ts';
import { findMyInvitations } from '../../projects/service/reading.ts';
import { projectRules } from '../../projects/service/rooms.ts';
import { changeMemberName, removeMember } from '../../rooms/service/members.ts';

/**
 * Closes the acting person's account, all at once or not at all. What others hold of him stays: the logs of their rooms,
 * under a name that says nothing. Refused while somebody still waits for him: a project of his own, or money.
 */
export async function closeMine(tx: Tx, sessionKey: string | null, processor: Processor | null): Promise<void> {
  // Nobody proves himself only to read that he may not; what counts is what is found once the account is locked.
  await refuseUnfinished(tx, processor);
  const account = await accessClosing(tx, sessionKey);
  const id = tx.me;
  await refuseOwnProjects(tx);
  const leaving = await findOpenProjects(tx);
  await changeMemberName(tx, { id, username: closedUsername(id), displayName: closedName });
  // Each of these rooms says no while money of it is under way with him.
  for (const roomId of leaving) await removeMember(tx, roomId, id, projectRules);
  refuseMoney(await findWallet(tx.em, id, processor));
  await refusePayouts(tx);
  for (const invitation of (await findMyInvitations(tx.em, id, { limit: 500 })).items)
    await declineInvitation(tx, invitation.id, undefined);
  await removeEveryMethod(tx);
  await setTaxDetails(tx, null);
  await revokeEveryLinkOf(tx, id);
  await forgetAvatar(tx);
  await forgetActor(tx, id, closedName);
  await close(tx, account);
}

async function refuseUnfinished(tx: Tx, processor: Processor | null): Promise<void> {
  await refuseOwnProjects(tx);
  refuseMoney(await findWallet(tx.em, tx.me, processor));
  await refusePayouts(tx);
}

/** His bank may send it back, and nobody would reach it any more. Of an account that is gone nobody reaches it anyway. */
async function refusePayouts(tx: Tx): Promise<void> {
  const text = `select 1 as one from payouts p join payout_accounts a using (account_id)
    where p.user_id = $1 and p.status = 'pending' limit 1`;
  if ((await tx.query(text, [tx.me])).length > 0)
    throw new Failure('conflict', 'A payout is on its way to your bank. Close the account when it has arrived.');
}

const named = 3;

async function refuseOwnProjects(tx: Tx): Promise<void> {
  const rows = await tx.query<{ title: string }>(
    `select title from projects where owner_id = $1 and deleted_at is null and status not in ('completed', 'cancelled')
     order by created_at, id`,
    [tx.me],
  );
  if (rows.length === 0) return;
  const more = rows.length > named ? ` and ${rows.length - named} more` : '';
  const titles = rows.slice(0, named).map(({ title }) => `“${title}”`);
  throw new Failure('conflict', `Complete, cancel or delete your projects first: ${titles.join(', ')}${more}.`);
}

async function findOpenProjects(tx: Tx): Promise<string[]> {
  const rows = await tx.query<{ room_id: string }>(
    `select p.room_id from projects p join memberships m on m.room_id = p.room_id and m.user_id = $1 and m.until_seq is null
     where p.deleted_at is null and p.owner_id <> $1 and p.status not in ('completed', 'cancelled') order by p.room_id`,
    [tx.me],
  );
  return rows.map(({ room_id }) => room_id);
}

function refuseMoney({ balances }: Wallet): void {
  for (const { spending, earning } of balances) {
    const { heldMinor, refundingMinor, creditMinor, undecidedMinor, frozenMinor } = spending;
    if ([heldMinor, refundingMinor, creditMinor, undecidedMinor, frozenMinor].some(Boolean))
      throw new Failure(
        'conflict',
        'Money you paid is still held, disputed or on its way back to you. Close the account when it has arrived.',
      );
    if ([earning.heldMinor, earning.pendingMinor, earning.frozenMinor, earning.atRiskMinor].some(Boolean))
      throw new Failure(
        'conflict',
        'Money for you is still held, disputed or on its way. Close the account when it has arrived.',
      );
    // What was paid out before a bank took it back leaves less than nothing, and payouts stop until it is settled.
    if (earning.owedMinor !== 0 || earning.availableMinor < 0)
      throw new Failure('conflict', 'You still owe what a bank took back. It has to be settled first.');
    if (earning.availableMinor !== 0)
      throw new Failure('conflict', 'There is money in your wallet. Have it paid out first.');
  }
}
