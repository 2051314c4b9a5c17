import { defineEntity, p } from '@mikro-orm/core';
import { feeOfPart } from '@safesend/shared/escrow/fees.ts';
import type { PaymentStatus } from '@safesend/shared/escrow/hold.ts';
import { Failure } from '@safesend/shared/failure.ts';
import type { Currency } from '@safesend/shared/money.ts';
import type { Processor } from '../../kernel/ports/processor.ts';
import { amountWords } from '../../kernel/amount-words.ts';

const HoldSchema = defineEntity({
  name: 'Hold',
  tableName: 'holds',
  properties: {
    id: p.uuid().primary(),
    milestoneId: p.uuid(),
    roomId: p.uuid(),
    projectId: p.uuid(),
    clientId: p.uuid(),
    freelancerId: p.uuid(),
    currency: p.text().$type<Currency>(),
    platformFeeBps: p.integer(),
    serviceFeeBps: p.integer(),
    processor: p.text().$type<Processor['name']>(),
    fundedMinor: p.bigint(),
    heldMinor: p.bigint(),
    frozenMinor: p.bigint(),
    releasingMinor: p.bigint(),
    refundingMinor: p.bigint(),
    releasedMinor: p.bigint(),
    refundedMinor: p.bigint(),
    chargedBackMinor: p.bigint(),
    platformFeeMinor: p.bigint(),
    serviceFeeMinor: p.bigint(),
    paidMinor: p.bigint(),
    owedMinor: p.bigint(),
    recoveredMinor: p.bigint(),
    atRiskMinor: p.bigint(),
    creditMinor: p.bigint(),
    processorPaymentId: p.text().nullable(),
    chargeId: p.text().nullable(),
    fundedAt: p.datetime(3).nullable(),
    settledAt: p.datetime(3).nullable(),
    heldUntil: p.datetime(3).nullable(),
    availableAt: p.datetime(3).nullable(),
    createdAt: p.datetime(3),
  },
});

/** The money of one milestone: balances that always sum to what was funded. Every move is made under the row's lock. */
export class Hold extends HoldSchema.class {
  /** The first payment, or one more for what was agreed to be added. */
  fund({ amount, serviceFee, until, now }: { amount: bigint; serviceFee: bigint; until: Date; now: Date }): void {
    this.fundedMinor += amount;
    this.heldMinor += amount;
    this.serviceFeeMinor += serviceFee;
    this.fundedAt ??= now;
    this.heldUntil ??= until;
  }

  /** Decides a release; answers the platform's fee of this part. However it is cut, the parts' fees are the fee of the whole. */
  release(gross: bigint): bigint {
    take(this, gross, 'release');
    const taken = { releasedMinor: this.releasingMinor + this.releasedMinor, feeMinor: this.platformFeeMinor };
    const fee = feeOfPart(taken, gross, this.currency, this);
    this.releasingMinor += gross;
    this.platformFeeMinor += fee;
    return fee;
  }

  refund(amount: bigint): void {
    take(this, amount, 'refund');
    this.refundingMinor += amount;
  }

  /** A decided release has reached the freelancer's account. */
  transferred(gross: bigint, net: bigint, now: Date): void {
    this.releasingMinor -= gross;
    this.releasedMinor += gross;
    this.paidMinor += net;
    this.settledAt = now;
  }

  givenBack(amount: bigint, now: Date): void {
    this.refundingMinor -= amount;
    this.refundedMinor += amount;
    this.settledAt = now;
  }

  /** Freezes as much of this as is held; answers how much that was. What is not frozen can still be released. */
  freeze(amount: bigint): bigint {
    const frozen = amount < this.heldMinor ? amount : this.heldMinor;
    this.heldMinor -= frozen;
    this.frozenMinor += frozen;
    return frozen;
  }

  thaw(amount: bigint): void {
    this.frozenMinor -= amount;
    this.heldMinor += amount;
  }

  /** What was frozen went back to the client over his bank. */
  chargeBack(amount: bigint, now: Date): void {
    this.frozenMinor -= amount;
    this.chargedBackMinor += amount;
    this.settledAt = now;
  }

