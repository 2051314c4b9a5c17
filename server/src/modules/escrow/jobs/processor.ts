import { Gauge, type Registry } from 'prom-client';
import { oneByOne } from '../../../kernel/one-by-one.ts';
import type { Round } from '../../../kernel/rounds.ts';
import { isTestMoney } from '../../../kernel/ports/test-money.ts';
import { isStripe } from '../../../kernel/ports/stripe.ts';
import { query, queryOne, type Em } from '../../../kernel/sql.ts';
import { applyPayment } from '../service/applying.ts';
import { applyEvents } from '../service/events.ts';
import { holdSchedules, schedulesRound } from '../service/held-schedules.ts';
import { catchUp, caughtUpUntil, eventsRound } from '../service/inbox.ts';
import { detachRemoved } from '../service/methods.ts';
import type { MoneyDeps, Working } from '../service/owner.ts';
import { refreshWatched } from '../service/payout-accounts.ts';
import { followPayouts, payOutScheduled } from '../service/payouts.ts';
import { reconcile, reconciliationStart } from '../service/reconcile.ts';
import { refusedWhere } from '../service/refused.ts';
import { lookAtReturned } from '../service/returns.ts';
import { acceptedWhere } from '../service/stops.ts';
import { readChargebacks, readPayouts, readReturned } from '../service/unheard.ts';

const hourlyDays = 3;

/** What the processor says by itself is applied, what it may have failed to say is asked, and the books are compared. */
export function processorRounds(deps: MoneyDeps, registry: Registry): Round[] {
  const { processor } = deps;
  watch(deps, registry);
  if (!processor) return [];
  const working = { ...deps, processor };
  const rounds: Round[] = [
    { name: 'payouts.follow', everySeconds: 2, run: () => followPayouts(working, false) },
    { name: 'payouts.read', everySeconds: 600, run: () => followPayouts(working, true) },
    { name: 'accounts.read', everySeconds: 60, run: () => refreshWatched(working) },
    { name: 'cards.detach', everySeconds: 5, run: () => detachRemoved(working) },
    { name: 'money.reconcile', everySeconds: 3_600, run: () => reconcileHourly(working) },
  ];
  if (isTestMoney(processor)) {
    const test = { ...working, processor };
    return [...rounds, { name: 'payouts.schedule', everySeconds: 2, run: () => payOutScheduled(test) }];
  }
  return [
    ...rounds,
    { name: eventsRound, everySeconds: 1, run: () => applyEvents(working) },
    { name: schedulesRound, everySeconds: 10, run: () => holdSchedules(working) },
    { name: 'payouts.hear', everySeconds: 3_600, run: () => readPayouts(working) },
    { name: 'fees.read', everySeconds: 60, run: () => readFees(working) },
    {
      name: 'chargebacks.read',
      everySeconds: 600,
      run: async () => readChargebacks(working, await hourlyStart(working)),
    },
  ];
}

async function reconcileHourly(deps: Working): Promise<void> {
  await hearMissed(deps);
  const since = await hourlyStart(deps);
  await readChargebacks(deps, since);
  await readReturned(deps);
  let { differences } = await reconcile(deps, since);
  if (await lookAtReturned(deps, differences)) ({ differences } = await reconcile(deps, since));
  for (const difference of differences) deps.log.error({ difference }, 'the books and the processor differ');
}

function hourlyStart({ orm, processor }: Working): Promise<Date> {
  return reconciliationStart(orm.em.fork(), processor.name, hourlyDays);
}

/** What Stripe has said and nobody heard, an address that was wrong for days for instance. */
async function hearMissed({ orm, processor, log }: Working): Promise<void> {
  if (!isStripe(processor)) return;
  const em = orm.em.fork();
  const missed = await catchUp(em, processor, await caughtUpUntil(em, processor.name, hourlyDays));
  if (missed > 0) log.error({ missed }, 'events of the processor had not been heard');
}

/** The fee comes after the payment; the event that tells of it may have been lost. */
export async function readFees(deps: Working): Promise<void> {
  const without = await query<{ processor_payment_id: string }>(
    deps.orm.em.fork(),
    `select p.processor_payment_id from payments p join holds h on h.id = p.hold_id
     where h.processor = $1 and p.charge_id is not null and p.settled_at > product_now() - interval '30 days'
       and not exists (select from ledger_transactions t where t.object_id = p.charge_id and t.kind = 'processor_fee')
     order by p.settled_at limit 50`,
    [deps.processor.name],
  );
  await oneByOne(
    without,
    async ({ processor_payment_id: id }) => {
      const state = await deps.processor.readPayment(id);
      if (state) await deps.transact({ id: null }, (tx) => applyPayment(tx, deps, state));
    },
    { log: deps.log, about: ({ processor_payment_id: payment }) => ({ payment }), why: 'a fee could not be read' },
  );
}

/** Read at every scrape: any process can say it, and none has to remember. */
function watch({ orm }: MoneyDeps, registry: Registry): void {
  const gauge = (name: string, help: string, text: string) =>
    new Gauge({
      name,
      help,
      registers: [registry],
      async collect() {
        const row = await queryOne<{ value: number }>(orm.em.fork() as Em, text).catch(() => null);
        this.set(row?.value ?? Number.NaN);
      },
    });
  gauge(
    'safesend_processor_differences',
    'Things on which the books and the processor differ. Anything but 0 is an incident.',
    `select count(*)::float8 as value from processor_differences where not (${acceptedWhere})`,
  );
  gauge(
    'safesend_processor_events_parked',
    'Events of the processor that nobody may apply: forged modes, foreign accounts, unknown versions.',
    `select count(*)::float8 as value from processor_events where state = 'parked'`,
  );
  gauge(
    'safesend_processor_events_waiting_seconds',
    'How long the oldest event has waited to be applied.',
    `select coalesce(max(extract(epoch from product_now() - received_at)), 0)::float8 as value from processor_events where state = 'received'`,
  );
  gauge(
    'safesend_money_operations_open_seconds',
    'Age of the oldest money operation that is in doubt or on its way.',
    `select coalesce(max(extract(epoch from product_now() - created_at)), 0)::float8 as value from money_operations
     where state in ('queued', 'in_flight', 'unknown')`,
  );
  gauge(
    'safesend_money_operations_refused',
    'Transfers and reversals that the processor refuses. They are tried again; a person looks why.',
    `select count(*)::float8 as value from money_operations o where ${refusedWhere}`,
  );
  gauge(
    'safesend_refunds_returned',
    'Holds whose refund the bank of the client sent back, and that is not with him yet.',
    'select count(*)::float8 as value from holds where credit_minor > 0',
  );
  gauge(
    'safesend_chargeback_evidence_days',
    'Days until a bank takes no more evidence, of the open chargeback that ends first. No number without one.',
    `select extract(epoch from min(evidence_due_at) - product_now())::float8 / 86400 as value from chargebacks where status = 'open'`,
  );
  gauge(
    'safesend_hold_oldest_days',
    'Age of the oldest hold that still has money. Processors allow 90 days.',
    `select coalesce(max(extract(epoch from product_now() - funded_at)), 0)::float8 / 86400 as value from holds
     where held_minor + frozen_minor + releasing_minor + refunding_minor > 0`,
  );
}
