import { advanceClock } from '@safesend/shared/clock.ts';
import { listInvoices } from '@safesend/shared/escrow/calls.ts';
import { listNotifications } from '@safesend/shared/notifications/calls.ts';
import { expect, test } from 'vitest';
import { send, type TestApp } from '../harness.ts';
import { look, makeDeal, refund, release, settled, type Deal } from '../money.ts';
import type { StripeDouble } from './double.ts';
import { onboard, paid, sayAgain, until } from './product.ts';
import { onStage } from './stage.ts';
import type { Thing } from './state.ts';

let double: StripeDouble, app: TestApp;
onStage((stage) => ({ double, app } = stage));

const later = (advanceSeconds: number) =>
  send(`http://127.0.0.1:${app.port}`, advanceClock, { body: { advanceSeconds } });

interface Paid {
  readonly deal: Deal;
  readonly milestoneId: string;
  readonly intent: Thing;
  readonly accountId: string;
}

/** 1,000.00 of two people of their own, whose account nothing else fills or empties. */
async function held(): Promise<Paid> {
  const deal = await makeDeal(app);
  const accountId = await onboard(double, app, deal.freelancer);
  return { deal, accountId, ...(await paid(double, deal)) };
}
async function released(): Promise<Paid> {
  const it = await held();
  expect((await release(it.deal, it.milestoneId, 100_000)).status).toBe(201);
  await settled(it.deal, it.milestoneId, 'released');
  return it;
}

const holds = ({ deal, milestoneId }: Paid, hold: object, more: object = {}) =>
  until(async () => expect(await look(deal, milestoneId)).toMatchObject({ ...more, hold }));
const become = ({ milestoneId }: Paid, status: 'open' | 'won' | 'lost', count = 1) =>
  until(async () => {
    const text = `select 1 from chargebacks c join holds h on h.id = c.hold_id where h.milestone_id = $1 and c.status = $2`;
    expect(await app.sql(text, [milestoneId, status])).toHaveLength(count);
  });
async function open(it: Paid, amount?: number): Promise<Thing> {
  const dispute = double.payments.openDispute(it.intent, amount === undefined ? {} : { amount });
  await become(it, 'open');
  return dispute;
}
/** Opened, and lost. */
async function lose(it: Paid, amount?: number, count = 1): Promise<Thing> {
  const dispute = await open(it, amount);
  double.payments.closeDispute(dispute, 'lost');
  await become(it, 'lost', count);
  return dispute;
}
const operations = ({ milestoneId }: Paid, kind: string, state: string) =>
  until(async () => {
    const text = `select 1 from money_operations o join holds h on h.id = o.hold_id
      where h.milestone_id = $1 and o.kind = $2 and o.state = $3`;
    expect(await app.sql(text, [milestoneId, kind, state])).not.toHaveLength(0);
  });
const balance = ({ accountId }: Paid) => double.things.balance(accountId, 'eur');

test('J15 T-M8 a chargeback that is won after it was lost sends what is being taken back: that may have been taken already', async () => {
  const it = await released();
  const [transfer] = double.of('transfer', { destination: it.accountId });
  double.trouble(`POST /v1/transfers/${transfer?.id}/reversals`, 'drop', 'drop');
  const dispute = await lose(it);
  await operations(it, 'reversal', 'unknown');
  expect(balance(it)).toBe(0);
  double.payments.closeDispute(dispute, 'won');
  await become(it, 'won');
  // A line that Stripe had closed may have taken one of the two tries: then there is one more in doubt.
  await until(async () => {
    await later(31);
    expect((await look(it.deal, it.milestoneId)).hold).toMatchObject({
      owedMinor: 0,
      recoveredMinor: 0,
      paidMinor: 90_000,
    });
  });
  await until(() => expect(balance(it)).toBe(90_000));
});

test('J15 N02 what is sent to him again after an appeal is told to him; the client, who paid once, reads how the bank decided', async () => {
  const it = await released();
  const told = async (side: 'client' | 'freelancer', kind: string) =>
    (await it.deal[side].must(listNotifications)).items.flatMap((told) =>
      told.kind === kind ? [told.amountMinor] : [],
    );
  const dispute = await lose(it);
  await holds(it, { owedMinor: 0, recoveredMinor: 90_000 });
  double.payments.closeDispute(dispute, 'won');
  await until(async () => expect(await told('freelancer', 'milestone.released')).toEqual([90_000, 90_000]));
  expect(await told('client', 'milestone.paid')).toEqual([100_000]);
  expect(await told('client', 'chargeback.won')).toHaveLength(1);
});

