import { canonicalJson } from '@safesend/shared/canonical.ts';
import { listInvoices, listTransactions } from '@safesend/shared/escrow/calls.ts';
import { newId } from '@safesend/shared/ids.ts';
import { listNotifications } from '@safesend/shared/notifications/calls.ts';
import * as projects from '@safesend/shared/projects/calls.ts';
import * as calls from '@safesend/shared/projects/money-calls.ts';
import { expect, test, vi } from 'vitest';
import type { Person, TestApp } from '../../../../test/harness.ts';
import * as m from '../../../../test/money.ts';
import { sha256 } from '../../../kernel/chain.ts';

let app: TestApp;
m.onBooks((started) => (app = started));

const command = () => ({ commandId: newId() });
const accept = (who: Person, milestoneId: string, hash: string) =>
  who.call(calls.acceptProposal, { params: { milestoneId, hash }, body: command() });
const pay = ({ client }: m.Deal, milestoneId: string, more: object = {}) =>
  client.call(calls.fundMilestone, { params: { milestoneId }, body: { ...command(), ...more } });

/** The processor has ended the attempt to pay the difference; the first payment is what it was. */
const givenUp = (milestoneId: string) =>
  vi.waitFor(async () => {
    const attempts = await app.sql<{ status: string }>(
      'select p.status from payments p join holds h on h.id = p.hold_id where h.milestone_id = $1 order by p.id',
      [milestoneId],
    );
    expect(attempts.map(({ status }) => status)).toEqual(['succeeded', 'cancelled']);
  }, 20_000);

const creditNotes = async ({ client }: m.Deal) =>
  (await client.must(listInvoices)).items
    .filter(({ kind }) => kind === 'credit_note')
    .map(({ totalMinor }) => totalMinor)
    .sort((a, b) => a - b);

/** Both sides want 1,300.00 instead of 1,000.00. */
async function agreedOnMore(deal: m.Deal): Promise<m.Funded> {
  const it = await m.fund(deal);
  const { hash, money } = await m.proposeAmount(deal.freelancer, it.milestoneId, 130_000);
  expect(money, 'said before anybody agrees').toEqual({
    ...{ topUpMinor: 30_000, serviceFeeMinor: 1_085, clientPaysMinor: 31_085, refundMinor: 0 },
  });
  expect((await accept(deal.client, it.milestoneId, hash)).status).toBe(201);
  return it;
}

test('X18 I14 more money is agreed by hash, in force when the difference is paid, and released and refunded to the cent', async () => {
  const deal = await m.makeDeal(app);
  const { milestoneId } = await agreedOnMore(deal);
  expect(await m.look(deal, milestoneId)).toMatchObject({
    ...{ amountMinor: 100_000, revision: 1, status: 'funded' },
    waiting: { reason: 'top_up', on: 'client' },
    proposal: { acceptedBy: deal.client.id },
  });
  expect((await pay(deal, milestoneId, { totalMinor: 103_535 })).status, 'the button said something else').toBe(409);
  const { body, status } = await pay(deal, milestoneId, { amountMinor: 30_000, totalMinor: 31_085 });
  expect([status, body.payment.amountMinor]).toEqual([201, 31_085]);
  expect((await pay(deal, milestoneId)).status, 'one payment at a time').toBe(409);
  expect((await m.look(deal, milestoneId)).amountMinor, 'not paid yet').toBe(100_000);
  await m.drive(deal, body.payment.id, 'succeed');
  expect(await m.look(deal, milestoneId)).toMatchObject({
    ...{ amountMinor: 130_000, revision: 2, proposal: null, waiting: null },
    hold: { fundedMinor: 130_000, heldMinor: 130_000, serviceFeeMinor: 3_535 + 1_085 },
  });
  expect((await m.refund(deal, milestoneId, 50_000)).status).toBe(201);
  await m.settled(deal, milestoneId);
  expect((await m.objectsOf(app, milestoneId, 'refund')).sort(), 'over the way each came').toEqual([20_000, 30_000]);
  await m.approve(deal, milestoneId, await m.submit(deal, milestoneId));
  const { hold } = await m.settled(deal, milestoneId, 'released');
  expect(hold).toMatchObject({ releasedMinor: 80_000, refundedMinor: 50_000, paidMinor: 72_000 });
  await vi.waitFor(async () => {
    expect(await creditNotes(deal)).toEqual([20_000, 30_000]);
  }, 20_000);
});

