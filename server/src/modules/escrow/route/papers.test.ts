import { createHash } from 'node:crypto';
import * as calls from '@safesend/shared/escrow/calls.ts';
import { newId } from '@safesend/shared/ids.ts';
import { decimalOf } from '@safesend/shared/money.ts';
import * as projects from '@safesend/shared/projects/calls.ts';
import pg from 'pg';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { joinProject, signUp, startTestApp, type Person, type TestApp } from '../../../../test/harness.ts';
import * as m from '../../../../test/money.ts';

let app: TestApp;
let deal: m.Deal;
let released: string;

beforeAll(async () => {
  app = await startTestApp();
  deal = await m.makeDeal(app);
  ({ milestoneId: released } = await m.fund(deal, 100_000));
  await m.approve(deal, released, await m.submit(deal, released));
  await m.settled(deal, released, 'released');
  const { milestoneId } = await m.fund(deal, 50_000);
  await m.refund(deal, milestoneId, 20_000);
  await m.settled(deal, milestoneId);
});
afterAll(async () => {
  await m.expectSoundBooks(app);
  await app.close();
});

const period = { from: '2020-01-01T00:00:00.000Z', until: '2100-01-01T00:00:00.000Z' };
const listed = async (person: Person) => (await person.must(calls.listInvoices)).items;
const bytesOf = async ({ base, cookie }: Person, path: string) => {
  const response = await fetch(`${base}/api/v1${path}`, { headers: { cookie } });
  return { response, bytes: Buffer.from(await response.arrayBuffer()) };
};

test('I08 J01 P05 the wallet of both sides says what the books say', async () => {
  const { balances } = await deal.client.must(calls.getWallet);
  expect(balances).toEqual([
    expect.objectContaining({
      currency: 'EUR',
      // 1,000.00 released with its fee of 35.35; of 500.00, 200.00 came back and the fee of 17.85 did not.
      spending: {
        heldMinor: 30_000,
        refundingMinor: 0,
        spentMinor: 100_000 + 3_535 + 1_785,
        refundedMinor: 20_000,
        creditMinor: 0,
        takenBackMinor: 0,
        undecidedMinor: 0,
        frozenMinor: 0,
      },
    }),
  ]);
  const earned = await deal.freelancer.must(calls.getWallet);
  expect(earned).toMatchObject({ processor: 'test-money', publishableKey: null });
  const [{ earning } = { earning: null }] = earned.balances;
  expect(earning).toMatchObject({ heldMinor: 30_000, pendingMinor: 0, earnedMinor: 90_000 });
  expect((earning?.availableMinor ?? 0) + (earning?.paidOutMinor ?? 0)).toBe(90_000);
  const [held] = await app.sql<{ sum: string }>(
    `select -sum(e.amount_minor) as sum from ledger_entries e join ledger_accounts a on a.id = e.account_id where a.kind = 'hold'`,
  );
  expect(Number(held?.sum)).toBe(30_000);
});

test('J06 P05 amounts of several currencies are compared each in its own units, in hundredths where no currency is chosen', async () => {
  const own = await m.makeDeal(app);
  const { client } = own;
  for (const [currency, amountMinor] of [
    ['JPY', 10_000],
    ['JPY', 120],
    ['KWD', 10_010],
    ['KWD', 123_450],
    ['EUR', 11_111],
  ] as const) {
    const body = { title: `In ${currency}`, description: '', currency };
    const { project } = await client.must(projects.createProject, { body });
    await joinProject(client, own.freelancer, project.id);
    await m.fund({ ...own, projectId: project.id, roomId: project.roomId }, amountMinor);
  }
  const found = async (query: Record<string, string>) =>
    (await client.must(calls.listTransactions, { query: { ...query, kind: 'funding' } })).items
      .map(({ currency, amountMinor }) => `${currency} ${-amountMinor}`)
      .toSorted();
  expect(await found({ leastMinor: '10000', mostMinor: '12500' }), 'from 100 to 125').toEqual([
    'EUR 11111',
    'JPY 120',
    'KWD 123450',
  ]);
  expect(await found({ leastMinor: '100', mostMinor: '125', currency: 'JPY' }), 'in its own').toEqual(['JPY 120']);
  expect(await found({ leastMinor: '12346' })).toEqual(['JPY 10000']);
});