/** What the papers of a person say that stands: invoices less credit notes, by whoever issued them. */
async function standing({ deal }: Paid, side: 'client' | 'freelancer'): Promise<Record<string, number>> {
  const sums: Record<string, number> = {};
  for (const { kind, issuerName, totalMinor } of (await deal[side].must(listInvoices)).items) {
    const sign = { invoice: 1, credit_note: -1, receipt: 0 }[kind];
    const by = issuerName === 'SafeSend' ? 'platform' : 'freelancer';
    sums[by] = (sums[by] ?? 0) + sign * totalMinor;
  }
  return sums;
}

test('J08 J15 the papers of a chargeback that is won after it was lost say what the books say, before and after', async () => {
  const it = await released();
  const [client, freelancer] = [
    { freelancer: 100_000, platform: 3_535 },
    { freelancer: 100_000, platform: 10_000 },
  ];
  expect([await standing(it, 'client'), await standing(it, 'freelancer')]).toEqual([client, freelancer]);
  const dispute = await lose(it);
  const nothing = { freelancer: 0, platform: 0 };
  expect([await standing(it, 'client'), await standing(it, 'freelancer')]).toEqual([nothing, nothing]);
  double.payments.closeDispute(dispute, 'won');
  await become(it, 'won');
  expect([await standing(it, 'client'), await standing(it, 'freelancer')]).toEqual([client, freelancer]);
});

test('J08 J15 of two chargebacks the papers take back what both took, and after an appeal what the other one leaves', async () => {
  const it = await released();
  const first = await lose(it, 60_000);
  await lose(it, 30_000, 2);
  await until(async () => expect(await standing(it, 'freelancer')).toEqual({ freelancer: 10_000, platform: 1_000 }));
  double.payments.closeDispute(first, 'won');
  await become(it, 'won');
  expect(await standing(it, 'freelancer')).toEqual({ freelancer: 70_000, platform: 7_000 });
  expect(await standing(it, 'client')).toEqual({ freelancer: 70_000, platform: 3_535 });
});

test('J15 a chargeback that is won after it was lost leaves its share to one that is open, which is counted down to', async () => {
  const it = await held();
  const whole = await open(it);
  const part = double.payments.openDispute(it.intent, { amount: 50_000 });
  await become(it, 'open', 2);
  double.payments.closeDispute(whole, 'lost');
  await holds(it, { chargedBackMinor: 100_000, heldMinor: 0, frozenMinor: 0 });
  double.payments.closeDispute(whole, 'won');
  await holds(it, { chargedBackMinor: 0, frozenMinor: 50_000, heldMinor: 50_000 });
  expect((await look(it.deal, it.milestoneId)).clocks.map(({ kind }) => kind)).toContain('evidence');
  expect((await release(it.deal, it.milestoneId, 50_001)).status).toBe(409);
  double.payments.closeDispute(part, 'lost');
  await holds(it, { chargedBackMinor: 50_000, frozenMinor: 0, heldMinor: 50_000 });
});

test('J15 a chargeback that is won after it was lost leaves what he owes for another, and that is taken back once it is there', async () => {
  const it = await released();
  const there = balance(it);
  double.things.add(it.accountId, 'eur', -there);
  const first = await lose(it, 60_000);
  await lose(it, 30_000, 2);
  await holds(it, { owedMinor: 81_000, recoveredMinor: 0 });
  double.payments.closeDispute(first, 'won');
  await holds(it, { owedMinor: 27_000, recoveredMinor: 0 }, { waiting: { reason: 'recovery' } });
  double.things.add(it.accountId, 'eur', there);
  await later(700);
  await holds(it, { owedMinor: 0, recoveredMinor: 27_000 });
  expect(balance(it)).toBe(63_000);
});

test('J15 P05 what an open chargeback may still take is more once another of its payment is won after it was lost', async () => {
  const it = await released();
  const first = await lose(it, 60_000);
  await holds(it, { atRiskMinor: 0, recoveredMinor: 54_000 });
  await open(it, 60_000);
  await holds(it, { atRiskMinor: 36_000 });
  double.payments.closeDispute(first, 'won');
  await holds(it, { atRiskMinor: 54_000 });
});

test('J15 what is sent to him again after an appeal settles nothing of the hold: another chargeback takes its share of what was released', async () => {
  const it = await released();
  const first = await lose(it, 60_000);
  await holds(it, { owedMinor: 0, recoveredMinor: 54_000 });
  const account = double.things.get(it.accountId, 'v2.core.account');
  double.moves.setAccount(account, 'restricted');
  double.payments.closeDispute(first, 'won');
  await operations(it, 'transfer', 'waiting');
  const second = await open(it, 30_000);
  double.payments.closeDispute(second, 'lost');
  await holds(it, { owedMinor: 0, recoveredMinor: 81_000, chargedBackMinor: 0 });
  expect(balance(it)).toBe(9_000);
  double.moves.setAccount(account, 'active');
  await holds(it, { owedMinor: 0, recoveredMinor: 27_000, paidMinor: 90_000 });
  expect(balance(it)).toBe(63_000);
});