test('X18 what was agreed and never paid ends with the approval: nobody is asked for the difference any more', async () => {
  const deal = await m.makeDeal(app);
  const { milestoneId } = await agreedOnMore(deal);
  await m.approve(deal, milestoneId, await m.submit(deal, milestoneId));
  const approved = (await m.factsOf(deal)).findLast(({ type }) => type === 'milestone.approved');
  expect(approved?.data).toMatchObject({ milestone: { status: 'approved', proposal: null, waiting: null } });
  await m.settled(deal, milestoneId, 'released');
});

test('X18 a release of more than one payment is one transfer of each, and the fees are those of the whole', async () => {
  const deal = await m.makeDeal(app);
  const { milestoneId } = await agreedOnMore(deal);
  const { body } = await pay(deal, milestoneId);
  await m.drive(deal, body.payment.id, 'succeed');
  await m.release(deal, milestoneId, 130_000);
  await m.settled(deal, milestoneId, 'released');
  expect((await m.objectsOf(app, milestoneId, 'transfer')).sort((a, b) => a - b)).toEqual([27_000, 90_000]);
});

/** 359.99, and later one cent more, which the fee would take all of. */
async function centMore(deal: m.Deal): Promise<string> {
  const { milestoneId } = await m.fund(deal, 35_999);
  const { hash } = await m.proposeAmount(deal.freelancer, milestoneId, 36_000);
  await accept(deal.client, milestoneId, hash);
  await m.drive(deal, (await pay(deal, milestoneId)).body.payment.id, 'succeed');
  return milestoneId;
}

const toldOf = async (person: Person, kind: string) =>
  (await person.must(listNotifications)).items.filter((it) => it.kind === kind).map(({ amountMinor }) => amountMinor);

test.each([
  [
    'of 1,000.00 and 300.00',
    130_000,
    117_000,
    async (deal: m.Deal) => {
      const { milestoneId } = await agreedOnMore(deal);
      await m.drive(deal, (await pay(deal, milestoneId)).body.payment.id, 'succeed');
      return milestoneId;
    },
  ],
  ['of 359.99 and 0.01', 36_000, 32_400, centMore],
] as const)(
  'X18 J08 a release of two payments, %s, is told once and has one receipt for each side',
  async (_what, gross, net, begin) => {
    const deal = await m.makeDeal(app);
    const milestoneId = await begin(deal);
    await m.release(deal, milestoneId, gross);
    await m.settled(deal, milestoneId, 'released');
    expect(await toldOf(deal.client, 'milestone.paid')).toEqual([gross]);
    expect(await toldOf(deal.freelancer, 'milestone.released')).toEqual([net]);
    const last = (await arrivals(deal, 'milestone.released')).at(-1);
    expect(last?.together).toMatchObject({ amountMinor: gross, feeMinor: gross - net, more: false });
    const receipts = async (person: Person, issuerName: string) =>
      (await person.must(listInvoices)).items
        .filter((it) => it.kind === 'receipt' && it.issuerName === issuerName)
        .map(({ totalMinor }) => totalMinor);
    const { displayName } = deal.freelancer.user;
    expect(await receipts(deal.client, displayName)).toEqual([gross]);
    expect(await receipts(deal.freelancer, 'SafeSend')).toEqual([net]);
    const rows = (await deal.freelancer.must(listTransactions)).items.filter(({ kind }) => kind === 'release');
    expect(rows).toMatchObject([{ amountMinor: gross, papers: [{ kind: 'receipt' }, { kind: 'receipt' }] }]);
  },
);

test('X18 a refund of two payments is told once, and goes back over the way each came', async () => {
  const deal = await m.makeDeal(app);
  const { milestoneId } = await agreedOnMore(deal);
  await m.drive(deal, (await pay(deal, milestoneId)).body.payment.id, 'succeed');
  await m.refund(deal, milestoneId, 50_000);
  await m.settled(deal, milestoneId);
  expect(await toldOf(deal.client, 'milestone.refunded')).toEqual([50_000]);
  const parts = await arrivals(deal, 'milestone.refunded');
  const amounts = parts.map(({ movement }) => movement.amountMinor);
  expect(amounts.toSorted((a, b) => a - b)).toEqual([20_000, 30_000]);
  expect(parts.map(({ together }) => [together?.amountMinor, together?.more])).toEqual([
    [amounts[0], true],
    [50_000, false],
  ]);
});