test('J05 J06 every movement is a line of whoever it concerns, found by date, project, kind, amount and words', async () => {
  const kinds = async (person: Person, query: Record<string, string> = {}) =>
    (await person.must(calls.listTransactions, { query })).items.map(({ kind, amountMinor }) => [kind, amountMinor]);
  expect((await kinds(deal.client)).sort()).toEqual([
    ['funding', -100_000],
    ['funding', -50_000],
    ['refund', 20_000],
    ['service_fee', -1_785],
    ['service_fee', -3_535],
  ]);
  const mine = await kinds(deal.freelancer);
  expect(mine.filter(([kind]) => kind !== 'payout').sort()).toEqual([
    ['platform_fee', -10_000],
    ['release', 100_000],
  ]);
  expect(await kinds(deal.client, { kind: 'refund' })).toEqual([['refund', 20_000]]);
  expect(await kinds(deal.client, { leastMinor: '20000', mostMinor: '50000' })).toHaveLength(2);
  expect(await kinds(deal.client, { projectId: deal.projectId })).toHaveLength(5);
  expect(await kinds(deal.client, { projectId: deal.roomId })).toEqual([]);
  expect(await kinds(deal.client, { q: 'desig' })).toHaveLength(5);
  expect(await kinds(deal.client, { q: '%' })).toEqual([]);
  expect(await kinds(deal.client, { until: period.from })).toEqual([]);
  const seen: string[] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const query = { limit: '2', ...(cursor !== '' && { cursor }) };
    const page: { items: { id: string }[]; nextCursor: string | null } = await deal.client.must(
      calls.listTransactions,
      {
        query,
      },
    );
    seen.push(...page.items.map(({ id }) => id));
    cursor = page.nextCursor;
  }
  expect(new Set(seen).size).toBe(5);
  expect(seen).toHaveLength(5);
});

test('UX 36 a line leads to the fact in its room that tells of it', async () => {
  const told: Record<string, string> = {
    ...{ funding: 'milestone.funded', service_fee: 'milestone.funded', refund: 'milestone.refunded' },
    ...{ release: 'milestone.approved', platform_fee: 'milestone.approved' },
  };
  for (const person of [deal.client, deal.freelancer]) {
    const { items } = await person.must(calls.listTransactions);
    for (const { kind, roomId, seq, milestoneId } of items) {
      if (kind === 'payout') expect(seq, 'it happened in no room').toBeNull();
      else {
        const [fact] = await app.sql<{ type: string; about: string }>(
          `select f.type, p.data -> 'milestone' ->> 'id' as about from facts f join fact_payloads p using (room_id, seq)
           where room_id = $1 and seq = $2`,
          [roomId, seq],
        );
        expect([kind, fact?.type, fact?.about]).toEqual([kind, told[kind], milestoneId]);
      }
    }
  }
});

test('T-B10 where a list goes on is a moment and a name, and half of it is none', async () => {
  for (const text of [`never ${newId()}`, `${period.from} nobody`]) {
    const query = { cursor: Buffer.from(text).toString('base64url') };
    for (const list of [calls.listTransactions, calls.listInvoices])
      expect((await deal.client.call(list, { query })).status, text).toBe(422);
  }
});

test('L6 nobody sees the money of others', async () => {
  const stranger = await signUp(app);
  expect(await stranger.must(calls.getWallet)).toMatchObject({ balances: [] });
  expect((await stranger.must(calls.listTransactions)).items).toEqual([]);
  expect(await listed(stranger)).toEqual([]);
  const [invoice] = await listed(deal.client);
  const params = { invoiceId: invoice?.id ?? '' };
  expect((await stranger.call(calls.getInvoice, { params })).status).toBe(404);
  expect((await bytesOf(stranger, `/invoices/${invoice?.id}/pdf`)).response.status).toBe(404);
});

