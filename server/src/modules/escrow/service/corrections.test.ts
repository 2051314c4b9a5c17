import * as calls from '@safesend/shared/escrow/calls.ts';
import { newId } from '@safesend/shared/ids.ts';
import type { Invoice } from '@safesend/shared/escrow/wallet.ts';
import { expect, test, vi } from 'vitest';
import type { Person, TestApp } from '../../../../test/harness.ts';
import * as m from '../../../../test/money.ts';

let app: TestApp;
m.onBooks((started) => (app = started));

const papersOf = async (person: Person) => (await person.must(calls.listInvoices)).items;
const rowsOf = async (person: Person) => (await person.must(calls.listTransactions)).items;

/** What credit notes take back, each with what the invoice it names was for. */
function takenBack(papers: readonly Invoice[]): number[][] {
  return papers
    .filter(({ kind }) => kind === 'credit_note')
    .map(({ totalMinor, correctsInvoiceId }) => [
      totalMinor,
      papers.find(({ id, kind }) => kind === 'invoice' && id === correctsInvoiceId)?.totalMinor ?? 0,
    ])
    .sort(([one = 0], [other = 0]) => other - one);
}

async function lose(deal: m.Deal, paymentId: string): Promise<void> {
  await m.drive(deal, paymentId, 'chargeback');
  await m.drive(deal, paymentId, 'chargeback_lost');
}

test('J08 J15 a chargeback lost after the release takes back the papers of both fees with those of the work', async () => {
  const deal = await m.makeDeal(app);
  const { milestoneId, paymentId } = await m.fund(deal, 7_700);
  await m.release(deal, milestoneId, 7_700);
  await m.settled(deal, milestoneId, 'released');
  await lose(deal, paymentId);
  const [client, freelancer] = [await papersOf(deal.client), await papersOf(deal.freelancer)];
  expect(takenBack(client), 'all that he was charged').toEqual([
    [7_700, 7_700],
    [305, 305],
  ]);
  expect(takenBack(freelancer), 'he gives back what he got, 69.30, which is that less the fee').toEqual([
    [7_700, 7_700],
    [770, 770],
  ]);
  const lineOf = async (person: Person, kind: string) => (await rowsOf(person)).find((it) => it.kind === kind);
  const numbersOf = (papers: readonly Invoice[]) =>
    papers.filter(({ kind }) => kind === 'credit_note').map(({ number }) => number);
  const chargeback = await lineOf(deal.client, 'chargeback');
  expect(chargeback).toMatchObject({ amountMinor: 8_005 });
  expect(chargeback?.papers.map(({ number }) => number).sort()).toEqual(numbersOf(client).sort());
  const reversal = await lineOf(deal.freelancer, 'reversal');
  expect(reversal).toMatchObject({ amountMinor: -6_930, invoiceId: reversal?.papers[0]?.id });
  expect(reversal?.papers.map(({ number }) => number).sort()).toEqual(numbersOf(freelancer).sort());
  const [platform] = await app.sql<{ last: number; count: number; numbers: number }>(
    `select s.last_number as last, count(*)::int as count, count(distinct i.number)::int as numbers
     from invoice_issuers s join invoices i on i.issuer_id = s.id where s.id = '00000000-0000-4000-8000-000000000000' group by 1`,
  );
  expect(platform, 'no number is skipped').toEqual({
    last: platform?.count,
    count: platform?.count,
    numbers: platform?.count,
  });
});

test('J08 J15 what a bank takes of what is held comes back with the service fee, and no platform fee was taken of it', async () => {
  const deal = await m.makeDeal(app);
  const { milestoneId, paymentId } = await m.fund(deal, 7_700);
  await m.refund(deal, milestoneId, 2_000);
  await m.settled(deal, milestoneId);
  await lose(deal, paymentId);
  expect(takenBack(await papersOf(deal.client))).toEqual([
    [5_700, 7_700],
    [2_000, 7_700],
    [305, 305],
  ]);
  expect(takenBack(await papersOf(deal.freelancer)).map(([back]) => back)).toEqual([5_700, 2_000]);
});