interface Arrival {
  readonly movement: { readonly amountMinor: number };
  readonly together?: { readonly amountMinor: number; readonly feeMinor: number; readonly more: boolean };
}
async function arrivals(deal: m.Deal, type: string): Promise<Arrival[]> {
  return (await m.factsOf(deal)).filter((it) => it.type === type).map(({ data }) => data as unknown as Arrival);
}

test('X18 what was agreed and not paid changes nothing: declined, given up or lapsed; nothing ends while it is being paid', async () => {
  const deal = await m.makeDeal(app);
  const { milestoneId } = await agreedOnMore(deal);
  const first = (await pay(deal, milestoneId)).body.payment;
  await m.drive(deal, first.id, 'decline');
  expect((await m.look(deal, milestoneId)).waiting).toMatchObject({ reason: 'declined', paymentId: first.id });
  const { hash } = (await m.look(deal, milestoneId)).proposal ?? { hash: '' };
  const decline = () => deal.freelancer.call(calls.declineProposal, { params: { milestoneId, hash } });
  expect((await decline()).status, 'it is being paid').toBe(409);
  await deal.client.must(calls.cancelPayment, { params: { paymentId: first.id }, body: command() });
  await vi.waitFor(
    async () => expect((await m.look(deal, milestoneId)).waiting).toMatchObject({ reason: 'top_up' }),
    20_000,
  );
  const second = (await pay(deal, milestoneId)).body.payment;
  await deal.client.must(projects.cancelMilestone, { params: { milestoneId }, body: { reason: 'Plans changed' } });
  const answer = () =>
    deal.freelancer.call(calls.answerCancellation, { params: { milestoneId }, body: { accept: true, ...command() } });
  expect((await answer()).status, 'it is being paid: the money would come too late').toBe(409);
  await deal.client.must(calls.cancelPayment, { params: { paymentId: second.id }, body: command() });
  await vi.waitFor(async () => expect((await answer()).status).toBe(201), 20_000);
  const { hold, status, amountMinor } = await m.settled(deal, milestoneId, 'cancelled');
  expect([status, amountMinor]).toEqual(['cancelled', 100_000]);
  expect(hold).toMatchObject({ fundedMinor: 100_000, refundedMinor: 100_000, heldMinor: 0 });

  const other = await agreedOnMore(deal);
  const agreed = (await m.look(deal, other.milestoneId)).proposal?.hash ?? '';
  await deal.client.must(calls.declineProposal, { params: { milestoneId: other.milestoneId, hash: agreed } });
  expect(await m.look(deal, other.milestoneId)).toMatchObject({ proposal: null, waiting: null, amountMinor: 100_000 });
  expect((await pay(deal, other.milestoneId)).status).toBe(409);
});

test('X18 an approval ends a change that is open: the amount stays as it was agreed before, and what was paid for it all the same goes back', async () => {
  const deal = await m.makeDeal(app);
  const asked = await m.fund(deal);
  const { hash } = await m.proposeAmount(deal.freelancer, asked.milestoneId, 130_000);
  await m.approve(deal, asked.milestoneId, await m.submit(deal, asked.milestoneId));
  expect((await accept(deal.client, asked.milestoneId, hash)).status, 'nothing is left to agree to').toBe(409);
  expect(await m.settled(deal, asked.milestoneId, 'released')).toMatchObject({
    ...{ amountMinor: 100_000, revision: 1, proposal: null, hold: { releasedMinor: 100_000 } },
  });

  const agreed = await agreedOnMore(deal);
  const { payment } = (await pay(deal, agreed.milestoneId)).body;
  await m.approve(deal, agreed.milestoneId, await m.submit(deal, agreed.milestoneId));
  expect((await m.look(deal, agreed.milestoneId)).proposal).toBeNull();
  await givenUp(agreed.milestoneId);
  await m.succeedLate(app, deal, payment.id);
  expect(await m.settled(deal, agreed.milestoneId, 'released')).toMatchObject({
    ...{ amountMinor: 100_000, hold: { releasedMinor: 100_000, refundedMinor: 30_000, heldMinor: 0 } },
  });
  expect(await m.objectsOf(app, agreed.milestoneId, 'refund'), 'without its service fee').toEqual([30_000]);
});

