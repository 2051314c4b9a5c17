import { setTimeout as pause } from 'node:timers/promises';
import { Failure } from '@safesend/shared/failure.ts';
import type { TestMoney } from '../../../kernel/ports/test-money.ts';
import type { TestOutcome } from '../../../kernel/ports/test-money/payments.ts';
import { query, queryOne, type Em } from '../../../kernel/sql.ts';
import { Hold, Payment } from '../entity.ts';
import { findWinner } from '../../rooms/service/winner.ts';
import { applyPayment } from './applying.ts';
import { applyChargeback } from './chargebacks.ts';
import { keepSavedCards } from './methods.ts';
import { claimOne, execute } from './operations.ts';
import type { MoneyDeps } from './owner.ts';
import { lookAtRefund } from './returns.ts';

export type Driving = MoneyDeps & { readonly processor: TestMoney };

/** Elsewhere than on this machine nobody plays the bank of a payment but the one who makes it. */
export async function requirePayer({ orm }: Driving, paymentId: string, me: string | undefined): Promise<void> {
  const text = 'select 1 as one from payments p join holds h on h.id = p.hold_id where p.id = $1 and h.client_id = $2';
  if (me === undefined || !(await queryOne(orm.em.fork() as Em, text, [paymentId, me])))
    throw new Failure('missing', 'No such payment.');
}

/** Decides what becomes of a test payment, and waits until the room knows. */
export async function driveTestMoney(
  deps: Driving,
  paymentId: string,
  outcome: TestOutcome,
  { userId, commandId }: { readonly userId?: string | undefined; readonly commandId?: string } = {},
): Promise<{ payment: Payment; hold: Hold }> {
  const em = () => deps.orm.em.fork() as Em;
  if (!(await queryOne(em(), 'select 1 as one from payments where id = $1', [paymentId])))
    throw new Failure('missing', 'No such payment.');
  const id = await started(deps, paymentId);
  if (!(await deps.processor.drive(paymentId, outcome, commandId)))
    throw await tooLate(em(), paymentId, userId ?? null);
  if (outcome.startsWith('chargeback')) await applyChargebacks(deps, id);
  else if (outcome === 'refund_returned') await lookAtRefunds(deps, paymentId);
  else {
    const state = await deps.processor.readPayment(id);
    if (state) await deps.transact({ id: null }, (tx) => applyPayment(tx, deps, state));
    if (state?.status === 'succeeded') await keepSavedCards(deps, id);
  }
  const payment = await em().findOneOrFail(Payment, paymentId);
  return { payment, hold: await em().findOneOrFail(Hold, payment.holdId) };
}

const paymentFates = ['milestone.funding', 'milestone.funded', 'payment.failed', 'chargeback.closed'] as const;

/** What became of it is decided; a person is shown by which fact. */
async function tooLate(em: Em, paymentId: string, userId: string | null): Promise<Failure> {
  const { holdId } = await em.findOneOrFail(Payment, paymentId);
  const { roomId, milestoneId: id } = await em.findOneOrFail(Hold, holdId);
  const winner = userId === null ? undefined : await findWinner(em, userId, { roomId, id, types: paymentFates });
  return new Failure('conflict', 'That cannot happen to this payment any more.', winner ? { winner } : {});
}

async function applyChargebacks(deps: Driving, id: string): Promise<void> {
  const states = await deps.processor.listChargebacks(new Date(0));
  for (const state of states.filter(({ processorPaymentId }) => processorPaymentId === id)) {
    await deps.transact({ id: null }, (tx) => applyChargeback(tx, deps, state));
  }
}

async function lookAtRefunds(deps: Driving, paymentId: string): Promise<void> {
  const given = await query<{ id: string }>(
    deps.orm.em.fork(),
    `select o.id from money_operations o join payments p on p.hold_id = o.hold_id
     where p.id = $1 and o.kind = 'refund' and o.state not in ('queued', 'failed', 'returned')`,
    [paymentId],
  );
  for (const { id } of given) await lookAtRefund(deps, id);
}

/** The processor may not have heard of it yet: whoever has the operation tells it, or we do. */
async function started(deps: Driving, paymentId: string): Promise<string> {
  for (let tries = 0; tries < 100; tries++) {
    const em = deps.orm.em.fork() as Em;
    const [queued] = await query<{ id: string }>(
      em,
      `select id from money_operations where payment_id = $1 and kind = 'payment' and state = 'queued' order by created_at limit 1`,
      [paymentId],
    );
    const operation = queued && (await claimOne(em, queued.id));
    if (operation) await execute(deps, operation);
    const row = await queryOne<{ processor_payment_id: string | null }>(
      em,
      `select processor_payment_id from payments p where id = $1 and not exists (
         select from money_operations o where o.payment_id = p.id and o.kind = 'payment' and o.state in ('queued', 'in_flight'))`,
      [paymentId],
    );
    if (row?.processor_payment_id) return row.processor_payment_id;
    await pause(50);
  }
  throw new Failure('unavailable', 'The payment is being started. Try again.', { retryAfterSeconds: 1 });
}
