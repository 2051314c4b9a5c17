import { Failure, refuseField } from '@safesend/shared/failure.ts';
import type { Currency } from '@safesend/shared/money.ts';
import { paymentHours } from '@safesend/shared/projects/limits.ts';
import type { Identity } from '../../../kernel/identity.ts';
import type { Processor } from '../../../kernel/ports/processor.ts';
import type { Tx } from '../../../kernel/transact.ts';
import { lockHoldOf, requireFresh, requireVerified } from '../../escrow/access.ts';
import type { Hold, Payment } from '../../escrow/entity.ts';
import { presentHold, presentPaymentToRoom } from '../../escrow/present.ts';
import { decideRefund, decideRelease, type Decided } from '../../escrow/service/decisions.ts';
import {
  endPayment,
  findOpenPayment,
  lockOwnPayment,
  openPayment,
  retryPayment as retryAtProcessor,
} from '../../escrow/service/payments.ts';
import { refundAgain } from '../../escrow/service/returning.ts';
import { accessMoney, findRole, type MilestoneInHand } from '../access.ts';
import type { Milestone } from '../entity.ts';
import { presentMilestone } from '../present.ts';
import { requireChargeable, requireOnePayment } from './chargeable.ts';
import { dropClocks, findClock, setClock } from './clocks.ts';
import { decide, milestoneFates } from './decide.ts';

export interface FundingInput {
  readonly amountMinor?: number | undefined;
  readonly totalMinor?: number | undefined;
  readonly currency?: Currency | undefined;
  readonly paymentMethodId?: string | undefined;
  readonly testCard?: string | undefined;
  readonly saveMethod?: boolean | undefined;
}
interface RetryInput {
  readonly paymentMethodId?: string | undefined;
  readonly testCard?: string | undefined;
  /** Left out: as it was begun. */
  readonly saveMethod?: boolean | undefined;
}
export interface Paying {
  readonly milestone: Milestone;
  readonly payment: Payment;
  readonly hold: Hold;
}

/** Opens the payment; it counts as funded when the processor has confirmed it, and not before. */
export async function fundMilestone(
  tx: Tx,
  processor: Processor | null,
  milestoneId: string,
  input: FundingInput,
): Promise<Paying> {
  const { project, milestone } = await accessMoney(tx, milestoneId, 'client');
  await requireVerified(tx);
  const { freelancerId } = project;
  // He cannot leave while money is held for him; nor may it be while he is gone, for only he could give it back.
  const isThere = freelancerId && (await findRole(tx.em, project.roomId, freelancerId)) !== null;
  const isTopUp = milestone.awaitsTopUp();
  const asked = askedFor(milestone);
  refuseUnchargeable(milestone, asked, input.currency);
  await decide(tx, { roomId: project.roomId, id: milestone.id, types: [...milestoneFates, 'milestone.changed'] }, () =>
    refuseOtherTerms(asked, input),
  );
  await decided(tx, { project, milestone }, async () => {
    if (project.status !== 'active' || !isThere)
      throw new Failure('conflict', 'A milestone can be funded once a client and a freelancer are in the project.');
    if (!isTopUp) return milestone.requirePlanned();
    // One whose time is over has no clock any more, and may not have ended at the processor.
    if (await findOpenPayment(tx, milestone.id)) throw new Failure('conflict', 'It is being paid already.');
  });
  if (!processor || !freelancerId) throw new Failure('payments_not_configured', 'Payments are not set up here.');
  const { hold, payment } = await openPayment(tx, processor, {
    milestoneId: milestone.id,
    roomId: project.roomId,
    projectId: project.id,
    clientId: tx.me,
    freelancerId,
    amountMinor: asked.amountMinor,
    currency: milestone.currency,
    fees: milestone,
    paymentMethodId: input.paymentMethodId ?? null,
    testCard: input.testCard ?? null,
    saveMethod: input.saveMethod ?? false,
  });
  if (!isTopUp) milestone.beginFunding();
  else if (milestone.awaitsPayer()) milestone.waiting = null;
  milestone.hold = presentHold(hold);
  if (processor.publishableKey !== null && payment.paymentMethodId === null && input.testCard === undefined) {
    milestone.waiting = { reason: 'card', on: 'client', paymentId: payment.id, since: tx.now.toISOString() };
  }
  await setClock(tx, milestone, 'payment', new Date(tx.now.getTime() + paymentHours * 3_600_000));
  appendFunding(tx, project.roomId, { milestone, payment, hold });
  return { milestone, payment, hold };
}