test('UX 36 J08 I10 invoices, receipts and credit notes are numbered without gaps by each issuer, and name what they correct', async () => {
  const papers = [...(await listed(deal.client)), ...(await listed(deal.freelancer))];
  for (const person of [deal.client, deal.freelancer])
    expect(
      (await listed(person)).map(({ kind }) => kind),
      'both have the receipt',
    ).toContain('receipt');
  const unique = [...new Map(papers.map((it) => [it.id, it])).values()];
  const numbers = new Map<string, number[]>();
  for (const { number } of unique) {
    const [, series = '', count = ''] = /^(.+)-(\d{6})$/.exec(number) ?? [];
    numbers.set(
      series,
      [...(numbers.get(series) ?? []), Number(count)].sort((a, b) => a - b),
    );
  }
  expect(numbers.size).toBe(2);
  for (const counted of numbers.values()) expect(counted).toEqual(counted.map((_, at) => at + 1));
  const edge = papers[0]?.issuedAt ?? '';
  const ids = async (query: Record<string, string>) =>
    (await deal.client.must(calls.listInvoices, { query })).items.map(({ id }) => id);
  expect([
    (await ids({ from: edge })).includes(papers[0]?.id ?? ''),
    (await ids({ until: edge })).includes(papers[0]?.id ?? ''),
  ]).toEqual([true, false]);
  const credit = unique.find(({ kind }) => kind === 'credit_note');
  const corrected = unique.find(({ id }) => id === credit?.correctsInvoiceId);
  expect(credit).toMatchObject({ totalMinor: 20_000, taxMinor: 0, netMinor: 20_000, isTest: true });
  expect(corrected).toMatchObject({ kind: 'invoice', totalMinor: 50_000 });
  const receipts = unique.filter(({ kind }) => kind === 'receipt').map(({ totalMinor }) => totalMinor);
  expect(
    receipts.sort((a, b) => a - b),
    'two payments, what was released of them, and what of that arrived',
  ).toEqual([51_785, 90_000, 100_000, 103_535]);
  const lines = (await deal.client.must(calls.listTransactions)).items;
  expect(lines.every(({ invoiceId }) => unique.some(({ id }) => id === invoiceId))).toBe(true);
});

test('UX 36 a paper is a PDF with its own fonts, the same bytes at every download, and cannot be changed', async () => {
  const [invoice] = await listed(deal.client);
  const path = `/invoices/${invoice?.id}/pdf`;
  const [first, second] = await Promise.all([bytesOf(deal.client, path), bytesOf(deal.client, path)]);
  expect(first.response.headers.get('content-type')).toBe('application/pdf');
  expect(first.bytes.subarray(0, 5).toString()).toBe('%PDF-');
  expect(first.bytes.toString('latin1')).toMatch(/FontFile2/);
  const hash = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
  expect(hash(second.bytes)).toBe(hash(first.bytes));
  const other = invoice?.issuerName === 'SafeSend' ? deal.client : deal.freelancer;
  expect(hash((await bytesOf(other, path)).bytes)).toBe(hash(first.bytes));
  const [untouched] = (await listed(deal.client)).slice(-1);
  await app.sql(`insert into invoice_papers values ($1, 'the first one')`, [untouched?.id]);
  const kept = await bytesOf(deal.client, `/invoices/${untouched?.id}/pdf`);
  expect(kept.bytes.toString(), 'what was drawn first is what everybody gets').toBe('the first one');
  await expect(app.sql(`update invoices set total_minor = 1`)).rejects.toThrow();
  await expect(app.sql(`delete from invoice_papers`)).rejects.toThrow();
});

