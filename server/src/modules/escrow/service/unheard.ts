import { oneByOne } from '../../../kernel/one-by-one.ts';
import type { ChargebackState, PayoutState } from '../../../kernel/ports/processor.ts';
import { isStripe } from '../../../kernel/ports/stripe.ts';
import { query, queryOne, type Em } from '../../../kernel/sql.ts';
import { applyChargeback } from './chargebacks.ts';
import type { Working } from './owner.ts';
import { applyPayout } from './payouts.ts';
import { lookAtRefund } from './returns.ts';

/** Chargebacks that were opened since a moment, and every one that is open here: a bank may decide months later. */
export async function readChargebacks(deps: Working, since: Date): Promise<void> {
  const { orm, processor, log } = deps;
  const opened = await processor.listChargebacks(since);
  const open = await query<{ id: string }>(
    orm.em.fork(),
    `select c.processor_chargeback_id as id from chargebacks c join holds h on h.id = c.hold_id
     where h.processor = $1 and c.status = 'open' and c.processor_chargeback_id <> all($2) order by c.opened_at`,
    [processor.name, opened.map(({ processorChargebackId: id }) => id)],
  );
  const apply = (state: ChargebackState) => deps.transact({ id: null }, (tx) => applyChargeback(tx, deps, state));
  // For its payment, for instance.
  const why = 'a chargeback waits';
  await oneByOne(opened, apply, { log, why, about: ({ processorChargebackId: chargeback }) => ({ chargeback }) });
  await oneByOne(
    open,
    async ({ id }) => {
      const state = await processor.readChargeback(id);
      if (state) await apply(state);
    },
    { log, why, about: ({ id: chargeback }) => ({ chargeback }) },
  );
}

/** A bank sends a refund back within weeks. */
const latestDays = 30;

/** Refunds of the last weeks that came back, and are with the client as far as is known here. */
export async function readReturned(deps: Working): Promise<void> {
  const { orm, processor, log } = deps;
  if (!isStripe(processor)) return;
  const came = await processor.listReturned(await daysAgo(orm.em.fork(), latestDays));
  const unheard = await query<{ id: string }>(
    orm.em.fork(),
    `select id from money_operations where kind = 'refund' and state = 'succeeded' and object_id = any($1)`,
    [came],
  );
  await oneByOne(unheard, ({ id }) => lookAtRefund(deps, id), {
    ...{ log, why: 'a refund that came back waits' },
    about: ({ id: operationId }) => ({ operationId }),
  });
}

/** So many accounts are asked in an hour; of more, others in the next. */
const mostAccounts = 500;

/** Payouts of the last weeks that became something else than is known here, or that nobody heard of: the schedule's own. */
export async function readPayouts(deps: Working): Promise<void> {
  const { orm, processor, log } = deps;
  if (!isStripe(processor)) return;
  const since = await daysAgo(orm.em.fork(), latestDays);
  const accounts = await query<{ id: string }>(
    orm.em.fork(),
    // What was paid out of one comes back also where nothing reaches that any more, or another one is in its place.
    `select id from (
       select account_id as id from payout_accounts where processor = $1 and status = 'active'
       union select account_id from payouts where processor = $1 and created_at >= $3) a order by random() limit $2`,
    [processor.name, mostAccounts, since],
  );
  await oneByOne(
    accounts,
    async ({ id }) => {
      for (const state of await unheardOf(orm.em.fork(), await processor.listPayouts(id, since)))
        await deps.transact({ id: null }, (tx) => applyPayout(tx, processor.name, state));
    },
    { log, why: 'the payouts of an account could not be read', about: ({ id: accountId }) => ({ accountId }) },
  );
}

/** The oldest first, as they happened. */
async function unheardOf(em: Em, payouts: readonly PayoutState[]): Promise<PayoutState[]> {
  const known = await query<{ id: string; status: string }>(
    em,
    'select processor_payout_id as id, status from payouts where processor_payout_id = any($1)',
    [payouts.map(({ processorPayoutId: id }) => id)],
  );
  const statuses = new Map(known.map(({ id, status }) => [id, status]));
  return payouts.filter(({ processorPayoutId: id, status }) => statuses.get(id) !== status).toReversed();
}

/** By the clock of the processor, which is no test's. */
async function daysAgo(em: Em, days: number): Promise<Date> {
  const text = 'select clock_timestamp() - make_interval(days => $1) as since';
  const row = await queryOne<{ since: Date | string }>(em, text, [days]);
  return new Date(row?.since ?? 0);
}
