import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decimalOf, currencyDigits, type Currency } from '@safesend/shared/money.ts';
import type { Invoice, Statement, Transaction } from '@safesend/shared/escrow/wallet.ts';
import PDFDocument from 'pdfkit';
import { oneAtATime, type Rest } from '../../../kernel/turns.ts';
import type { InvoiceRow } from './issuing.ts';
import { edgeWords, kindWords } from './kind-words.ts';
import { write } from './lettering.ts';

const fonts = join(import.meta.dirname, '../../../../assets/fonts');
const [regular, strong] = ['Inter-Regular', 'Inter-SemiBold'].map((name) => readFileSync(join(fonts, `${name}.ttf`)));
const [left, right, bottom] = [56, 539, 770];
const [ink, quiet, line, warning] = ['#111827', '#5b6472', '#d9dde3', '#8a4b00'];

type Pdf = InstanceType<typeof PDFDocument>;

const money = (minor: number, currency: Currency) => {
  const digits = currencyDigits[currency];
  const options = { style: 'currency', currency, currencyDisplay: 'code' } as const;
  const fraction = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  return new Intl.NumberFormat('en', { ...options, ...fraction })
    .format(decimalOf(minor, currency))
    .replaceAll('\u00a0', ' ');
};
const day = (moment: string | Date) =>
  new Intl.DateTimeFormat('en', { dateStyle: 'long', timeZone: 'UTC' }).format(new Date(moment));

const titles: Record<Invoice['kind'], string> = { invoice: 'Invoice', credit_note: 'Credit note', receipt: 'Receipt' };

/** The same input is the same bytes: its only moment is the one the paper was issued at. */
export async function drawInvoice(
  readerId: string,
  { kind, line: about, document, currency, issued_at, ...amounts }: InvoiceRow,
): Promise<Uint8Array> {
  return draw(readerId, { title: `${titles[kind]} ${document.number}`, at: new Date(issued_at) }, (pdf) => {
    head(pdf, titles[kind], document.isTest);
    facts(pdf, [
      ['Number', document.number],
      ['Date', day(issued_at)],
      ['From', document.issuerName],
      ...(document.tax?.number ? [[`${document.tax.label} number`, document.tax.number] as const] : []),
      ['To', document.recipientName],
      ['Project', document.projectTitle],
      ['Milestone', document.milestoneTitle],
      ...(document.corrects === null ? [] : [['Corrects', `Invoice ${document.corrects}`] as const]),
      ...(document.paid ? paidRows(document.paid) : []),
    ]);
    const rows = document.lines.map(({ text, amountMinor }) => [text, money(amountMinor, currency)] as const);
    const taxes = document.taxes.map(
      ({ text, rateBps, amountMinor }) => [`${text} ${rateBps / 100} %`, money(amountMinor, currency)] as const,
    );
    table(pdf, ['Description', 'Amount'], rows);
    if (taxes.length > 0) table(pdf, null, [['Net', money(Number(amounts.net_minor), currency)], ...taxes], quiet);
    total(pdf, document.paid ? 'Total paid' : 'Total', money(Number(amounts.total_minor), currency));
    const aboutTax = taxes.length > 0 ? 'The total includes the tax.' : 'No tax was charged.';
    note(
      pdf,
      kind === 'receipt' ? (notesAbout[about] ?? notes.receipt) : `${notesAbout[about] ?? notes[kind]} ${aboutTax}`,
    );
  });
}

const notes: Record<Invoice['kind'], string> = {
  invoice: 'Paid when it was issued.',
  credit_note: 'The amount was given back over the way it was paid.',
  receipt: 'The amount has reached the account of whoever issues this receipt.',
};

/** Where a paper of its kind says something else. */
const notesAbout: Readonly<Record<string, string>> = {
  payment:
    'This was charged. What the milestone costs is held until it is released to the freelancer or given back; the service fee pays for the charge and does not come back.',
  release: 'The amount was released to whoever issues this receipt.',
  transfer: 'The total has reached the payout account of the recipient.',
  chargeback: 'The client’s bank took the amount back in a chargeback.',
  reversal:
    'A chargeback took back what this fee was taken of. The platform does not keep it: the recipient gives back what he had got without it.',
};

const paidRows = ({ at, with: how }: NonNullable<InvoiceRow['document']['paid']>): Pairs => [
  ['Charged', day(at)],
  ['Paid with', how],
];

export async function drawStatement(
  { userId, name }: { readonly userId: string; readonly name: string },
  { currency, from, until, openingMinor, closingMinor, totals }: Statement,
  lines: readonly Transaction[],
  isTest: boolean,
): Promise<Uint8Array> {
  return draw(userId, { title: `Statement ${currency}`, at: new Date(until) }, async (pdf, rest) => {
    head(pdf, 'Statement', isTest);
    facts(pdf, [
      ['Account', name],
      ['Currency', currency],
      ['Period', `${day(from)} – ${day(new Date(Date.parse(until) - 1))} (UTC)`],
    ]);
    const sums = totals.map(
      ({ kind, count, amountMinor }) => [`${kindWords[kind]} (${count})`, money(amountMinor, currency)] as const,
    );
    table(pdf, ['Totals', 'Amount'], [[edgeWords.opening, money(openingMinor, currency)], ...sums]);
    total(pdf, edgeWords.closing, money(closingMinor, currency));
    if (closingMinor < 0) note(pdf, edgeWords.minus);
    pdf.moveDown(2);
    const rows = lines.map(({ at, kind, projectTitle, milestoneTitle, amountMinor }) => {
      const about = [projectTitle, milestoneTitle].filter(Boolean).join(' · ');
      return [`${at.slice(0, 10)}  ${kindWords[kind]}${about && ` – ${about}`}`, money(amountMinor, currency)] as const;
    });
    if (rows.length > 0) await longTable(pdf, ['Movements', 'Amount'], rows, rest);
  });
}