test('J07 a statement’s totals are those of the books, as CSV and PDF, and two periods meet in the middle', async () => {
  const { items } = await deal.client.must(calls.getStatements, { query: period });
  const [statement] = items;
  const sum = -100_000 - 3_535 - 50_000 - 1_785 + 20_000;
  expect(statement).toMatchObject({ currency: 'EUR', openingMinor: 0, closingMinor: sum });
  expect(statement?.totals.reduce((total, { amountMinor }) => total + amountMinor, 0)).toBe(sum);
  const lines = (await deal.client.must(calls.listTransactions)).items;
  const middle = lines[2]?.at ?? '';
  const nothing = await deal.client.call(calls.getStatements, { query: { from: middle, until: middle } });
  expect(nothing.status, 'a period ends after it began').toBe(422);
  const [before] = (await deal.client.must(calls.getStatements, { query: { ...period, until: middle } })).items;
  const [after] = (await deal.client.must(calls.getStatements, { query: { ...period, from: middle } })).items;
  expect(after?.openingMinor).toBe(before?.closingMinor);
  expect(after?.closingMinor).toBe(sum);
  const countOf = (it: typeof before) => it?.totals.reduce((total, { count }) => total + count, 0);
  expect([countOf(before), countOf(after)], 'its first moment belongs to a period, its last to the next').toEqual([
    2, 3,
  ]);
  const linesOf = async (person: Person, edges: object) => {
    const query = new URLSearchParams({ ...period, ...edges, currency: 'EUR', format: 'csv' });
    const { bytes } = await bytesOf(person, `/statements/download?${query}`);
    return bytes.toString().trimEnd().split('\r\n').slice(1);
  };
  const [early, late] = [await linesOf(deal.client, { until: middle }), await linesOf(deal.client, { from: middle })];
  expect([early.length, late.length], 'with their edges').toEqual([2 + 2, 2 + 3]);
  expect(late.at(0)).toContain(decimalOf(before?.closingMinor ?? 0, 'EUR'));
  const balanceOf = (row: string | undefined) => row?.split(',').at(-4);
  for (const rows of [early, late]) expect(balanceOf(rows.at(-2))).toBe(balanceOf(rows.at(-1)));
  const stranger = await signUp(app);
  expect((await stranger.must(calls.getStatements, { query: period })).items).toEqual([]);
  expect(await linesOf(stranger, {})).toHaveLength(2);
  const download = (format: string) =>
    bytesOf(deal.client, `/statements/download?${new URLSearchParams({ ...period, currency: 'EUR', format })}`);
  const csv = (await download('csv')).bytes.toString().trimEnd().split('\r\n');
  expect(csv[0], 'spreadsheets read it as UTF-8').toMatch(/^\ufeffdate,/);
  expect(csv).toHaveLength(1 + 2 + 5);
  expect(csv.at(-1)).toContain(decimalOf(sum, 'EUR'));
  expect((await download('pdf')).bytes.subarray(0, 5).toString()).toBe('%PDF-');
  expect(
    (await deal.client.call(calls.getStatements, { query: { from: period.until, until: period.from } })).status,
  ).toBe(422);
});

test('J07 a statement names its movements in the words of the pages, and no fee comes before what it is taken of', async () => {
  const own = await m.makeDeal(app);
  for (let at = 0; at < 4; at++) {
    const { milestoneId } = await m.fund(own, 10_000);
    await m.release(own, milestoneId, 10_000);
    await m.settled(own, milestoneId, 'released');
  }
  const kindsOf = async (person: Person) => {
    const query = new URLSearchParams({ ...period, currency: 'EUR', format: 'csv' });
    const { bytes } = await bytesOf(person, `/statements/download?${query}`);
    const kinds = bytes
      .toString()
      .trimEnd()
      .split('\r\n')
      .map((row) => row.split(',')[1]);
    return kinds.slice(1).filter((kind) => kind !== 'Payout');
  };
  const times = (kinds: string[]) => Array.from({ length: 4 }, () => kinds).flat();
  const edged = (kinds: string[]) => ['Opening balance', ...kinds, 'Closing balance'];
  expect(await kindsOf(own.client)).toEqual(edged(times(['Paid into hold', 'Service fee'])));
  expect(await kindsOf(own.freelancer)).toEqual(edged(times(['Released', 'Platform fee'])));
});

