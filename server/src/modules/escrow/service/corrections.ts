import type { Tx } from '../../../kernel/transact.ts';
import type { Due, Paper, Tax } from './paper.ts';
import { atLeastNothing, least } from './shares.ts';
import { taxInside } from './tax.ts';

/** An invoice, and what of it no credit note has taken back. */
interface Standing {
  readonly id: string;
  readonly number: string;
  /** False: issued again, for what a chargeback had taken and was won after all. */
  readonly isFirst: boolean;
  readonly total: bigint;
  readonly left: bigint;
  readonly taxLeft: bigint;
  readonly refunded: bigint;
  readonly takenBack: bigint;
  readonly tax: Tax | null;
}

type Row = Record<'total' | 'left' | 'tax_left' | 'refunded' | 'taken_back', string> &
  Pick<Standing, 'id' | 'number' | 'tax'> & { readonly is_first: boolean };

/** The payment a ledger transaction `t` is of; old ones do not say. */
const paymentOf = `coalesce((select p.id from payments p where t.kind = 'funding' and p.processor_payment_id = t.object_id),
  (select o.payment_id from money_operations o where o.id = t.operation_id),
  (select c.payment_id from chargebacks c where c.id::text = t.object_id))`;

const standingText = `
  select i.id, i.document ->> 'number' as number, i.document -> 'tax' as tax, t.kind in ('funding', 'release') as is_first,
    i.total_minor::text as total, (i.total_minor - c.total)::text as left, (i.tax_minor - c.tax)::text as tax_left,
    c.refunded::text, (c.total - c.refunded)::text as taken_back
  from invoices i join ledger_transactions t on t.id = i.transaction_id,
    lateral (select coalesce(sum(n.total_minor), 0) as total, coalesce(sum(n.tax_minor), 0) as tax,
        coalesce(sum(n.total_minor) filter (where n.line = 'refund'), 0) as refunded
      from invoices n where n.corrects_id = i.id) c
  where i.hold_id = $1 and i.kind = 'invoice' and i.line = $2 and ($3::uuid is null or coalesce(${paymentOf} = $3, true))
  order by i.issued_at desc, i.number desc`;

async function findStanding(tx: Tx, due: Due, line: string, paymentId: string | null): Promise<Standing[]> {
  const rows = await tx.query<Row>(standingText, [due.hold_id, line, paymentId]);
  return rows.map((row) => ({
    ...{ id: row.id, number: row.number, tax: row.tax, isFirst: row.is_first },
    ...{ total: BigInt(row.total), left: BigInt(row.left), taxLeft: BigInt(row.tax_left) },
    ...{ refunded: BigInt(row.refunded), takenBack: BigInt(row.taken_back) },
  }));
}

async function findPayment(tx: Tx, due: Due): Promise<string | null> {
  const text = `select ${paymentOf} as id from ledger_transactions t where t.id = $1`;
  return (await tx.query<{ id: string | null }>(text, [due.id]))[0]?.id ?? null;
}

type Words = Pick<Paper, 'line' | 'from' | 'to' | 'text'>;

/** Each names the invoice that it corrects, and takes back no more than that still says; the last part takes the rest of its tax. */
function creditNotes(invoices: readonly Standing[], amount: bigint, words: Words): Paper[] {
  const papers: Paper[] = [];
  let missing = amount;
  for (const { id, number, left, total, tax, taxLeft } of invoices) {
    const part = least(left, missing);
    if (part <= 0n) continue;
    missing -= part;
    const before = total - left;
    const taxed = !tax || part === left ? taxLeft : taxOf(before, part, tax);
    const corrects = { id, number };
    papers.push({
      ...words,
      kind: 'credit_note',
      amount: part,
      tax,
      taxed: least(taxed, taxLeft, part - 1n),
      corrects,
    });
  }
  return papers;
}

const taxOf = (before: bigint, part: bigint, { rateBps }: Tax) =>
  taxInside(before + part, rateBps) - taxInside(before, rateBps);

/** What was given back corrects the invoice of the payment it was of. */
export async function correctRefunded(tx: Tx, due: Due, amount: bigint): Promise<Paper[]> {
  const invoices = await findStanding(tx, due, 'funding', await findPayment(tx, due));
  const text = `Given back for “${due.milestone_title}”`;
  return creditNotes(invoices, amount, { from: 'freelancer', to: 'client', line: 'refund', text });
}

const sum = (all: readonly Standing[], pick: (it: Standing) => bigint) => all.reduce((so, it) => so + pick(it), 0n);

/**
 * Banks took of a payment, or gave back, what its invoices do not say yet. What is the client's again is first what the
 * milestone cost, and beyond that the service fee; of what the freelancer had received the platform keeps no fee, because
 * he gives back what he got without it. What was won after all is invoiced again.
 */
