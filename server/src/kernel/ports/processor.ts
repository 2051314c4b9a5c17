import type { Currency } from '@safesend/shared/money.ts';

/** Exact amounts of ours; a processor turns them into its own units. */
export interface Money {
  readonly amountMinor: bigint;
  readonly currency: Currency;
}

/** One stored money operation: its key was committed before the call, so a repeated call is the same one. */
export interface Order extends Money {
  readonly operationId: string;
  readonly idempotencyKey: string;
  /** The same for everything of one hold. */
  readonly holdId: string;
  readonly milestoneId: string;
}

export interface PaymentOrder extends Order {
  readonly paymentId: string;
  readonly customerId: string | null;
  /** A saved method, by the processor's name; without one the browser finishes the payment. */
  readonly methodId: string | null;
  readonly saveMethod: boolean;
  readonly description: string;
}
/** Another try of a payment: with which saved method, and the customer with whom a new one stays once it has paid. */
export interface Again {
  readonly methodId: string | null;
  readonly keptBy: string | null;
}
export interface TransferOrder extends Order {
  readonly accountId: string;
  /** The charge that brought the money; null where it is the platform's own balance that it comes from. */
  readonly chargeId: string | null;
}
export interface RefundOrder extends Order {
  readonly processorPaymentId: string;
  readonly reason: string;
}
export interface ReversalOrder extends Order {
  readonly transferId: string;
  /** Whose transfer it was. */
  readonly accountId: string;
}
export interface PayoutOrder extends Money {
  readonly operationId: string;
  readonly idempotencyKey: string;
  readonly accountId: string;
}

/**
 * What became of a transfer, refund, reversal or payout. `pending`: accepted, decided later. `waiting`: not now, try again
 * later (the account is not ready, money not available yet). `unknown`: nobody knows; read it back before anything else.
 */
export type OperationResult =
  | { readonly status: 'succeeded'; readonly objectId: string }
  | { readonly status: 'pending'; readonly objectId: string }
  /** `isUnsent`: it was not even asked for, so that nothing is kept under its key. */
  | {
      readonly status: 'waiting';
      readonly reason: 'account' | 'balance' | 'busy';
      readonly message: string;
      readonly isUnsent?: true;
    }
  | { readonly status: 'failed'; readonly objectId: string | null; readonly code: string; readonly message: string }
  | { readonly status: 'unknown'; readonly message: string };

/** A payment as the processor has it now. Whoever applies it compares amount and currency with what was asked. */
export interface PaymentState extends Money {
  readonly processorPaymentId: string;
  readonly paymentId: string | null;
  readonly status: 'processing' | 'requires_action' | 'requires_method' | 'succeeded' | 'declined' | 'cancelled';
  readonly declineCode: string | null;
  readonly declineMessage: string | null;
  readonly chargeId: string | null;
  /** What the processor kept; null until it says so, which may be after the payment succeeded. */
  readonly feeMinor: bigint | null;
  /** From when on it can leave the platform's balance; null until the processor says so. */
  readonly availableAt: Date | null;
  /** What of it was given back there, by us or by hand. */
  readonly refundedMinor: bigint;
}
export type PaymentResult =
  | { readonly status: 'known'; readonly payment: PaymentState }
  | { readonly status: 'refused'; readonly code: string; readonly message: string }
  /** `isKept`: the key answers this however often it is sent. */
  | { readonly status: 'unknown'; readonly message: string; readonly isKept?: boolean };

export interface ChargebackState extends Money {
  readonly processorChargebackId: string;
  readonly processorPaymentId: string;
  readonly reason: string;
  readonly status: 'open' | 'won' | 'lost';
  readonly feeMinor: bigint;
  /** Until then evidence can be handed in. */
  readonly evidenceDueAt: Date | null;
}

export interface AccountState {
  readonly accountId: string;
  readonly status: 'onboarding' | 'restricted' | 'active';
  readonly country: string | null;
  readonly schedule: 'daily' | 'weekly' | 'monthly' | 'manual';
  readonly requirements: readonly string[];
}

export interface MethodState {
  readonly methodId: string;
  readonly brand: string;
  readonly last4: string;
  readonly expiresMonth: number;
  readonly expiresYear: number;
}
export interface SetupState {
  readonly processorSetupId: string;
  readonly status: 'processing' | 'requires_action' | 'succeeded' | 'failed';
  readonly clientSecret: string | null;
  readonly message: string | null;
  readonly method: MethodState | null;
}

export interface PayoutState extends Money {
  readonly processorPayoutId: string;
  readonly accountId: string;
  readonly operationId: string | null;
  readonly status: 'pending' | 'paid' | 'failed';
  readonly failureMessage: string | null;
  readonly arrivesAt: Date | null;
}

