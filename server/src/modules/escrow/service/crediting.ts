import { Failure } from '@safesend/shared/failure.ts';
import type { Currency } from '@safesend/shared/money.ts';
import { query, type Em } from '../../../kernel/sql.ts';
import type { Tx } from '../../../kernel/transact.ts';
import { bookingOf, movementOf } from './booking.ts';
import { book } from './ledger.ts';
import { lockedHold, type MoneyDeps } from './owner.ts';
import { findPayable, requireNotUnderWay } from './returning.ts';

/** What a client is owed because his bank sent a refund back. */
export interface OwedCredit {
  readonly milestoneId: string;
  readonly milestoneTitle: string;
  readonly projectTitle: string;
  readonly clientName: string;
  readonly amountMinor: number;
  readonly currency: Currency;
}

export async function findOwedCredits(em: Em): Promise<OwedCredit[]> {
  return query<OwedCredit>(
    em,
    `select h.milestone_id as "milestoneId", m.title as "milestoneTitle", p.title as "projectTitle",
       c.display_name as "clientName", h.credit_minor::float8 as "amountMinor", h.currency
     from holds h join milestones m on m.id = h.milestone_id join projects p on p.id = h.project_id
       join profiles c on c.user_id = h.client_id where h.credit_minor > 0 order by h.settled_at, h.id`,
  );
}

export interface PaidCredit {
  readonly milestoneId: string;
  readonly amountMinor: bigint;
  readonly currency: Currency;
  /** What finds the payment where it was made: the reference of a bank transfer for instance. */
  readonly reference: string;
}

/**
 * An operator paid the client what he is owed another way than he had paid, from the platform's own bank account. All of
 * it, so that nothing of it is given back a second time; the books and the room say so, and where to look for it.
 */
export async function recordCreditPaid(tx: Tx, { owner }: Pick<MoneyDeps, 'owner'>, paid: PaidCredit): Promise<void> {
  const [at] = await tx.query<{ id: string }>('select id from holds where milestone_id = $1', [paid.milestoneId]);
  if (!at) throw new Failure('missing', 'No money was ever held for such a milestone.');
  const hold = await lockedHold(tx, { owner }, at.id);
  if (hold.creditMinor === 0n) throw new Failure('conflict', 'Nothing is owed to the client of this milestone.');
  await requireNotUnderWay(tx, hold);
  if (paid.currency !== hold.currency || paid.amountMinor !== hold.creditMinor)
    throw new Failure('conflict', `What is owed is ${hold.creditMinor} ${hold.currency}, in the smallest unit.`);
  const credits = await findPayable(tx, hold);
  hold.creditPaid(paid.amountMinor);
  const movement = movementOf(hold, paid.amountMinor, 0n);
  const fact = await owner.creditPaid(tx, hold, movement, paid.reference);
  await book(tx, bookingOf(movement, 'credit_paid', hold, null, fact), [
    { account: 'client_credit', ownerId: hold.clientId, amountMinor: paid.amountMinor },
    { account: 'bank', amountMinor: -paid.amountMinor },
  ]);
  for (const { payment_id: paymentId, minor } of credits) {
    await tx.query(
      `insert into credit_payments (transaction_id, hold_id, payment_id, amount_minor, reference, paid_at)
       values ($1, $2, $3, $4, $5, $6)`,
      [movement.ledgerTransactionId, hold.id, paymentId, minor, paid.reference, tx.now],
    );
  }
}
