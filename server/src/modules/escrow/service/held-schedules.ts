import type { AccountState, Processor } from '../../../kernel/ports/processor.ts';
import { isStripe } from '../../../kernel/ports/stripe.ts';
import { query, type Em } from '../../../kernel/sql.ts';
import type { Working } from './owner.ts';

interface Differing {
  readonly account_id: string;
  readonly schedule: AccountState['schedule'];
  readonly owes: boolean;
}

/** Accounts `a` whose owner owes something, in whichever currency: a payout of Stripe takes all that is there. */
export const owes = `a.user_id in (select l.owner_id from ledger_accounts l where l.kind = 'receivable' and ledger_balance(l.id) > 0)`;

/**
 * Stripe keeps schedules by itself and knows nothing of what is owed: it would pay out what a reversal waits for. As long
 * as somebody owes, his is manual there; what he chose stays his, and is kept again once he owes nothing. After a crash in
 * between the next round does it again, unless he owes nothing by then: his stays manual until he chooses anew.
 */
export async function holdSchedules(deps: Working): Promise<void> {
  const em = deps.orm.em.fork() as Em;
  const differing = await query<Differing>(
    em,
    `select a.account_id, a.schedule, ${owes} as owes from payout_accounts a
     where a.processor = $1 and a.status = 'active' and a.is_held <> (a.schedule <> 'manual' and ${owes}) limit 100`,
    [deps.processor.name],
  );
  for (const { account_id: accountId, schedule, owes: isHeld } of differing) {
    try {
      // Manual by his own choice needs no holding.
      const held = isHeld && schedule !== 'manual';
      await deps.processor.setSchedule(accountId, held ? 'manual' : schedule);
      // Chosen anew meanwhile: the next round looks again.
      await query(em, 'update payout_accounts set is_held = $2 where account_id = $1 and schedule = $3', [
        accountId,
        held,
        schedule,
      ]);
    } catch (error) {
      // One that fails keeps nobody else waiting.
      deps.log.warn({ err: error, accountId }, 'a payout schedule could not be held back');
    }
  }
}

/** Is a schedule held back there, or about to be? Told of another one now, Stripe would pay out what is owed until the next round. */
export async function isHeldBack(processor: Processor, em: Em, accountId: string): Promise<boolean> {
  if (!isStripe(processor)) return false;
  const text = `select 1 as one from payout_accounts a where a.account_id = $1 and ${owes}`;
  return (await query(em, text, [accountId])).length > 0;
}
