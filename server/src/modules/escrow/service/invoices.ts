import { Failure } from '@safesend/shared/failure.ts';
import type { Invoice } from '@safesend/shared/escrow/wallet.ts';
import { query, queryOne, type Em } from '../../../kernel/sql.ts';
import { drawInvoice } from './drawing.ts';
import type { InvoiceRow } from './issuing.ts';
import { pageOf, readMoment, writeMoment } from './transactions.ts';
import type { Download } from './statements.ts';

const columns = `id, kind, line, corrects_id, net_minor::text, tax_minor::text, total_minor::text, currency, document, issued_at`;
const mine = `(issuer_id = $1 or recipient_id = $1)`;

export function presentInvoice(row: InvoiceRow): Invoice {
  const { number, issuerName, recipientName, projectTitle, milestoneId, milestoneTitle, isTest } = row.document;
  return {
    ...{ id: row.id, number, kind: row.kind, issuerName, recipientName },
    ...{ projectTitle, milestoneId, milestoneTitle, isTest },
    netMinor: Number(row.net_minor),
    taxMinor: Number(row.tax_minor),
    totalMinor: Number(row.total_minor),
    currency: row.currency,
    correctsInvoiceId: row.corrects_id,
    issuedAt: new Date(row.issued_at).toISOString(),
  };
}

export interface InvoiceFilter {
  readonly from?: string | undefined;
  readonly until?: string | undefined;
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
}

/** Papers to me or by me, the newest first. */
export async function findInvoices(em: Em, userId: string, { from, until, limit = 25, cursor }: InvoiceFilter) {
  const after = cursor === undefined ? null : readMoment(cursor);
  const rows = await query<InvoiceRow>(
    em,
    `select ${columns} from invoices
     where ${mine} and ($2::timestamptz is null or issued_at >= $2) and ($3::timestamptz is null or issued_at < $3)
       and ($4::timestamptz is null or (issued_at, id) < ($4, $5::uuid))
     order by issued_at desc, id desc limit $6`,
    [userId, from ?? null, until ?? null, after?.at ?? null, after?.id ?? null, limit + 1],
  );
  return pageOf(rows.map(presentInvoice), limit, ({ issuedAt, id }) => writeMoment(issuedAt, id));
}

/** One that I issued or received; anybody else's is missing. */
export async function findInvoice(em: Em, userId: string, invoiceId: string): Promise<InvoiceRow> {
  const row = await queryOne<InvoiceRow>(em, `select ${columns} from invoices where ${mine} and id = $2`, [
    userId,
    invoiceId,
  ]);
  if (!row) throw new Failure('missing', 'No such invoice.');
  return row;
}

/** Drawn once, if it may be; whoever comes first keeps it, and everybody after him gets the same bytes. */
export async function writeInvoice(
  em: Em,
  userId: string,
  invoiceId: string,
  mayDraw: () => Promise<void>,
): Promise<Download> {
  const row = await findInvoice(em, userId, invoiceId);
  const read = () =>
    queryOne<{ bytes: Buffer }>(em, 'select bytes from invoice_papers where invoice_id = $1', [row.id]);
  let paper = await read();
  if (!paper) {
    await mayDraw();
    const bytes = Buffer.from(await drawInvoice(userId, row));
    const text = 'insert into invoice_papers (invoice_id, bytes) values ($1, $2) on conflict do nothing';
    await query(em, text, [row.id, bytes]);
    paper = await read();
  }
  if (!paper) throw new Error('a paper was not written');
  return { name: `${row.document.number}.pdf`, type: 'application/pdf', bytes: paper.bytes };
}