function appendFunding(tx: Tx, roomId: string, { milestone, payment, hold }: Paying): void {
  const data = { milestone: presentMilestone(milestone), payment: presentPaymentToRoom(payment, hold) };
  tx.append(roomId, { type: 'milestone.funding', data });
}

interface AskedFor {
  readonly amountMinor: number;
  readonly totalMinor: number;
}

/** The whole milestone; once it is paid, what was agreed to be added. */
function askedFor(milestone: Milestone): AskedFor {
  const { amountMinor, quote, proposal } = presentMilestone(milestone);
  if (!proposal || !milestone.awaitsTopUp()) return { amountMinor, totalMinor: quote.clientPaysMinor };
  return { amountMinor: proposal.money.topUpMinor, totalMinor: proposal.money.clientPaysMinor };
}

function refuseUnchargeable(milestone: Milestone, { amountMinor }: AskedFor, currency: Currency | undefined): void {
  requireCurrency(milestone, currency);
  requireChargeable(amountMinor, milestone.currency, 'charged');
  requireOnePayment(amountMinor, milestone.currency, milestone);
}

/** What the payer saw on the button must still be so. */
function refuseOtherTerms(asked: AskedFor, { amountMinor, totalMinor }: FundingInput): void {
  if ((amountMinor ?? asked.amountMinor) !== asked.amountMinor || (totalMinor ?? asked.totalMinor) !== asked.totalMinor)
    throw new Failure('conflict', 'The amount changed since you looked.');
}

function requireCurrency({ currency: own }: Milestone, currency: Currency | undefined): void {
  if (currency !== undefined && currency !== own)
    throw refuseField('invalid', 'currency', `This milestone is in ${own}.`);
}

/** The same attempt again, after a decline. */
export async function retryPayment(
  tx: Tx,
  processor: Processor | null,
  paymentId: string,
  input: RetryInput,
): Promise<Paying> {
  const inHand = await accessPaying(tx, paymentId);
  await requireVerified(tx);
  const { milestone, payment, hold } = inHand;
  if (!processor) throw new Failure('payments_not_configured', 'Payments are not set up here.');
  const { paymentMethodId = null, testCard = null, saveMethod = null } = input;
  const card = { paymentMethodId, testCard, saveMethod };
  await decided(tx, inHand, () => retryAtProcessor(tx, processor, { hold, payment }, card));
  milestone.waiting = null;
  appendFunding(tx, hold.roomId, inHand);
  return inHand;
}

/** Gives an attempt up. The processor is asked, and the room told, after the commit. */
export async function cancelPayment(tx: Tx, paymentId: string): Promise<Paying> {
  const inHand = await accessPaying(tx, paymentId);
  await decided(tx, inHand, () => endPayment(tx, inHand.hold, inHand.payment, 'cancelled'));
  return inHand;
}

async function accessPaying(tx: Tx, paymentId: string): Promise<Paying & MilestoneInHand> {
  const { hold: at } = await lockOwnPayment(tx, paymentId);
  const inHand = await accessMoney(tx, at.milestoneId, 'client');
  await lockHoldOf(tx, at.milestoneId);
  return { ...inHand, ...(await lockOwnPayment(tx, paymentId)) };
}

/** A part of what is held, early; the last part ends the work. */
export async function releaseMilestone(
  tx: Tx,
  identity: Identity,
  milestoneId: string,
  { amountMinor, currency }: { readonly amountMinor: number; readonly currency?: Currency | undefined },
): Promise<Milestone> {
  const inHand = await accessMoney(tx, milestoneId, 'client');
  await requireVerified(tx);
  const { milestone } = inHand;
  refuseAmount(milestone, amountMinor, currency);
  await decided(tx, inHand, async () => {
    const hold = await requireHold(tx, milestone);
    milestone.requireMove('release');
    await requireFresh(tx, identity, hold, BigInt(amountMinor));
    const decision = await decideRelease(tx, hold, BigInt(amountMinor));
    await tellMoved(tx, inHand, hold, decision, 'milestone.releasing');
  });
  return milestone;
}