/** What can be read in a document. */
async function wordsOf(bytes: Buffer): Promise<string> {
  const { getDocument } = await import('pdfjs-dist/legacy/build/pdf.mjs');
  const document = await getDocument({ data: new Uint8Array(bytes), verbosity: 0 }).promise;
  const { items } = await (await document.getPage(1)).getTextContent();
  return items.map((it) => ('str' in it ? it.str : '')).join(' ');
}

test('J01 J07 a statement of test money says so, with lines and without, and so does each paper', async () => {
  const [invoice] = await listed(deal.client);
  const stranger = await signUp(app);
  const download = (person: Person) =>
    bytesOf(person, `/statements/download?${new URLSearchParams({ ...period, currency: 'EUR', format: 'pdf' })}`);
  const papers = {
    statement: await download(deal.client),
    empty: await download(stranger),
    invoice: await bytesOf(deal.client, `/invoices/${invoice?.id}/pdf`),
  };
  for (const [name, { bytes }] of Object.entries(papers))
    expect(await wordsOf(bytes), name).toContain('TEST MONEY: NO REAL PAYMENT WAS MADE');
  for (const person of [deal.client, stranger]) {
    const query = new URLSearchParams({ ...period, currency: 'EUR', format: 'csv' });
    const [heading, ...rows] = (await bytesOf(person, `/statements/download?${query}`)).bytes
      .toString()
      .trimEnd()
      .split('\r\n');
    expect(heading).toMatch(/,test money$/);
    expect(rows.map((row) => row.split(',').at(-1))).toEqual(rows.map(() => 'yes'));
    expect(rows.length).toBeGreaterThanOrEqual(2);
  }
});

test('J07 J15 a statement that closes below nothing never says to whoever owes that it is no debt', async () => {
  const own = await m.makeDeal(app);
  const { milestoneId, paymentId } = await m.fund(own);
  await m.release(own, milestoneId, 100_000);
  await m.settled(own, milestoneId, 'released');
  const body = { amountMinor: 50_000, currency: 'EUR' as const, commandId: newId() };
  const { payout } = await own.freelancer.must(calls.requestPayout, { body });
  await vi.waitFor(async () => {
    const sent = await app.sql('select state from money_operations where payout_id = $1', [payout.id]);
    expect(sent).toEqual([{ state: 'succeeded' }]);
  }, 20_000);
  await m.drive(own, paymentId, 'chargeback');
  await m.drive(own, paymentId, 'chargeback_lost');
  await vi.waitFor(async () => {
    const [balance] = (await own.freelancer.must(calls.getWallet)).balances;
    expect(balance?.earning).toMatchObject({ availableMinor: -50_000, owedMinor: 90_000 });
  }, 20_000);
  for (const person of [own.freelancer, deal.client]) {
    const query = new URLSearchParams({ ...period, currency: 'EUR', format: 'pdf' });
    const words = await wordsOf((await bytesOf(person, `/statements/download?${query}`)).bytes);
    expect(words).toContain('With a minus');
    expect(words).not.toContain('It is no debt.');
    expect(words).toContain('what is owed after a chargeback is in the wallet');
  }
});

test('J08 papers that many ask for at once are issued once, in order', async () => {
  const { milestoneId } = await m.fund(deal, 10_000);
  const lists = await Promise.all(Array.from({ length: 8 }, () => listed(deal.client)));
  const issued = lists.map((items) => items.filter((it) => it.milestoneId === milestoneId).map(({ number }) => number));
  expect(new Set(issued.map((it) => it.join())).size).toBe(1);
  expect(issued[0], 'the invoice, that of the fee, and the receipt').toHaveLength(3);
});

test('J08 I10 what becomes due together is issued in the order in which it happened', async () => {
  const own = await m.makeDeal(app);
  const issuing = new pg.Client({ connectionString: app.databaseUrl });
  await issuing.connect();
  await issuing.query(`select pg_advisory_lock(hashtext('safesend.papers'))`);
  const { milestoneId } = await m.fund(own, 10_000);
  await m.refund(own, milestoneId, 4_000);
  await m.settled(own, milestoneId);
  await issuing.end();
  const papers = (await listed(own.client)).filter((it) => it.milestoneId === milestoneId);
  const invoice = papers.find(({ kind, totalMinor }) => kind === 'invoice' && totalMinor === 10_000);
  expect(papers.find(({ kind }) => kind === 'credit_note')).toMatchObject({
    ...{ totalMinor: 4_000, correctsInvoiceId: invoice?.id },
  });
});

