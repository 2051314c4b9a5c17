import { strike } from '../../../kernel/faults.ts';
import type { AccountState, Processor } from '../../../kernel/ports/processor.ts';
import { oneByOne } from '../../../kernel/one-by-one.ts';
import { isStripe } from '../../../kernel/ports/stripe.ts';
import { query, type Em } from '../../../kernel/sql.ts';
import { noteGone } from './gone-accounts.ts';
import type { Working } from './owner.ts';

/** The round that tells Stripe. Whoever books what somebody owes wakes it. */
export const schedulesRound = 'payouts.hold';

interface Differing {
  readonly account_id: string;
  readonly schedule: AccountState['schedule'];
  readonly is_held: boolean;
  readonly is_to_be_held: boolean;
}

/** Accounts `a` whose owner owes something, in whichever currency: a payout of Stripe takes all that is there. */
export const owes = `a.user_id in (select l.owner_id from ledger_accounts l where l.kind = 'receivable' and ledger_balance(l.id) > 0)`;

// Manual by his own choice needs no holding.
const isToBeHeld = `(a.schedule <> 'manual' and ${owes})`;

/**
 * Stripe keeps schedules by itself and knows nothing of what is owed: it would pay out what a reversal waits for. As long
 * as somebody owes, his is manual there; what he chose stays his, and is kept again once he owes nothing.
 */
export async function holdSchedules(deps: Working): Promise<void> {
  const differing = await query<Differing>(
    deps.orm.em.fork(),
    `select a.account_id, a.schedule, a.is_held, ${isToBeHeld} as is_to_be_held from payout_accounts a
     where a.processor = $1 and a.status = 'active' and (a.is_held <> ${isToBeHeld} or a.is_schedule_due) limit 100`,
    [deps.processor.name],
  );
  await oneByOne(differing, (account) => hold(deps, account), {
    ...{ log: deps.log, about: ({ account_id: accountId }) => ({ accountId }) },
    why: 'a payout schedule could not be held back',
  });
}

/**
 * That it is held back is written down before Stripe hears of it, and that it is not any more afterwards: whatever dies in
 * between, what is manual there for us is known here. Where Stripe may not have heard of it, it is told again.
 */
async function hold({ orm, processor }: Working, account: Differing): Promise<void> {
  const em = orm.em.fork() as Em;
  const { account_id: accountId, schedule, is_held: wasHeld, is_to_be_held: isHeld } = account;
  const decided = await query(
    em,
    `update payout_accounts set is_held = is_held or $4, is_schedule_due = true
     where account_id = $1 and schedule = $2 and is_held = $3 returning 1 as one`,
    [accountId, schedule, wasHeld, isHeld],
  );
  // Chosen anew meanwhile: the next round looks again.
  if (decided.length === 0) return;
  strike('holding');
  if (!(await processor.setSchedule(accountId, isHeld ? 'manual' : schedule))) {
    // The one that takes its place is told.
    await noteGone(em, accountId);
    return;
  }
  strike('held');
  await query(
    em,
    // Something else was decided meanwhile: which of both Stripe heard last, nobody knows.
    `update payout_accounts set is_held = case when schedule = $2 and is_held = $3 then $4 else is_held end,
       is_schedule_due = not (schedule = $2 and is_held = $3) where account_id = $1`,
    [accountId, schedule, wasHeld || isHeld, isHeld],
  );
}

/** Is a schedule held back there, or about to be? Told of another one now, Stripe would pay out what is owed until the next round. */
export async function isHeldBack(processor: Processor, em: Em, accountId: string): Promise<boolean> {
  if (!isStripe(processor)) return false;
  const text = `select 1 as one from payout_accounts a where a.account_id = $1 and ${owes}`;
  return (await query(em, text, [accountId])).length > 0;
}