test.each(['lost', 'won'] as const)(
  'J15 J04 a release that nobody knew to have left when its payment was charged back, and that had not, waits until that is %s',
  async (decision) => {
    const it = await held();
    double.trouble('POST /v1/transfers', 'throttle');
    expect((await release(it.deal, it.milestoneId, 100_000)).status).toBe(201);
    await operations(it, 'transfer', 'unknown');
    const dispute = await open(it);
    const account = double.things.get(it.accountId, 'v2.core.account');
    double.moves.setAccount(account, 'restricted');
    await later(31);
    await operations(it, 'transfer', 'frozen');
    double.moves.setAccount(account, 'active');
    await later(700);
    const other = await paid(double, it.deal, 20_000);
    expect((await release(it.deal, other.milestoneId, 20_000)).status).toBe(201);
    await settled(it.deal, other.milestoneId, 'released');
    expect(balance(it), 'what was decided later has left by then').toBe(18_000);
    double.payments.closeDispute(dispute, decision);
    if (decision === 'lost') {
      await holds(it, { chargedBackMinor: 100_000, releasingMinor: 0, owedMinor: 0 }, { status: 'refunded' });
      return;
    }
    await settled(it.deal, it.milestoneId, 'released');
    expect(balance(it)).toBe(108_000);
  },
);

test('J09 J15 what a lost chargeback took off the client’s credit the hold does not bear once more when another is won', async () => {
  const it = await held();
  expect((await refund(it.deal, it.milestoneId, 40_000)).status).toBe(201);
  await settled(it.deal, it.milestoneId);
  const [given] = double.of('refund', { payment_intent: it.intent.id });
  double.moves.finishRefund(given as Thing, 'failed');
  await holds(it, { creditMinor: 40_000, heldMinor: 60_000 });
  const first = await open(it, 60_000);
  await holds(it, { frozenMinor: 60_000 });
  const second = double.payments.openDispute(it.intent, { amount: 43_535 });
  await become(it, 'open', 2);
  double.payments.closeDispute(second, 'lost');
  await holds(it, { creditMinor: 0, frozenMinor: 60_000, chargedBackMinor: 0 });
  double.payments.closeDispute(first, 'won');
  await holds(it, { creditMinor: 0, frozenMinor: 0, chargedBackMinor: 3_535, heldMinor: 56_465 });
});

test('J15 a chargeback that is lost after it was won is lost: the hold bears it, what was released is owed, and an appeal gives it back', async () => {
  const [kept, gone, waiting] = await Promise.all([held(), released(), held()]);
  const disputes = new Map<Paid, Thing>();
  for (const it of [kept, gone, waiting]) {
    const dispute = await open(it);
    disputes.set(it, dispute);
    double.payments.closeDispute(dispute, 'won');
    await become(it, 'won');
  }
  const close = async (it: Paid, status: 'won' | 'lost') => {
    const dispute = disputes.get(it);
    if (dispute) double.payments.closeDispute(dispute, status);
    await become(it, status);
  };
  double.moves.setAccount(double.things.get(waiting.accountId, 'v2.core.account'), 'restricted');
  expect((await release(waiting.deal, waiting.milestoneId, 100_000)).status).toBe(201);
  await operations(waiting, 'transfer', 'waiting');
  for (const it of [kept, gone, waiting]) await close(it, 'lost');
  await holds(kept, { chargedBackMinor: 100_000, frozenMinor: 0, heldMinor: 0 }, { status: 'refunded' });
  expect((await release(kept.deal, kept.milestoneId, 100_000)).status).toBe(409);
  await holds(gone, { owedMinor: 0, recoveredMinor: 90_000, chargedBackMinor: 0 });
  expect(balance(gone)).toBe(0);
  await holds(waiting, { chargedBackMinor: 100_000, releasingMinor: 0, paidMinor: 0, owedMinor: 0 });
  await close(kept, 'won');
  await holds(kept, { chargedBackMinor: 0, heldMinor: 100_000 }, { status: 'funded' });
  const dispute = disputes.get(kept);
  if (!dispute) throw new Error('no dispute');
  dispute['status'] = 'lost';
  await sayAgain(double, app, 'charge.dispute.updated', dispute);
  await holds(kept, { heldMinor: 100_000 }, { status: 'funded' });
});
