import { newId } from '@safesend/shared/ids.ts';
import type { Currency } from '@safesend/shared/money.ts';
import type { Invoice } from '@safesend/shared/escrow/wallet.ts';
import { platformName } from '@safesend/shared/platform.ts';
import type { Transact, Tx } from '../../../kernel/transact.ts';
import { titleUpTo, untilLeft } from '../../rooms/service/titles.ts';
import type { Due, Paper, PaperText } from './paper.ts';
import { papersOf } from './papers.ts';
import { taxInside } from './tax.ts';
import { isComing } from './together.ts';

/** The platform issues its fees itself; it is nobody's account. */
export const platformId = '00000000-0000-4000-8000-000000000000';

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

/** A transfer while others of the same release are on their way: there is one receipt of all of them. */
const isHalf = `exists (select from ledger_transactions t join money_operations m on m.id = t.operation_id
  join money_operations o on o.decision_id = m.decision_id and o.id <> m.id
  where t.id = p.transaction_id and t.kind = 'transfer' and ${isComing})`;

/** Both read it: what a project is called since one of them has left is not his affair. */
const titleOfBoth = `coalesce(${titleUpTo('p.room_id', untilLeft('p.room_id', 'h.client_id', 'h.freelancer_id'))}, p.title)`;

const dueText = `
  select t.id, t.kind, h.id as hold_id, h.client_id, h.freelancer_id, c.display_name as client_name,
    f.display_name as freelancer_name, h.milestone_id, m.title as milestone_title, ${titleOfBoth} as project_title, h.currency,
    h.processor = 'test-money' as is_test, to_char(t.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at,
    (select json_build_object('brand', w.brand, 'last4', w.last4) from payments y join payment_methods w on w.id = y.payment_method_id
     where t.kind = 'funding' and y.processor_payment_id = t.object_id) as card,
    (select json_object_agg(a.kind, e.amount_minor::text) from ledger_entries e join ledger_accounts a on a.id = e.account_id
     where e.transaction_id = t.id) as entries
  from (select * from papers_due p where not ${isHalf} order by at, transaction_id limit $1) d
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
        // One after the other: what is due still is what others must not say in its place.
        await tx.query('delete from papers_due where transaction_id = $1', [it.id]);
      }
      return due.length;
    }));
  }
}

async function issue(
  tx: Tx,
  due: Due,
  { kind, line, from, to, text, amount: own, more, paid, corrects, tax, ...part }: Paper,
  isTest: boolean,
): Promise<void> {
  const others = more && more.amount !== 0n ? [more] : [];
  const amount = others.reduce((sum, it) => sum + it.amount, own);
  const issuerId = from === 'platform' ? platformId : due.freelancer_id;
  const [issuer] = await tx.query<{ ordinal: number; number: number }>(
    `insert into invoice_issuers (id, last_number) values ($1, 1)
     on conflict (id) do update set last_number = invoice_issuers.last_number + 1 returning ordinal, last_number as number`,
    [issuerId],
  );
  if (!issuer) throw new Error('an issuer was not written');
  const series = from === 'platform' ? 'SAFESEND' : `F${String(issuer.ordinal).padStart(4, '0')}`;
  const taxed = part.taxed ?? (tax ? taxInside(amount, tax.rateBps) : 0n);
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
