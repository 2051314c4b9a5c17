import { newId } from '@safesend/shared/ids.ts';
import type { Currency } from '@safesend/shared/money.ts';
import type { Invoice } from '@safesend/shared/escrow/wallet.ts';
import type { Transact, Tx } from '../../../kernel/transact.ts';
import { findTaxDetails, taxInside } from './tax.ts';

/** The platform issues its fees itself; it is nobody's account. */
export const platformId = '00000000-0000-4000-8000-000000000000';
const platformName = 'SafeSend';

/** What a paper said when it was issued; it says so for ever. */
export interface PaperText {
  readonly number: string;
  readonly issuerName: string;
  readonly recipientName: string;
  readonly projectTitle: string;
  readonly milestoneId: string;
  readonly milestoneTitle: string;
  readonly lines: readonly { readonly text: string; readonly amountMinor: number }[];
  readonly taxes: readonly { readonly text: string; readonly rateBps: number; readonly amountMinor: number }[];
  readonly corrects: string | null;
  /** Absent on papers from before tax was asked for. */
  readonly tax?: { readonly label: string; readonly number: string | null; readonly rateBps: number } | null;
  /** Of a receipt of what was paid here: when it was charged and with what. */
  readonly paid?: { readonly at: string; readonly with: string };
  readonly isTest: boolean;
}

export interface InvoiceRow {
  readonly id: string;
  readonly kind: Invoice['kind'];
  /** What it is about, as the lines of an account call it; `payment` for all that was charged. */
  readonly line: string;
  readonly corrects_id: string | null;
  readonly net_minor: string;
  readonly tax_minor: string;
  readonly total_minor: string;
  readonly currency: Currency;
  readonly document: PaperText;
  readonly issued_at: Date | string;
}

interface Due {
  readonly id: string;
  readonly kind: 'funding' | 'release' | 'transfer' | 'refunded' | 'refund_credited' | 'chargeback_lost';
  readonly hold_id: string;
  readonly client_id: string;
  readonly freelancer_id: string;
  readonly client_name: string;
  readonly freelancer_name: string;
  readonly milestone_id: string;
  readonly milestone_title: string;
  readonly project_title: string;
  readonly currency: Currency;
  readonly is_test: boolean;
  readonly at: string;
  /** The card it was paid with, where that was a saved one. */
  readonly card: { readonly brand: string; readonly last4: string } | null;
  /** Its entries by the kind of their account. */
  readonly entries: Readonly<Record<string, string>>;
}

/** What its issuer said about his tax when it was issued, or when what it corrects was. */
type Tax = NonNullable<PaperText['tax']>;

interface Paper {
  readonly kind: Invoice['kind'];
  readonly line: string;
  readonly from: 'platform' | 'freelancer';
  readonly to: 'client' | 'freelancer';
  readonly text: string;
  readonly amount: bigint;
  /** What else it is made of, in words. */
  readonly more?: { readonly text: string; readonly amount: bigint };
  readonly paid?: PaperText['paid'];
  readonly corrects?: { readonly id: string; readonly number: string };
  /** Null: it says nothing about tax. */
  readonly tax: Tax | null;
  /** What of the same invoice was given back before: the taxes of the parts sum to the tax of the whole. */
  readonly before?: bigint;
}

const dueText = `
  select t.id, t.kind, h.id as hold_id, h.client_id, h.freelancer_id, c.display_name as client_name,
    f.display_name as freelancer_name, h.milestone_id, m.title as milestone_title, p.title as project_title, h.currency,
    h.processor = 'test-money' as is_test, to_char(t.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at,
    (select json_build_object('brand', w.brand, 'last4', w.last4) from payments y join payment_methods w on w.id = y.payment_method_id
     where t.kind = 'funding' and y.processor_payment_id = t.object_id) as card,
    (select json_object_agg(a.kind, e.amount_minor::text) from ledger_entries e join ledger_accounts a on a.id = e.account_id
     where e.transaction_id = t.id) as entries
  from (select * from papers_due order by at, transaction_id limit $1) d
    join ledger_transactions t on t.id = d.transaction_id join holds h on h.id = t.hold_id
    join profiles c on c.user_id = h.client_id join profiles f on f.user_id = h.freelancer_id
    join milestones m on m.id = h.milestone_id join projects p on p.id = h.project_id
  order by d.at, d.transaction_id`;