test.each([
  [
    'an approval',
    'milestone.approved',
    (deal: m.Deal, id: string, submissionId: string) => m.approve(deal, id, submissionId),
  ],
  ['a release of all of it', 'milestone.releasing', (deal: m.Deal, id: string) => m.release(deal, id, 100_000)],
] as const)(
  'X18 J02 %s gives up what the bank asks about: nobody pays for what has ended',
  async (_what, deed, end) => {
    const deal = await m.makeDeal(app);
    const { milestoneId } = await agreedOnMore(deal);
    const { payment } = (await pay(deal, milestoneId)).body;
    await m.drive(deal, payment.id, 'challenge');
    expect((await m.look(deal, milestoneId)).waiting).toMatchObject({ reason: 'challenge', on: 'client' });
    await end(deal, milestoneId, await m.submit(deal, milestoneId));
    const ended = (await m.factsOf(deal)).findLast(({ type }) => type === deed)?.data;
    expect(ended, 'from that moment on').toMatchObject({
      milestone: { status: 'approved', waiting: null, clocks: [] },
    });
    expect(await m.settled(deal, milestoneId, 'released')).toMatchObject({ waiting: null, amountMinor: 100_000 });
    await givenUp(milestoneId);
    expect((await m.look(deal, milestoneId)).hold).toMatchObject({ fundedMinor: 100_000, refundedMinor: 0 });
  },
);

test('X18 J12 an attempt that ends takes nothing from what a release waits for', async () => {
  const deal = await m.meet(app);
  await m.beginPayouts(deal.freelancer);
  const { milestoneId } = await agreedOnMore(deal);
  const { payment } = (await pay(deal, milestoneId)).body;
  await m.drive(deal, payment.id, 'challenge');
  await m.release(deal, milestoneId, 100_000);
  await givenUp(milestoneId);
  const waits = { reason: 'payout_onboarding', on: 'freelancer' };
  await vi.waitFor(async () => expect((await m.look(deal, milestoneId)).waiting).toMatchObject(waits), 20_000);
  const told = (await m.factsOf(deal)).map(
    ({ data }) => data as { milestone?: { waiting: unknown }; waiting?: unknown },
  );
  const waiting = told.map((data) => (data.milestone ?? data).waiting);
  const first = waiting.findIndex((it) => (it as { reason?: string } | null)?.reason === waits.reason);
  for (const later of waiting.slice(first)) expect(later, 'in every fact from then on').toMatchObject(waits);
});

test('X22 a chargeback of one payment freezes no more than it brought, and the other payment stays releasable', async () => {
  const deal = await m.makeDeal(app);
  const { milestoneId } = await agreedOnMore(deal);
  const { payment } = (await pay(deal, milestoneId)).body;
  await m.drive(deal, payment.id, 'succeed');
  await m.drive(deal, payment.id, 'chargeback');
  const { hold } = await m.look(deal, milestoneId);
  expect(hold).toMatchObject({ frozenMinor: 30_000, heldMinor: 100_000 });
  expect((await m.release(deal, milestoneId, 100_000)).status).toBe(201);
  await m.settled(deal, milestoneId);
  await m.drive(deal, payment.id, 'chargeback_lost');
  expect((await m.settled(deal, milestoneId)).hold).toMatchObject({ chargedBackMinor: 30_000, heldMinor: 0 });
  await vi.waitFor(
    async () => expect(await creditNotes(deal), 'of its own invoices alone').toEqual([1_085, 30_000]),
    20_000,
  );
});

test('X18 the hash of a proposal is over the milestone, its revision and every term: nothing else has the same', async () => {
  const deal = await m.makeDeal(app);
  const [one, two] = [await m.fund(deal), await m.fund(deal)];
  const { hash, terms, revision } = await m.proposeAmount(deal.freelancer, one.milestoneId, 70_000);
  expect(hash).toBe(sha256(canonicalJson({ milestoneId: one.milestoneId, revision, terms })));
  expect(revision).toBe(1);
  expect((await m.proposeAmount(deal.freelancer, two.milestoneId, 70_000)).hash).not.toBe(hash);
  expect((await accept(deal.client, two.milestoneId, hash)).status).toBe(409);
  expect((await accept(deal.client, one.milestoneId, hash)).status).toBe(201);
  await m.settled(deal, one.milestoneId);
});