test('J08 J15 what was released and is withheld for a lost chargeback has no platform fee either', async () => {
  const deal = await m.meet(app);
  await m.beginPayouts(deal.freelancer);
  const { milestoneId, paymentId } = await m.fund(deal, 7_700);
  await m.release(deal, milestoneId, 7_700);
  await vi.waitFor(async () => {
    expect((await m.look(deal, milestoneId)).waiting).toMatchObject({ reason: 'payout_onboarding' });
  }, 20_000);
  await lose(deal, paymentId);
  expect(takenBack(await papersOf(deal.freelancer))).toEqual([
    [7_700, 7_700],
    [770, 770],
  ]);
});

test('J08 each side has a receipt of its own of a release: what the client had paid, and what of it reached the freelancer', async () => {
  const deal = await m.makeDeal(app);
  const { milestoneId } = await m.fund(deal, 36_000);
  await m.release(deal, milestoneId, 36_000);
  await m.settled(deal, milestoneId, 'released');
  const receipts = async (person: Person) =>
    (await papersOf(person))
      .filter(({ kind, totalMinor }) => kind === 'receipt' && totalMinor !== 36_000 + 1_295)
      .map(({ totalMinor, recipientName, issuerName }) => [totalMinor, recipientName, issuerName]);
  const [client, freelancer] = [deal.client.user.displayName, deal.freelancer.user.displayName];
  expect(await receipts(deal.client)).toEqual([[36_000, client, freelancer]]);
  expect((await receipts(deal.freelancer)).sort()).toEqual([
    [32_400, freelancer, 'SafeSend'],
    [36_000, client, freelancer],
  ]);
});

test('J05 what was booked together stands together: what came or went first, then its fee', async () => {
  const deal = await m.makeDeal(app);
  for (let at = 0; at < 3; at++) {
    const { milestoneId } = await m.fund(deal, 10_000);
    await m.release(deal, milestoneId, 10_000);
    await m.settled(deal, milestoneId, 'released');
  }
  const times = (kinds: string[]) => Array.from({ length: 3 }, () => kinds).flat();
  const kindsOf = async (person: Person, limit: string) => {
    const kinds: string[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const query: Record<string, string> = { limit, ...(cursor !== '' && { cursor }) };
      const page: Awaited<ReturnType<typeof pageOf>> = await pageOf(person, query);
      kinds.push(...page.items.map(({ kind }) => kind));
      cursor = page.nextCursor;
    }
    return kinds.filter((kind) => kind !== 'payout');
  };
  const pageOf = (person: Person, query: Record<string, string>) => person.must(calls.listTransactions, { query });
  for (const limit of ['1', '50']) {
    expect(await kindsOf(deal.client, limit)).toEqual(times(['funding', 'service_fee']));
    expect(await kindsOf(deal.freelancer, limit)).toEqual(times(['release', 'platform_fee']));
  }
});

test('J08 J15 a refund that comes due with a chargeback of a part is credited once: what is held keeps its invoice', async () => {
  const deal = await m.makeDeal(app);
  const { milestoneId, paymentId } = await m.fund(deal, 10_000);
  await papersOf(deal.client);
  const object = newId();
  // Banks dispute parts as well; test money's own button takes all of it.
  await app.sql(
    `insert into test_money_objects (id, kind, idempotency_key, parent_id, amount_minor, currency, status, detail, created_at)
     select 'tm_chargeback_' || $1, 'chargeback', 'chargeback ' || processor_payment_id, processor_payment_id, 3000, 'EUR', 'open', '{}', product_now()
     from payments where id::text = $2`,
    [object, paymentId],
  );
  await lose(deal, paymentId);
  await m.refund(deal, milestoneId, 4_000);
  const { hold } = await m.settled(deal, milestoneId);
  expect(hold).toMatchObject({ heldMinor: 3_000, refundedMinor: 4_000, chargedBackMinor: 3_000 });
  await vi.waitFor(async () => {
    expect(takenBack(await papersOf(deal.client))).toEqual([
      [4_000, 10_000],
      [3_000, 10_000],
    ]);
  }, 20_000);
});
