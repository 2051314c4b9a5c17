import type { AccountState } from '../../../kernel/ports/processor.ts';
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
 * as somebody owes, his is manual there; what he chose stays his, and is kept again once he owes nothing. Done again after a
 * crash in between, it is the same.
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

/** Is somebody's schedule held back as long as he owes something? Then Stripe hears of another one once he owes nothing. */
export async function owesSomething(em: Em, accountId: string): Promise<boolean> {
  const text = `select 1 as one from payout_accounts a where a.account_id = $1 and ${owes}`;
  return (await query(em, text, [accountId])).length > 0;
}