/** One object of the processor, for comparing both ways; what another product did there may be in a currency that is none of ours. */
export interface Listed {
  readonly kind: 'payment' | 'transfer' | 'refund' | 'reversal' | 'chargeback';
  readonly objectId: string;
  readonly operationId: string | null;
  /** Of a refund or chargeback the payment it is of. */
  readonly processorPaymentId: string | null;
  /** Of a transfer or reversal the hold it says it is of, and the account it went to. */
  readonly holdId: string | null;
  readonly accountId: string | null;
  readonly amountMinor: bigint;
  readonly currency: string;
  readonly succeeded: boolean;
}

export type OperationKind = 'payment' | 'transfer' | 'refund' | 'reversal' | 'payout';
export interface Sought {
  readonly kind: OperationKind;
  readonly operationId: string;
  readonly holdId: string | null;
  readonly objectId: string | null;
  readonly processorPaymentId: string | null;
  readonly accountId: string | null;
}

/**
 * Whoever moves real money for us. No method opens a transaction or knows our tables; none is called inside a
 * transaction. Nothing here throws for what a processor may say: what is not understood is `unknown`.
 */
export interface Processor {
  readonly name: 'stripe' | 'test-money';
  readonly isTest: boolean;
  /** For the browser library; null where the browser cannot finish a payment and named test methods are offered. */
  readonly publishableKey: string | null;
  readonly testMethods: readonly { readonly methodId: string; readonly label: string }[];

  customer(person: { userId: string; email: string; name: string }): Promise<{ readonly customerId: string }>;
  startSetup(order: { operationId: string; customerId: string; testMethod: string | null }): Promise<SetupState>;
  readSetup(processorSetupId: string): Promise<SetupState | null>;
  listMethods(customerId: string): Promise<readonly MethodState[]>;
  detachMethod(methodId: string): Promise<void>;

  startPayment(order: PaymentOrder): Promise<PaymentResult>;
  readPayment(processorPaymentId: string): Promise<PaymentState | null>;
  /** Again, with another method when one is named. */
  confirmPayment(processorPaymentId: string, card: Again, idempotencyKey: string): Promise<PaymentResult>;
  /** Answers what it is then: it may have succeeded meanwhile, or be under way at a bank, which nobody can end. */
  cancelPayment(processorPaymentId: string, idempotencyKey: string): Promise<PaymentState>;
  clientSecret(processorPaymentId: string): Promise<string | null>;

  transfer(order: TransferOrder): Promise<OperationResult>;
  refund(order: RefundOrder): Promise<OperationResult>;
  reverse(order: ReversalOrder): Promise<OperationResult>;
  payout(order: PayoutOrder): Promise<OperationResult>;
  /** Reads back an operation whose answer was lost, by its object or by the operation's id; null: it was never received. */
  findOperation(sought: Sought): Promise<OperationResult | null>;
  /** The payment an operation started, when its answer was lost. */
  findPayment(sought: Sought): Promise<PaymentState | null>;

  /** `instead`: the account this one takes the place of. */
  account(person: {
    userId: string;
    email: string;
    name: string;
    country: string;
    instead: string | null;
  }): Promise<AccountState>;
  /** Null: it is gone, because it was closed or its owner disconnected it; no money reaches it any more. */
  readAccount(accountId: string): Promise<AccountState | null>;
  onboardingLink(
    accountId: string,
    back: { returnUrl: string; refreshUrl: string },
  ): Promise<{ url: string; expiresAt: Date | null }>;
  /** Answers whether there is such an account; false: it is gone. */
  setSchedule(accountId: string, schedule: AccountState['schedule']): Promise<boolean>;
  /** What could be paid out now, per currency. Null: the account is gone. */
  available(accountId: string): Promise<readonly Money[] | null>;
  /** When this schedule pays out next what there is then; null: never by itself. */
  nextPayout(accountId: string, schedule: AccountState['schedule'], now: Date): Promise<Date | null>;
  readPayout(accountId: string, processorPayoutId: string): Promise<PayoutState | null>;
  listPayouts(accountId: string, since: Date): Promise<readonly PayoutState[]>;

  readChargeback(processorChargebackId: string): Promise<ChargebackState | null>;
  listChargebacks(since: Date): Promise<readonly ChargebackState[]>;
  /** Every object since a moment, a page at a time. */
  list(
    since: Date,
    cursor: string | null,
  ): Promise<{ readonly items: readonly Listed[]; readonly next: string | null }>;
}