export async function correctTakenBack(tx: Tx, due: Due, corrected: readonly Paper[] = []): Promise<Paper[]> {
  const paymentId = await findPayment(tx, due);
  if (paymentId === null) return [];
  const [work, service, platform] = [
    await findStanding(tx, due, 'funding', paymentId),
    await findStanding(tx, due, 'service_fee', paymentId),
    await findStanding(tx, due, 'platform_fee', null),
  ];
  const returned = await findReturned(tx, paymentId, due.id);
  const ofBoth = least(returned, sum(work, firstTotal));
  const refunded = corrected.reduce(
    (so, { amount }) => so + amount,
    sum(work, (it) => it.refunded),
  );
  const ofService = least(returned - ofBoth, sum(service, firstTotal));
  const title = `“${due.milestone_title}”`;
  const client = { to: 'client', line: 'chargeback' } as const;
  return [
    ...agree(due, work, ofBoth - refunded, {
      first: { from: 'freelancer', to: 'client', line: 'funding', text: title },
      back: { ...client, from: 'freelancer', text: `Taken back by the bank for ${title}` },
    }),
    ...agree(due, service, ofService, {
      first: { from: 'platform', to: 'client', line: 'service_fee', text: `Service fee for ${title}` },
      back: { ...client, from: 'platform', text: `Service fee for ${title}, taken back by the bank` },
    }),
    ...agree(due, platform, await findFeeNotKept(tx, due.hold_id), {
      first: { from: 'platform', to: 'freelancer', line: 'platform_fee', text: `Platform fee for ${title}` },
      back: {
        ...{ from: 'platform', to: 'freelancer', line: 'reversal' },
        text: `Platform fee for ${title}, not kept after a chargeback`,
      },
    }),
  ];
}

const firstTotal = ({ isFirst, total }: Standing) => (isFirst ? total : 0n);

/** Why something is invoiced again; of a loss that papers had taken back too much of it. */
const reasons: Partial<Record<Due['kind'], string>> = {
  chargeback_won: 'the chargeback was won after all',
  chargeback_appealed: 'the chargeback was won after all',
  chargeback_lost: 'too much of it had been taken back',
};

/** Makes the papers of these invoices say that so much of them was taken back. */
function agree(
  due: Due,
  invoices: readonly Standing[],
  takenBack: bigint,
  words: { first: Words; back: Words },
): Paper[] {
  const again = sum(invoices, (it) => it.total - firstTotal(it));
  const more = takenBack - (sum(invoices, (it) => it.takenBack) - again);
  if (more > 0n) return creditNotes(invoices, more, words.back);
  const [amount, before, tax] = [-more, sum(invoices, ({ refunded }) => refunded), invoices[0]?.tax ?? null];
  if (amount === 0n) return [];
  const why = reasons[due.kind] ?? 'the refund did not arrive';
  const taxed = tax ? least(taxOf(before, amount, tax), amount - 1n) : 0n;
  return [{ ...words.first, kind: 'invoice', amount, tax, taxed, text: `${words.first.text}: ${why}` }];
}

/**
 * What of a payment is the client's again: refunded, and brought by lost chargebacks, less what was taken off his credit for
 * it. A refund whose own credit note is due after this paper is not told by it.
 */
async function findReturned(tx: Tx, paymentId: string, dueId: string): Promise<bigint> {
  const [row] = await tx.query<{ minor: string }>(
    `select (coalesce((select sum(amount_minor) from chargebacks where payment_id = $1 and status = 'lost'), 0)
       + coalesce((select sum(amount_minor) from money_operations o
         where payment_id = $1 and kind = 'refund' and gross_minor > 0 and state in ('succeeded', 'returned')
           and not exists (select from papers_due d join ledger_transactions t on t.id = d.transaction_id
             where t.operation_id = o.id and t.kind in ('refunded', 'refund_credited') and t.id <> $2)), 0)
       - coalesce((select sum(c.amount_minor) from credit_payments c join ledger_transactions t on t.id = c.transaction_id
         where c.payment_id = $1 and t.kind <> 'credit_paid'), 0))::text as minor`,
    [paymentId, dueId],
  );
  return atLeastNothing(BigInt(row?.minor ?? 0));
}

/** What left a hold and was taken back, less what the freelancer bears of it; and the fee of what never left. */
async function findFeeNotKept(tx: Tx, holdId: string): Promise<bigint> {
  const [row] = await tx.query<{ minor: string }>(
    `select (coalesce((select sum(greatest(0, taken - owed)) from (
         select sum(share_minor - frozen_minor) as taken, sum(owed_minor) as owed from chargebacks
         where hold_id = $1 and status = 'lost' group by payment_id) lost), 0)
       + coalesce((select sum(gross_minor - amount_minor) from money_operations
         where hold_id = $1 and kind = 'transfer' and state = 'withheld' and gross_minor > 0), 0))::text as minor`,
    [holdId],
  );
  return BigInt(row?.minor ?? 0);
}
