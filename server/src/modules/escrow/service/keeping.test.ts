import { listPaymentMethods } from '@safesend/shared/escrow/calls.ts';
import { newId } from '@safesend/shared/ids.ts';
import * as calls from '@safesend/shared/projects/money-calls.ts';
import { expect, test, vi } from 'vitest';
import type { TestApp } from '../../../../test/harness.ts';
import * as m from '../../../../test/money.ts';

let app: TestApp;
m.onBooks((started) => (app = started));

const cards = async ({ client }: m.Deal) =>
  (await client.must(listPaymentMethods)).items.map(({ last4, isDefault }) => ({ last4, isDefault }));
const kept = (last4: string) => [{ last4, isDefault: true }];
const command = () => ({ commandId: newId() });

type Terms = { readonly testCard?: string; readonly paymentMethodId?: string; readonly saveMethod?: boolean };
async function pay(deal: m.Deal, terms: Terms) {
  const { id: milestoneId } = await m.plan(deal);
  const body = { ...terms, ...command() };
  const { payment } = await deal.client.must(calls.fundMilestone, { params: { milestoneId }, body });
  return { milestoneId, paymentId: payment.id };
}
const waits = (deal: m.Deal, milestoneId: string, reason: 'declined' | 'challenge') =>
  vi.waitFor(async () => expect((await m.look(deal, milestoneId)).waiting?.reason).toBe(reason), { timeout: 20_000 });
const becomesKept = (deal: m.Deal, last4: string) =>
  vi.waitFor(async () => expect(await cards(deal)).toEqual(kept(last4)), { timeout: 20_000 });

test('J03 a new card that pays is kept if that was wished, and forgotten if not', async () => {
  const deal = await m.makeDeal(app);
  const { milestoneId } = await pay(deal, { testCard: 'tm_card_ok' });
  await m.settled(deal, milestoneId, 'funded');
  // The next payment comes after whatever the first one would have kept.
  await pay(deal, { testCard: 'tm_card_ok', saveMethod: true });
  await becomesKept(deal, '4242');
});

test('J03 a declined card is not kept, wished or not; the one that pays in its place is', async () => {
  const deal = await m.makeDeal(app);
  const { milestoneId, paymentId } = await pay(deal, { testCard: 'tm_card_declined', saveMethod: true });
  await waits(deal, milestoneId, 'declined');
  expect(await cards(deal)).toEqual([]);
  const again = { params: { paymentId }, body: { testCard: 'tm_card_ok', ...command() } };
  expect((await deal.client.call(calls.retryPayment, again)).status).toBe(201);
  await m.settled(deal, milestoneId, 'funded');
  await becomesKept(deal, '4242');
});

test('J03 I05 whoever tries again with another card says anew whether it is kept', async () => {
  const deal = await m.makeDeal(app);
  const retry = async (saveMethod: boolean) => {
    const { milestoneId, paymentId } = await pay(deal, { testCard: 'tm_card_declined', saveMethod: !saveMethod });
    await waits(deal, milestoneId, 'declined');
    const again = { params: { paymentId }, body: { testCard: 'tm_card_ok', saveMethod, ...command() } };
    expect((await deal.client.call(calls.retryPayment, again)).status).toBe(201);
    await m.settled(deal, milestoneId, 'funded');
  };
  await retry(false);
  // The next payment comes after whatever the first one would have kept.
  await retry(true);
  await becomesKept(deal, '4242');
});

test('J03 a card that its bank asks about is kept when it has paid, and not before', async () => {
  const deal = await m.makeDeal(app);
  const { milestoneId, paymentId } = await pay(deal, { testCard: 'tm_card_challenge', saveMethod: true });
  await waits(deal, milestoneId, 'challenge');
  expect(await cards(deal)).toEqual([]);
  await m.drive(deal, paymentId, 'succeed');
  expect(await cards(deal)).toEqual(kept('3155'));
  const other = await pay(deal, { testCard: 'tm_card_challenge', saveMethod: true });
  await waits(deal, other.milestoneId, 'challenge');
  await m.drive(deal, other.paymentId, 'decline');
  expect(await cards(deal)).toEqual(kept('3155'));
  // Nor does the next card that is kept bring the declined one along.
  await pay(deal, { testCard: 'tm_card_ok', saveMethod: true });
  const all = async () => (await cards(deal)).map(({ last4 }) => last4).toSorted();
  await vi.waitFor(async () => expect(await all()).toEqual(['3155', '4242']), { timeout: 20_000 });
});

test('J03 a saved card pays without becoming another, and a payment without a card keeps none', async () => {
  const deal = await m.makeDeal(app);
  await pay(deal, { testCard: 'tm_card_ok', saveMethod: true });
  await becomesKept(deal, '4242');
  const [card] = (await deal.client.must(listPaymentMethods)).items;
  const { milestoneId } = await pay(deal, { paymentMethodId: card!.id, saveMethod: true });
  await m.settled(deal, milestoneId, 'funded');
  const byHand = await pay(deal, { saveMethod: true });
  await m.drive(deal, byHand.paymentId, 'succeed');
  expect(await cards(deal)).toEqual(kept('4242'));
});

test('J03 I02 a card that is none, and two at once, are refused before anything is asked for', async () => {
  const deal = await m.makeDeal(app);
  const { id: milestoneId } = await m.plan(deal);
  const fund = (terms: Terms) =>
    deal.client.call(calls.fundMilestone, { params: { milestoneId }, body: { ...terms, ...command() } });
  expect((await fund({ testCard: 'tm_card_of_nobody' })).status).toBe(422);
  expect((await fund({ testCard: 'tm_card_ok', paymentMethodId: newId() })).status).toBe(422);
  expect((await m.look(deal, milestoneId)).status).toBe('planned');
});
