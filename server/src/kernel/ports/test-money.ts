import type { MikroORM } from '@mikro-orm/postgresql';
import type { TestMoneyPart } from '@safesend/shared/escrow/wallet.ts';
import { strike } from '../faults.ts';
import * as payments from './test-money/payments.ts';
import { accountMethods, answer } from './test-money/accounts.ts';
import { findPeriod, type PayoutPeriod } from './test-money/payouts.ts';
import type { TestOutcome } from './test-money/payments.ts';
import { TestMoneyObjects, type TestObject } from './test-money/objects.ts';
import type { Again, ChargebackState, Listed, Money, OperationResult, Order, Processor, Sought } from './processor.ts';

/** The named test methods and what becomes of a payment made with one. */
export const testMethods = [
  { methodId: 'tm_card_ok', label: 'Succeeds at once' },
  { methodId: 'tm_card_slow', label: 'Succeeds after 5 seconds' },
  { methodId: 'tm_card_declined', label: 'Is declined' },
  { methodId: 'tm_card_challenge', label: 'Asks for a confirmation' },
] as const;

/** The processor of test money, and the hand that drives it. */
export interface TestMoney extends Processor {
  readonly name: 'test-money';
  /** Answers false when the payment is not known yet, or that cannot happen to it. */
  drive(paymentId: string, outcome: TestOutcome, commandId?: string): Promise<boolean>;
  /** Fills in a part of the form of an account. Answers false when another is asked for first. */
  answer(accountId: string, part: TestMoneyPart): Promise<boolean>;
  /** A period of the schedule that is over; what there is then is to be paid out. */
  findPeriod(accountId: string): Promise<PayoutPeriod | null>;
}

export function isTestMoney(processor: Processor): processor is TestMoney {
  return processor.name === 'test-money';
}

/**
 * A processor that moves nothing: the same states, delays, declines and chargebacks, kept in a table of its own so that a
 * restart loses nothing. It never runs in production, and never beside a real key.
 */
export function openTestMoney(orm: MikroORM): TestMoney {
  const objects = new TestMoneyObjects(orm);
  return {
    name: 'test-money',
    isTest: true,
    publishableKey: null,
    testMethods,
    ...accountMethods(objects),
    ...paymentMethods(objects),
    transfer: (order) =>
      move(objects, order, 'transfer', { accountId: order.accountId, chargeId: order.chargeId ?? '' }),
    refund: (order) => move(objects, order, 'refund', { payment: order.processorPaymentId, reason: order.reason }),
    async reverse(order) {
      if (await isShort(objects, order, 'reversal', await this.available(order.accountId))) return short;
      return move(objects, order, 'reversal', { transfer: order.transferId, accountId: order.accountId });
    },
    async payout(order) {
      if (await isShort(objects, order, 'payout', await this.available(order.accountId))) return short;
      const object = await objects.make('payout', { ...order, detail: { accountId: order.accountId }, status: 'paid' });
      return { status: 'succeeded', objectId: object.id };
    },
    async findOperation({ kind, operationId, objectId }: Sought) {
      const object = objectId ? await objects.find(objectId) : await objects.findByOperation(kind, operationId);
      if (object?.status === 'failed')
        return { status: 'failed', objectId: object.id, code: 'returned', message: 'The refund came back.' };
      return object && { status: 'succeeded', objectId: object.id };
    },
    async readChargeback(id) {
      const object = await objects.find(id);
      return object && asChargeback(object);
    },
    async listChargebacks(since) {
      return (await objects.list(since, ['chargeback'])).map(asChargeback);
    },
    async list(since) {
      const kinds = ['payment', 'transfer', 'refund', 'reversal', 'chargeback'] as const;
      return { items: (await objects.list(since, kinds)).map(asListed), next: null };
    },
    drive: (paymentId, outcome, commandId) => payments.drive(objects, paymentId, outcome, commandId),
    answer: (accountId, part) => answer(objects, accountId, part),
    findPeriod: (accountId) => findPeriod(objects, accountId),
  };
}

const short: OperationResult = {
  status: 'waiting',
  reason: 'balance',
  message: 'The account has not enough left.',
  isUnsent: true,
};

/** Does the account lack what is to leave it? What has left it already lacks nothing. */
async function isShort(
  objects: TestMoneyObjects,
  order: Money & Pick<Order, 'operationId'>,
  kind: 'reversal' | 'payout',
  available: readonly Money[] | null,
): Promise<boolean> {
  const there = available?.find(({ currency }) => currency === order.currency)?.amountMinor ?? 0n;
  return there < order.amountMinor && !(await objects.findByOperation(kind, order.operationId));
}

function paymentMethods(objects: TestMoneyObjects) {
  return {
    startPayment: (order: Parameters<Processor['startPayment']>[0]) => payments.start(objects, order),
    readPayment: (id: string) => payments.read(objects, id),
    confirmPayment: (id: string, card: Again) => payments.confirm(objects, id, card),
    cancelPayment: (id: string) => payments.cancel(objects, id),
    clientSecret: async () => null,
    findPayment: async ({ operationId }: Sought) => {
      const object = await objects.findByOperation('payment', operationId);
      return object && payments.asPayment(object);
    },
  };
}

/** The same key is the same object, whoever asks again. */
async function move(
  objects: TestMoneyObjects,
  order: Order,
  kind: 'transfer' | 'refund' | 'reversal',
  detail: Record<string, string>,
): Promise<OperationResult> {
  const object = await objects.make(kind, { ...order, parentId: order.holdId, detail, status: 'succeeded' });
  strike('accepted');
  return { status: 'succeeded', objectId: object.id };
}

/** A bank gives this long to say something against it. */
const evidenceDays = 7;

function asChargeback(object: TestObject): ChargebackState {
  return {
    ...moneyOf(object),
    processorChargebackId: object.id,
    processorPaymentId: object.parentId ?? '',
    reason: 'fraudulent',
    status: object.status === 'won' || object.status === 'lost' ? object.status : 'open',
    feeMinor: 0n,
    evidenceDueAt: new Date(object.createdAt.getTime() + evidenceDays * 86_400_000),
  };
}

function asListed(object: TestObject): Listed {
  const { status } = object.kind === 'payment' ? payments.asPayment(object) : object;
  return {
    ...moneyOf(object),
    kind: object.kind as Listed['kind'],
    objectId: object.id,
    operationId: object.operationId,
    processorPaymentId: object.kind === 'chargeback' ? object.parentId : (object.detail['payment'] ?? null),
    holdId: null,
    accountId: null,
    succeeded: object.kind === 'chargeback' || status === 'succeeded',
  };
}

function moneyOf({ amountMinor, currency }: TestObject) {
  return { amountMinor: amountMinor ?? 0n, currency: currency ?? 'USD' };
}
