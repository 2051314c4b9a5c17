import type { MikroORM } from '@mikro-orm/postgresql';
import type { Chargeback, Movement, Payment as PaymentView, Together, Waiting } from '@safesend/shared/escrow/hold.ts';
import type { FactRef } from '../../../kernel/fact-buffer.ts';
import type { Logger } from '../../../kernel/log.ts';
import type { Processor } from '../../../kernel/ports/processor.ts';
import { queryOne } from '../../../kernel/sql.ts';
import type { Transact, Tx } from '../../../kernel/transact.ts';
import { lockHold } from '../access.ts';
import type { Hold } from '../entity.ts';
import type { Undecided } from './undecided.ts';

/**
 * Whoever has holds: the module above, which knows what they are for. It is told in the same transaction what happened to
 * one, moves its own thing, and appends the fact that the ledger transaction will name.
 */
export interface HoldOwner {
  /** Takes the locks that its own verbs take first, so that both ways queue instead of meeting. */
  lock(tx: Tx, milestoneId: string): Promise<void>;
  funded(tx: Tx, hold: Hold, payment: PaymentView, movement: Movement): Promise<Funded>;
  /** Are the two whose money it is there still, to decide about it? One may have left while nothing was held, another taken over. */
  isBetween(tx: Tx, hold: Hold): Promise<boolean>;
  /** Money for which there is nothing to pay goes back, once it is booked. */
  giveBack(tx: Tx, hold: Hold, amount: bigint): Promise<void>;
  paymentFailed(tx: Tx, hold: Hold, payment: PaymentView): Promise<void>;
  /** The attempt is over and nothing was paid. */
  paymentEnded(tx: Tx, hold: Hold, payment: PaymentView): Promise<void>;
  /** `together`: with what it arrived of the same decision; null when that is paid from one payment. */
  released(tx: Tx, hold: Hold, movement: Movement, together: Together | null): Promise<FactRef>;
  refunded(tx: Tx, hold: Hold, movement: Movement, together: Together | null): Promise<FactRef>;
  /** The client's bank sent a refund back. */
  refundReturned(tx: Tx, hold: Hold, movement: Movement): Promise<FactRef>;
  /** He was given it another way than he had paid. */
  creditPaid(tx: Tx, hold: Hold, movement: Movement, reference: string): Promise<FactRef>;
  /** A part of what the freelancer owes came back from his account. */
  recovered(tx: Tx, hold: Hold, movement: Movement): Promise<FactRef>;
  /** Null: nothing is waited for any more. */
  waits(tx: Tx, hold: Hold, waiting: Omit<Waiting, 'since'> | null): Promise<void>;
  /** What was on its way and has not left waits for the bank's decision now. */
  frozen(tx: Tx, hold: Hold): Promise<void>;
  chargebackOpened(tx: Tx, hold: Hold, chargeback: Chargeback, movement: Movement): Promise<FactRef>;
  /** `undecided`: the others that are open still. */
  chargebackClosed(
    tx: Tx,
    hold: Hold,
    chargeback: Chargeback,
    movement: Movement,
    undecided: Undecided | null,
  ): Promise<FactRef>;
}

export interface Funded {
  readonly fact: FactRef;
  /** False: what it was to pay for has ended or changed meanwhile. */
  readonly isWanted: boolean;
}

export interface MoneyDeps {
  readonly orm: MikroORM;
  readonly transact: Transact;
  readonly log: Logger;
  /** Null where payments are not configured. */
  readonly processor: Processor | null;
  readonly owner: HoldOwner;
  /** Makes a round at once, for what was written down outside `transact`. Absent where no rounds are made. */
  readonly wake?: (round: string) => void;
}
export type Working = MoneyDeps & { readonly processor: Processor };

/** In the order of all money verbs: the owner's locks, then the hold's row. */
export async function lockedHold(tx: Tx, { owner }: Pick<MoneyDeps, 'owner'>, holdId: string): Promise<Hold> {
  const at = await queryOne<{ milestone_id: string }>(tx.em, 'select milestone_id from holds where id = $1', [holdId]);
  if (!at) throw new Error('no such hold');
  await owner.lock(tx, at.milestone_id);
  return lockHold(tx, holdId);
}
