import * as calls from '@safesend/shared/escrow/calls.ts';
import { expect, test, vi } from 'vitest';
import type { Person, TestApp } from '../../../../test/harness.ts';
import * as m from '../../../../test/money.ts';
import { taxInside } from './tax.ts';

let app: TestApp;
m.onBooks((started) => (app = started));

const vat = { label: 'VAT', number: 'DE123456789', rateBps: 1_900 };
const set = (who: Person, taxDetails: typeof vat | null) => who.call(calls.setTaxDetails, { body: { taxDetails } });
const papers = async ({ client }: m.Deal, kind: string) =>
  (await client.must(calls.listInvoices)).items.filter((it) => it.kind === kind);

test('J10 J08 no tax is called as the platform is', async () => {
  const { freelancer } = await m.makeDeal(app);
  const errors = [{ path: 'taxDetails.label', message: expect.stringMatching(/^This is/) }];
  for (const label of ['SafeSend', 'safe\u00a0send'])
    expect(await set(freelancer, { ...vat, label }), label).toMatchObject({ status: 422, body: { errors } });
});

test('J10 J08 an invoice carries the tax its issuer had when it was issued, inside the agreed amount, and for ever', async () => {
  const deal = await m.makeDeal(app);
  expect((await deal.freelancer.must(calls.getTaxDetails)).taxDetails).toBeNull();
  expect((await set(deal.freelancer, vat)).status).toBe(204);
  expect((await deal.freelancer.must(calls.getTaxDetails)).taxDetails).toEqual(vat);
  expect((await deal.client.must(calls.getTaxDetails)).taxDetails, 'his own alone').toBeNull();
  const { milestoneId } = await m.fund(deal);
  const issued = async () => (await papers(deal, 'invoice')).find(({ totalMinor }) => totalMinor === 100_000);
  expect(await issued()).toMatchObject({ netMinor: 84_034, taxMinor: 15_966, totalMinor: 100_000 });
  const fee = (await papers(deal, 'invoice')).find(({ issuerName }) => issuerName === 'SafeSend');
  expect(fee, 'of the platform').toMatchObject({ taxMinor: 0, totalMinor: 3_535 });
  await set(deal.freelancer, null);
  for (const part of [33_333, 33_333, 33_334]) expect((await m.refund(deal, milestoneId, part)).status).toBe(201);
  await m.settled(deal, milestoneId);
  await vi.waitFor(async () => {
    const notes = await papers(deal, 'credit_note');
    expect(notes).toHaveLength(3);
    // The rate of the invoice they correct, whatever was said since; and together exactly its tax.
    expect(notes.reduce((sum, { taxMinor }) => sum + taxMinor, 0)).toBe(15_966);
    expect(notes.reduce((sum, { netMinor }) => sum + netMinor, 0)).toBe(84_034);
  }, 20_000);
  expect(await issued()).toMatchObject({ taxMinor: 15_966 });
  await m.fund(deal, 50_000);
  expect((await papers(deal, 'invoice')).find(({ totalMinor }) => totalMinor === 50_000)).toMatchObject({
    taxMinor: 0,
  });
});

test('J10 net and tax sum to the price, in every rate and amount', () => {
  for (const rateBps of [0, 700, 775, 810, 1_900, 2_550, 5_000]) {
    for (let gross = 1n; gross < 2_000n; gross++) {
      const tax = taxInside(gross, rateBps);
      if (tax < 0n || tax > gross / 2n) throw new Error(`${tax} of ${gross} at ${rateBps}`);
      const net = gross - tax;
      const again = (net * BigInt(rateBps)) / 10_000n;
      if (again - tax > 1n || tax - again > 1n) throw new Error(`${tax} is not ${rateBps} of ${net}`);
    }
  }
  expect(taxInside(119_00n, 1_900)).toBe(19_00n);
});

test.each([
  { rateBps: -1 },
  { rateBps: 5_001 },
  { rateBps: 1.5 },
  { label: '' },
  { number: 'x'.repeat(41) },
  { label: 'a\nb' },
])('J10 %j is refused', async (wrong) => {
  const deal = await m.makeDeal(app);
  expect((await set(deal.freelancer, { ...vat, ...wrong })).status).toBe(422);
});