/** The freelancer gives a part of what is held back. */
export async function refundMilestone(
  tx: Tx,
  milestoneId: string,
  input: { readonly amountMinor: number; readonly currency?: Currency | undefined; readonly reason: string },
): Promise<Milestone> {
  const inHand = await accessMoney(tx, milestoneId, 'freelancer');
  await requireVerified(tx);
  const { milestone } = inHand;
  refuseAmount(milestone, input.amountMinor, input.currency);
  await decided(tx, inHand, async () => {
    const hold = await requireHold(tx, milestone);
    milestone.requireMove('refund');
    const decision = await decideRefund(tx, hold, BigInt(input.amountMinor), input.reason);
    await tellMoved(tx, inHand, hold, decision, 'milestone.refunding', input.reason);
  });
  return milestone;
}

/** What the bank had sent back is given back once more. */
export async function retryRefund(tx: Tx, milestoneId: string): Promise<Milestone> {
  const inHand = await accessMoney(tx, milestoneId, 'client');
  await requireVerified(tx);
  const { project, milestone } = inHand;
  await decided(tx, inHand, async () => {
    const hold = await requireHold(tx, milestone);
    if (hold.clientId !== tx.me) throw new Failure('forbidden', 'It is the money of the client before you.');
    await refundAgain(tx, hold);
  });
  const since = tx.now.toISOString();
  if (!milestone.isBeingPaid())
    milestone.waiting = { reason: 'processor', on: 'product', paymentId: null, since, again: true };
  tx.append(project.roomId, { type: 'milestone.waiting', data: presentMilestone(milestone) });
  return milestone;
}

function refuseAmount(milestone: Milestone, amountMinor: number, currency: Currency | undefined): void {
  requireCurrency(milestone, currency);
  requireChargeable(amountMinor, milestone.currency, 'paid');
}

export async function requireHold(tx: Tx, milestone: Milestone): Promise<Hold> {
  const hold = await lockHoldOf(tx, milestone.id);
  if (!hold || hold.fundedMinor === 0n) throw new Failure('conflict', 'No money is held for this milestone.');
  return hold;
}

/** A decision about a part: what is left decides whether the work goes on. */
export async function tellMoved(
  tx: Tx,
  { project, milestone }: MilestoneInHand,
  hold: Hold,
  decision: Decided,
  type: 'milestone.releasing' | 'milestone.refunding',
  reason = '',
): Promise<void> {
  const isLast =
    hold.heldMinor + hold.frozenMinor === 0n && !['cancelled', 'planned', 'funding'].includes(milestone.status);
  if (isLast) await settle(tx, milestone, hold, type === 'milestone.releasing' ? 'approved' : 'refunded');
  milestone.hold = presentHold(hold);
  const data = { milestone: presentMilestone(milestone), movement: decision.movement };
  const fact =
    type === 'milestone.releasing'
      ? tx.append(project.roomId, { type, data })
      : tx.append(project.roomId, { type, data: { ...data, reason: reason === '' ? '–' : reason } });
  await decision.book(fact);
}

/** Nothing is left to decide about its money. With a part released and the rest given back, it was paid. */
export async function settle(tx: Tx, milestone: Milestone, hold: Hold, to: 'approved' | 'refunded'): Promise<void> {
  const wasReleased = hold.releasedMinor + hold.releasingMinor > 0n;
  const isArrived = !hold.hasMoney();
  milestone.settle(wasReleased ? (isArrived ? 'released' : 'approved') : to);
  await endWork(tx, milestone);
}

/** No time is counted any more for what was to be done, and nothing is paid for it. */
export async function endWork(tx: Tx, milestone: Milestone): Promise<void> {
  await dropClocks(tx, milestone, 'review', 'deadline', 'proposal', 'cancellation');
  await endPaying(tx, milestone, 'cancelled');
}

/** Ends an attempt whose time is over, or that would come when there is nothing to pay for and go back without its service fee. */
export async function endPaying(tx: Tx, milestone: Milestone, how: 'expired' | 'cancelled'): Promise<void> {
  if (!findClock(milestone, 'payment')) return;
  await dropClocks(tx, milestone, 'payment');
  const open = await findOpenPayment(tx, milestone.id);
  if (open) await endPayment(tx, open.hold, open.payment, how);
}

/** A move that comes too late names the fact that decided otherwise. */
export function decided(
  tx: Tx,
  { project, milestone }: MilestoneInHand,
  move: () => void | Promise<void>,
): Promise<void> {
  return decide(tx, { roomId: project.roomId, id: milestone.id, types: milestoneFates }, move);
}