test('UX 33 J08 whoever pays has a receipt of all that was charged: the milestone, the fee, when and with what', async () => {
  const own = await m.makeDeal(app);
  const { milestoneId } = await m.fund(own, 10_000);
  const receipts = async (person: Person) => (await listed(person)).filter(({ kind }) => kind === 'receipt');
  const [receipt, ...none] = await receipts(own.client);
  expect(none).toEqual([]);
  expect(receipt).toMatchObject({ milestoneId, totalMinor: 10_385, netMinor: 10_385, issuerName: 'SafeSend' });
  expect(await receipts(own.freelancer), 'what a client pays on top is not the freelancer’s affair').toEqual([]);
  const text = await wordsOf((await bytesOf(own.client, `/invoices/${receipt?.id}/pdf`)).bytes);
  for (const words of [
    'Paid into hold for “Design”',
    'EUR 100.00',
    'Service fee',
    'EUR 3.85',
    'Total paid',
    'EUR 103.85',
  ])
    expect(text).toContain(words);
  expect(text).toMatch(/Charged.*Paid with.*Test money/);
  expect(text).not.toContain('No tax was charged');
});

test('J08 J15 what a bank took is not said to be given back', async () => {
  const own = await m.makeDeal(app);
  const lost = await m.fund(own, 10_000);
  await m.drive(own, lost.paymentId, 'chargeback');
  await m.drive(own, lost.paymentId, 'chargeback_lost');
  const given = await m.fund(own, 20_000);
  await m.refund(own, given.milestoneId, 20_000);
  await m.settled(own, given.milestoneId);
  const credits = (await listed(own.client)).filter(({ kind }) => kind === 'credit_note');
  const textOf = async (milestoneId: string) => {
    const paper = credits.find((it) => it.milestoneId === milestoneId && it.issuerName !== 'SafeSend');
    return wordsOf((await bytesOf(own.client, `/invoices/${paper?.id}/pdf`)).bytes);
  };
  const taken = await textOf(lost.milestoneId);
  expect(taken).toContain('Taken back by the bank for “Design”');
  expect(taken).toContain('The client’s bank took the amount back in a chargeback.');
  expect(taken.toLowerCase()).not.toContain('given back');
  expect(await textOf(given.milestoneId)).toContain('Given back for “Design”');
});

test('T-B31 no title becomes a formula in a statement, whatever the spreadsheet divides cells by', async () => {
  const other = await m.makeDeal(app);
  const titles = ['=1+1', 'x;=HYPERLINK("http://evil")', 'x; "@SUM(1)', '\uff1dA1', '-2+3', '-25', 'a;b'];
  for (const title of titles) {
    const body = { ...m.half, title, amountMinor: 1_000 };
    const { projectId } = other;
    const { milestone } = await other.client.must(projects.planMilestone, { params: { projectId }, body });
    await m.drive(other, (await m.beginFunding(other, milestone.id)).id, 'succeed');
  }
  const query = new URLSearchParams({ ...period, currency: 'EUR', format: 'csv' });
  const csv = (await bytesOf(other.client, `/statements/download?${query}`)).bytes.toString();
  expect(csv).toContain(`"x;'=HYPERLINK(""http://evil"")"`);
  for (const divider of [',', ';']) {
    const cells = csv.split('\r\n').flatMap((row) => row.split(divider));
    const formulas = cells.filter((it) => /^["\s]*[=+\-@\uff1d]/.test(it) && !/^-\d+(\.\d+)?$/.test(it));
    expect(formulas, divider).toEqual([]);
  }
  for (const kept of [',-25,', `,"a;b",`]) expect(csv).toContain(kept);
});