  /** What was released and had not left went back to the client over his bank as well: there is no fee of it. */
  withhold(gross: bigint, net: bigint, now: Date): void {
    this.releasingMinor -= gross;
    this.platformFeeMinor -= gross - net;
    this.chargedBackMinor += gross;
    this.settledAt = now;
  }

  /** A lost chargeback is about what was decided for the freelancer. */
  owe(amount: bigint): void {
    this.owedMinor += amount;
  }

  /** It was won after all: what went back is here again, and some of what he owes he owes no longer. */
  restore(amount: bigint, forgiven: bigint): void {
    this.chargedBackMinor -= amount;
    this.heldMinor += amount;
    this.owedMinor -= forgiven;
  }

  /** What had been taken back from him reached him again. */
  givenAgain(amount: bigint): void {
    this.recoveredMinor -= amount;
  }

  recover(amount: bigint): void {
    this.owedMinor -= amount;
    this.recoveredMinor += amount;
  }

  /** A refund came back from the client's bank: it is his, and here. */
  credit(amount: bigint): void {
    this.creditMinor += amount;
  }

  creditPaid(amount: bigint): void {
    this.creditMinor -= amount;
  }

  hasMoney(): boolean {
    return this.heldMinor + this.frozenMinor + this.releasingMinor + this.refundingMinor > 0n;
  }
}
HoldSchema.setClass(Hold);

// A plain function: the ORM builds entities without their constructor, so `#private` members do not exist on them.
function take(hold: Hold, amount: bigint, what: 'release' | 'refund'): void {
  requireFree(hold, amount, what);
  hold.heldMinor -= amount;
}

export function requireFree(hold: Hold, amount: bigint, what: 'release' | 'refund'): void {
  if (amount > hold.heldMinor) {
    const [free, all] = [hold.heldMinor, hold.fundedMinor].map((minor) => amountWords(minor, hold.currency));
    throw new Failure('conflict', `Only ${free} of ${all} is held and free to ${what}.`);
  }
}

const PaymentSchema = defineEntity({
  name: 'Payment',
  tableName: 'payments',
  properties: {
    id: p.uuid().primary(),
    holdId: p.uuid(),
    payerId: p.uuid(),
    amountMinor: p.bigint(),
    feeMinor: p.bigint(),
    currency: p.text().$type<Currency>(),
    status: p.text().$type<PaymentStatus>(),
    processorPaymentId: p.text().nullable(),
    chargeId: p.text().nullable(),
    paymentMethodId: p.uuid().nullable(),
    saveMethod: p.boolean(),
    /** Decided here, and asked of the processor: it answers what the payment is then. */
    ending: p.text().$type<'expired' | 'cancelled'>().nullable(),
    declineCode: p.text().nullable(),
    declineMessage: p.text().nullable(),
    mismatch: p.text().nullable(),
    createdAt: p.datetime(3),
    expiresAt: p.datetime(3),
    settledAt: p.datetime(3).nullable(),
  },
});

/** One attempt of the client to pay. */
export class Payment extends PaymentSchema.class {
  total(): bigint {
    return this.amountMinor + this.feeMinor;
  }

  isOpen(): boolean {
    return this.status === 'processing' || this.status === 'requires_action' || this.status === 'declined';
  }

  end(how: 'expired' | 'cancelled'): void {
    if (!this.isOpen()) throw new Failure('conflict', `This payment is ${this.status}.`);
    this.ending ??= how;
  }

  /** The same attempt again, with the same or another card. */
  again(paymentMethodId: string | null): void {
    if (this.ending || (this.status !== 'declined' && this.status !== 'requires_action')) {
      throw new Failure('conflict', `This payment is ${this.status}; it cannot be tried again.`);
    }
    this.paymentMethodId = paymentMethodId ?? this.paymentMethodId ?? null;
    this.status = 'processing';
    this.declineCode = null;
    this.declineMessage = null;
  }
}
PaymentSchema.setClass(Payment);

export const escrowEntities = [Hold, Payment];
