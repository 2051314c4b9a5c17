import type Stripe from 'stripe';
import { strike } from '../../faults.ts';
import type { OperationResult, Order, Processor, Sought } from '../processor.ts';
import { canReceive } from './accounts.ts';
import { groupOf, isGone, isReplayedFault, orNull, outcomeOf, unitsOf } from './client.ts';

type Moves = Pick<Processor, 'transfer' | 'refund' | 'reverse' | 'payout' | 'findOperation'>;
interface Moved {
  readonly id: string;
  readonly metadata: Stripe.Metadata | null;
  readonly status?: string | null;
}

export function moveMethods(stripe: Stripe): Moves {
  const find = (sought: Sought) => findOperation(stripe, sought);
  /** Under the stored key. A fault that is stored with it is looked behind; only when there is nothing, another key may be used. */
  const send = async (sought: Sought, call: () => Promise<Moved>): Promise<OperationResult> => {
    try {
      const made = await call();
      strike('accepted');
      return resultOf(made);
    } catch (error) {
      if (!isReplayedFault(error)) return outcomeOf(error);
      return (
        (await find(sought)) ?? { status: 'waiting', reason: 'busy', message: 'Stripe keeps a fault under this key.' }
      );
    }
  };
  return {
    async transfer(order) {
      if (!(await canReceive(stripe, order.accountId))) {
        return {
          status: 'waiting',
          reason: 'account',
          message: 'The account cannot receive transfers.',
          isUnsent: true,
        };
      }
      const params = {
        ...unitsOf(order),
        destination: order.accountId,
        // The money is that of this charge, also while it is on its way to our balance.
        ...(order.chargeId !== null && { source_transaction: order.chargeId }),
        transfer_group: groupOf(order.holdId),
        metadata: metadataOf(order),
      };
      return send(soughtOf('transfer', order), () => stripe.transfers.create(params, keyOf(order)));
    },
    async refund(order) {
      const params = {
        payment_intent: order.processorPaymentId,
        amount: unitsOf(order).amount,
        reason: 'requested_by_customer' as const,
        metadata: metadataOf(order),
      };
      const sought = { ...soughtOf('refund', order), processorPaymentId: order.processorPaymentId };
      return send(sought, () => stripe.refunds.create(params, keyOf(order)));
    },
    async reverse(order) {
      const params = { amount: unitsOf(order).amount, metadata: metadataOf(order) };
      return send(soughtOf('reversal', order), () =>
        stripe.transfers.createReversal(order.transferId, params, keyOf(order)),
      );
    },
    async payout(order) {
      const params = { ...unitsOf(order), metadata: { money_op_id: order.operationId } };
      const { operationId, accountId } = order;
      const sought = {
        kind: 'payout',
        operationId,
        accountId,
        holdId: null,
        objectId: null,
        processorPaymentId: null,
      } as const;
      const options = { ...keyOf(order), stripeAccount: accountId };
      return send(sought, async () => made(await stripe.payouts.create(params, options)));
    },
    findOperation: find,
  };
}

const keyOf = ({ idempotencyKey }: { idempotencyKey: string }) => ({ idempotencyKey });

function metadataOf({ operationId, holdId, milestoneId }: Order): Record<string, string> {
  return { money_op_id: operationId, hold_id: holdId, milestone_id: milestoneId };
}

function soughtOf(kind: Sought['kind'], { operationId, holdId }: Order): Sought {
  return { kind, operationId, holdId, objectId: null, processorPaymentId: null, accountId: null };
}

/** A payout that was made is made; what becomes of it on its way to a bank is told by the payout itself. */
function made({ id, metadata }: Stripe.Payout): Moved {
  return { id, metadata };
}

/** Transfers and reversals are final and have no status. */
function resultOf({ id, status }: Moved): OperationResult {
  if (status === undefined || status === null || status === 'succeeded') return { status: 'succeeded', objectId: id };
  if (status === 'failed' || status === 'canceled') {
    return { status: 'failed', objectId: id, code: status, message: 'The refund came back.' };
  }
  return { status: 'pending', objectId: id };
}

/** By the object's name when it is known, else among everything of the hold by the operation's. */
async function findOperation(stripe: Stripe, sought: Sought): Promise<OperationResult | null> {
  for await (const object of candidates(stripe, sought)) {
    if (object.id === sought.objectId || object.metadata?.['money_op_id'] === sought.operationId)
      return resultOf(object);
  }
  return null;
}

async function* candidates(stripe: Stripe, sought: Sought): AsyncGenerator<Moved> {
  const { kind, objectId, holdId, processorPaymentId, accountId } = sought;
  if (kind === 'payout') {
    if (accountId === null) return;
    const there = { stripeAccount: accountId };
    const known = objectId === null ? null : await orNull(stripe.payouts.retrieve(objectId, {}, there));
    if (known) yield made(known);
    else yield* ofAccount(stripe, there);
  } else if (kind === 'refund') {
    const known = objectId === null ? null : await orNull(stripe.refunds.retrieve(objectId));
    if (known) yield known;
    else if (processorPaymentId !== null) {
      for await (const refund of stripe.refunds.list({ payment_intent: processorPaymentId, limit: 100 })) {
        yield refund;
      }
    }
  } else if (holdId !== null) {
    for await (const transfer of stripe.transfers.list({ transfer_group: groupOf(holdId), limit: 100 })) {
      if (kind === 'transfer') yield transfer;
      else for await (const reversal of stripe.transfers.listReversals(transfer.id, { limit: 100 })) yield reversal;
    }
  }
}

/** Of an account that is gone nobody learns any: what is asked for once more is refused, and ends with that. */
async function* ofAccount(stripe: Stripe, there: Stripe.RequestOptions): AsyncGenerator<Moved> {
  try {
    for await (const payout of stripe.payouts.list({ limit: 100 }, there)) yield made(payout);
  } catch (error) {
    if (!isGone(error)) throw error;
  }
}