const atOnce = 100;

/** Issues what the books have made due, in their order; where what is paid here is not real they say so. One after the other over all processes, so that no number is skipped. */
export async function issueDue(transact: Transact, isTestHere: boolean): Promise<void> {
  for (let issued = atOnce; issued === atOnce;) {
    ({ result: issued } = await transact({ id: null }, async (tx) => {
      await tx.query(`select pg_advisory_xact_lock(hashtext('safesend.papers'))`);
      const due = await tx.query<Due>(dueText, [atOnce]);
      for (const it of due) {
        const isTest = isTestHere || it.is_test;
        for (const paper of await papersOf(tx, it)) await issue(tx, it, paper, isTest);
      }
      await tx.query('delete from papers_due where transaction_id = any($1::uuid[])', [due.map(({ id }) => id)]);
      return due.length;
    }));
  }
}

async function papersOf(tx: Tx, due: Due): Promise<Paper[]> {
  const of = (account: string) => BigInt(due.entries[account] ?? 0);
  const work = { from: 'freelancer', to: 'client' } as const;
  const own = due.kind === 'funding' ? await findTaxDetails(tx.em, due.freelancer_id) : null;
  const papers: Record<Due['kind'], () => Paper[] | Promise<Paper[]>> = {
    funding: () => [
      { ...work, kind: 'invoice', line: 'funding', text: due.milestone_title, amount: -of('hold'), tax: own },
      {
        ...{ kind: 'invoice', from: 'platform', to: 'client', line: 'service_fee' },
        ...{ text: `Service fee for “${due.milestone_title}”`, amount: -of('service_fee'), tax: null },
      },
      {
        ...{ kind: 'receipt', from: 'platform', to: 'client', line: 'payment', tax: null },
        ...{ text: `Paid into hold for “${due.milestone_title}”`, amount: -of('hold') },
        more: { text: 'Service fee', amount: -of('service_fee') },
        paid: { at: due.at, with: paidWith(due) },
      },
    ],
    release: () => [
      {
        ...{ kind: 'invoice', from: 'platform', to: 'freelancer', line: 'platform_fee' },
        ...{ text: `Platform fee for “${due.milestone_title}”`, amount: -of('platform_fee'), tax: null },
      },
    ],
    transfer: () => [
      {
        ...{ ...work, kind: 'receipt', line: 'release' },
        ...{
          text: `Paid for “${due.milestone_title}”, after the platform fee`,
          amount: of('release_clearing'),
          tax: null,
        },
      },
    ],
    refunded: () => creditOf(tx, due, 'refund', of('refund_clearing')),
    refund_credited: () => creditOf(tx, due, 'refund', of('refund_clearing')),
    chargeback_lost: () => creditOf(tx, due, 'chargeback', -of('dispute_suspense')),
  };
  return (await papers[due.kind]()).filter(({ amount }) => amount > 0n);
}

/** A card that was not saved is known to nobody here. */
function paidWith({ is_test: isTest, card }: Due): string {
  const name = card ? `${card.brand.charAt(0).toUpperCase()}${card.brand.slice(1)} ending in ${card.last4}` : 'Card';
  if (!isTest) return name;
  return card ? `Test card ending in ${card.last4}, test money` : 'Test money';
}

/** The payment whose money a transaction gives back; old ones do not say. */
const givenBackText = `
  select coalesce(o.payment_id, c.payment_id) from ledger_transactions r
    left join money_operations o on o.id = r.operation_id left join chargebacks c on c.id::text = r.object_id
  where r.id = $2`;