const inTurn = oneAtATime();

interface Paper {
  readonly title: string;
  readonly at: Date;
}

type Content = (pdf: Pdf, rest: Rest) => void | Promise<void>;

/** No other is drawn while one is: whoever asks for many waits, and neither others nor the process. */
function draw(readerId: string, paper: Paper, content: Content): Promise<Uint8Array> {
  return inTurn(readerId, (rest) => drawNow(paper, content, rest));
}

async function drawNow({ title, at }: Paper, content: Content, rest: Rest): Promise<Uint8Array> {
  const pdf = new PDFDocument({
    ...{ size: 'A4', margins: { top: 56, left, right: 56, bottom: 56 }, bufferPages: true, lang: 'en' },
    info: {
      Title: title,
      Author: 'SafeSend',
      Producer: 'SafeSend',
      Creator: 'SafeSend',
      CreationDate: at,
      ModDate: at,
    },
  });
  const chunks: Buffer[] = [];
  pdf.on('data', (chunk: Buffer) => chunks.push(chunk));
  const done = new Promise<void>((resolve, reject) => void pdf.on('end', resolve).on('error', reject));
  pdf.registerFont('regular', regular).registerFont('strong', strong);
  await content(pdf, rest);
  const { count } = pdf.bufferedPageRange();
  for (let page = 0; page < count; page++) {
    pdf.switchToPage(page);
    pdf.page.margins.bottom = 0;
    pdf.font('regular').fontSize(8).fillColor(quiet);
    pdf.text(`${title} · page ${page + 1} of ${count}`, left, 800, { width: right - left, lineBreak: false });
  }
  pdf.end();
  await done;
  return Buffer.concat(chunks);
}

function head(pdf: Pdf, title: string, isTest: boolean): void {
  pdf.font('strong').fontSize(11).fillColor(quiet).text('SafeSend', left, 56);
  pdf.fontSize(24).fillColor(ink).text(title, left, 84);
  if (isTest) pdf.fontSize(9).fillColor(warning).text('TEST MONEY: NO REAL PAYMENT WAS MADE', left, 118);
  pdf.y = 146;
}

type Pairs = readonly (readonly [string, string])[];

function facts(pdf: Pdf, pairs: Pairs): void {
  for (const [name, value] of pairs) {
    const { y } = pdf;
    pdf.font('regular').fontSize(9.5).fillColor(quiet).text(name, left, y, { width: 90 });
    pdf.fillColor(ink);
    write(pdf, 'regular', 9.5, value, { x: left + 100, y, width: right - left - 100 });
    pdf.y += 4;
  }
  pdf.y += 16;
}

/** So many rows of several scripts keep the process for a tenth of a second at most. */
const rowsAtOnce = 20;

async function longTable(pdf: Pdf, names: readonly [string, string], rows: Pairs, rest: Rest): Promise<void> {
  row(pdf, names, 'strong', quiet);
  rule(pdf);
  for (const [at, it] of rows.entries()) {
    row(pdf, it, 'regular', ink);
    if ((at + 1) % rowsAtOnce === 0) await rest();
  }
  rule(pdf);
}

function table(pdf: Pdf, names: readonly [string, string] | null, rows: Pairs, color = ink): void {
  if (names) {
    row(pdf, names, 'strong', quiet);
    rule(pdf);
  }
  for (const it of rows) row(pdf, it, 'regular', color);
  rule(pdf);
}

function total(pdf: Pdf, name: string, amount: string): void {
  row(pdf, [name, amount], 'strong', ink, 12);
}

function row(pdf: Pdf, [text, amount]: readonly [string, string], font: string, color: string, size = 9.5): void {
  pdf.font(font).fontSize(size).fillColor(color);
  const width = right - left - 140;
  if (pdf.y + pdf.heightOfString(text, { width }) > bottom) {
    pdf.addPage();
    pdf.y = 56;
  }
  const { y } = pdf;
  pdf.text(amount, right - 130, y, { width: 130, align: 'right' });
  write(pdf, font, size, text, { x: left, y, width });
  pdf.y += 6;
}

function rule(pdf: Pdf): void {
  pdf.moveTo(left, pdf.y).lineTo(right, pdf.y).lineWidth(0.75).strokeColor(line).stroke();
  pdf.y += 8;
}

function note(pdf: Pdf, text: string): void {
  pdf.y += 18;
  pdf
    .font('regular')
    .fontSize(8.5)
    .fillColor(quiet)
    .text(text, left, pdf.y, { width: right - left });
}
