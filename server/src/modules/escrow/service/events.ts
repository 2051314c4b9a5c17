import { query, queryOne, type Em } from '../../../kernel/sql.ts';
import { applyPayment } from './applying.ts';
import { applyChargeback } from './chargebacks.ts';
import { claimEvents, closeEvent, postponeEvent, type KeptEvent } from './inbox.ts';
import { applySetup, findSetup, keepSavedCards } from './methods.ts';
import type { Working } from './owner.ts';
import { operationsRound } from './queue.ts';
import { lookAtRefund } from './returns.ts';
import { refreshAccount } from './payout-accounts.ts';
import { applyPayout } from './payouts.ts';

const product = { id: null };
type Outcome = 'applied' | 'ignored';

/** Until nothing is due. An event says only what to look at: the object is read again, and what it is now is applied. */
export async function applyEvents(deps: Working): Promise<void> {
  for (;;) {
    const events = await claimEvents(deps.orm.em.fork(), 8);
    if (events.length === 0) return;
    await Promise.all(events.map((event) => applyEvent(deps, event)));
  }
}

async function applyEvent(deps: Working, event: KeptEvent): Promise<void> {
  const em = deps.orm.em.fork() as Em;
  try {
    await closeEvent(em, event.id, await read(deps, event), null);
  } catch (error) {
    deps.log.warn({ err: error, eventId: event.id, type: event.type }, 'an event of the processor waits');
    await postponeEvent(em, event, error instanceof Error ? error.message : 'no reason');
  }
}

type Read = (deps: Working, objectId: string, event: KeptEvent) => Promise<Outcome>;

/** By the beginning of the event's type; the longest that fits. */
const readers: Readonly<Record<string, Read>> = {
  'payment_intent.': payment,
  'charge.': payment,
  'charge.dispute.': chargeback,
  'refund.': operation,
  'transfer.': operation,
  'setup_intent.': setup,
  'payout.': payout,
  'account.': account,
  'v2.core.account': account,
};

async function read(deps: Working, event: KeptEvent): Promise<Outcome> {
  const fitting = Object.keys(readers).filter((it) => event.type.startsWith(it));
  const reader = readers[fitting.sort((a, b) => b.length - a.length)[0] ?? ''];
  return reader && event.object_id !== null ? reader(deps, event.object_id, event) : 'ignored';
}

async function payment(deps: Working, objectId: string): Promise<Outcome> {
  const state = await deps.processor.readPayment(objectId);
  if (!state) return 'ignored';
  if (state.status === 'requires_method') return 'ignored';
  await deps.transact(product, (tx) => applyPayment(tx, deps, state));
  if (state.status === 'succeeded') await keepSavedCards(deps, objectId);
  return 'applied';
}

async function chargeback(deps: Working, objectId: string): Promise<Outcome> {
  const state = await deps.processor.readChargeback(objectId);
  if (!state) return 'ignored';
  // It may be heard of before its payment is.
  const text = `select 1 as one from payments where processor_payment_id = $1 and status = 'succeeded'`;
  const paid = await queryOne(deps.orm.em.fork(), text, [state.processorPaymentId]);
  if (!paid) await payment(deps, state.processorPaymentId);
  await deps.transact(product, (tx) => applyChargeback(tx, deps, state));
  return 'applied';
}

/** Whoever has the operation reads it back; here he is only told to do it now. */
async function operation(deps: Working, objectId: string): Promise<Outcome> {
  const em = deps.orm.em.fork() as Em;
  const row = await queryOne<{ id: string; state: string; kind: string }>(
    em,
    'select id, state, kind from money_operations where object_id = $1',
    [objectId],
  );
  if (!row) return 'ignored';
  if (row.kind === 'refund' && row.state === 'succeeded') await lookAtRefund(deps, row.id);
  await query(em, `update money_operations set next_at = product_now() where id = $1 and state = 'pending'`, [row.id]);
  deps.wake?.(operationsRound);
  return 'applied';
}

async function setup(deps: Working, objectId: string): Promise<Outcome> {
  const known = await findSetup(deps.orm.em.fork(), objectId);
  const state = known && (await deps.processor.readSetup(objectId));
  if (!known || !state) return 'ignored';
  await deps.transact(product, (tx) => applySetup(tx, known.id, state));
  return 'applied';
}

async function payout(deps: Working, objectId: string, { account_id: accountId }: KeptEvent): Promise<Outcome> {
  const state = accountId === null ? null : await deps.processor.readPayout(accountId, objectId);
  if (!state) return 'ignored';
  await deps.transact(product, (tx) => applyPayout(tx, deps.processor.name, state));
  return 'applied';
}

async function account(deps: Working, objectId: string, { account_id: accountId }: KeptEvent): Promise<Outcome> {
  return (await refreshAccount(deps, accountId ?? objectId)) === null ? 'ignored' : 'applied';
}