/** Each names the invoice of the payment that it corrects, and takes back no more than that still says. */
async function creditOf(tx: Tx, due: Due, line: string, amount: bigint): Promise<Paper[]> {
  const invoices = await tx.query<{ id: string; number: string; left: string; total: string; tax: Tax | null }>(
    `select i.id, i.document ->> 'number' as number, i.document -> 'tax' as tax, i.total_minor::text as total, (i.total_minor - coalesce((select sum(c.total_minor) from invoices c
       where c.corrects_id = i.id), 0))::text as left
     from invoices i join ledger_transactions f on f.id = i.transaction_id
       left join payments p on p.processor_payment_id = f.object_id
     where i.hold_id = $1 and i.line = 'funding' and coalesce(p.id = (${givenBackText}), true)
     order by i.issued_at desc, i.number desc`,
    [due.hold_id, due.id],
  );
  const papers: Paper[] = [];
  let missing = amount;
  for (const { id, number, left, total, tax } of invoices) {
    const part = BigInt(left) < missing ? BigInt(left) : missing;
    if (part <= 0n) continue;
    missing -= part;
    papers.push({
      ...{ kind: 'credit_note', from: 'freelancer', to: 'client', line, corrects: { id, number } },
      // What a chargeback took nobody gave back.
      text: `${line === 'chargeback' ? 'Taken back by the bank' : 'Given back'} for “${due.milestone_title}”`,
      ...{ amount: part, tax, before: BigInt(total) - BigInt(left) },
    });
  }
  return papers;
}

async function issue(
  tx: Tx,
  due: Due,
  { kind, line, from, to, text, amount: own, more, paid, corrects, tax, before = 0n }: Paper,
  isTest: boolean,
): Promise<void> {
  const others = more && more.amount > 0n ? [more] : [];
  const amount = others.reduce((sum, it) => sum + it.amount, own);
  const issuerId = from === 'platform' ? platformId : due.freelancer_id;
  const [issuer] = await tx.query<{ ordinal: number; number: number }>(
    `insert into invoice_issuers (id, last_number) values ($1, 1)
     on conflict (id) do update set last_number = invoice_issuers.last_number + 1 returning ordinal, last_number as number`,
    [issuerId],
  );
  if (!issuer) throw new Error('an issuer was not written');
  const series = from === 'platform' ? 'SAFESEND' : `F${String(issuer.ordinal).padStart(4, '0')}`;
  const taxed = tax ? taxInside(before + amount, tax.rateBps) - taxInside(before, tax.rateBps) : 0n;
  const document: PaperText = {
    number: `${series}-${String(issuer.number).padStart(6, '0')}`,
    issuerName: from === 'platform' ? platformName : due.freelancer_name,
    recipientName: to === 'client' ? due.client_name : due.freelancer_name,
    ...{ projectTitle: due.project_title, milestoneId: due.milestone_id, milestoneTitle: due.milestone_title },
    lines: [
      { text, amountMinor: Number(own - taxed) },
      ...others.map((it) => ({ text: it.text, amountMinor: Number(it.amount) })),
    ],
    ...(paid && { paid }),
    taxes: tax ? [{ text: tax.label, rateBps: tax.rateBps, amountMinor: Number(taxed) }] : [],
    tax,
    ...{ corrects: corrects?.number ?? null, isTest },
  };
  await tx.query(
    `insert into invoices (id, issuer_id, number, kind, line, recipient_id, hold_id, transaction_id, corrects_id, net_minor,
       tax_minor, total_minor, currency, document, issued_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`,
    [
      ...[newId(), issuerId, issuer.number, kind, line, to === 'client' ? due.client_id : due.freelancer_id],
      ...[due.hold_id, due.id, corrects?.id ?? null, String(amount - taxed), String(taxed)],
      ...[String(amount), due.currency, JSON.stringify(document), tx.now],
    ],
  );
}
