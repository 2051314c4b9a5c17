import { advanceClock } from '@safesend/shared/clock.ts';
import { listTransactions } from '@safesend/shared/escrow/calls.ts';
import { newId } from '@safesend/shared/ids.ts';
import { listNotifications } from '@safesend/shared/notifications/calls.ts';
import { cancelMilestone } from '@safesend/shared/projects/calls.ts';
import * as calls from '@safesend/shared/projects/money-calls.ts';
import { expect, test } from 'vitest';
import { send, type TestApp } from '../harness.ts';
import { look, makeDeal, proposeAmount, refund, release, settled, type Deal } from '../money.ts';
import type { StripeDouble } from './double.ts';
import { intentOf, onboard, paid, paidAndReturned, paying, payWith, unsaid, until } from './product.ts';
import { onStage } from './stage.ts';
import type { Thing } from './state.ts';

let double: StripeDouble, app: TestApp, deal: Deal, accountId: string;
onStage((stage) => ({ double, app, deal, accountId } = stage), { isOnboarded: true });

const holds = (milestoneId: string, hold: object, more: object = {}) =>
  until(async () => expect(await look(deal, milestoneId)).toMatchObject({ ...more, hold }));
const countOf = async (milestoneId: string, status: string): Promise<number> => {
  const rows = await app.sql(
    `select 1 from chargebacks c join holds h on h.id = c.hold_id where h.milestone_id = $1 and c.status = $2`,
    [milestoneId, status],
  );
  return rows.length;
};
const open = async (milestoneId: string, intent: Thing, amount?: number): Promise<Thing> => {
  const before = await countOf(milestoneId, 'open');
  const dispute = double.payments.openDispute(intent, amount === undefined ? {} : { amount });
  await until(async () => expect(await countOf(milestoneId, 'open')).toBe(before + 1));
  return dispute;
};

/** 1,000.00, and 300.00 that were agreed and paid later. */
async function toppedUp(of = deal) {
  const { milestoneId, intent: first } = await paid(double, of);
  const { hash } = await proposeAmount(of.freelancer, milestoneId, 130_000);
  await of.client.must(calls.acceptProposal, { params: { milestoneId, hash }, body: { commandId: newId() } });
  const second = await intentOf(double, await payWith(of, milestoneId));
  double.payments.succeed(second);
  await until(async () => expect(await look(of, milestoneId)).toMatchObject({ hold: { heldMinor: 130_000 } }));
  return { milestoneId, first, second };
}

test('J15 a chargeback that is won leaves its share to the other of the payment: frozen for it, and borne by the hold', async () => {
  const { milestoneId, intent } = await paid(double, deal);
  const whole = await open(milestoneId, intent);
  const part = await open(milestoneId, intent, 50_000);
  await holds(milestoneId, { frozenMinor: 100_000, heldMinor: 0 });
  double.payments.closeDispute(whole, 'won');
  await holds(milestoneId, { frozenMinor: 50_000, heldMinor: 50_000 }, { status: 'disputed' });
  const { clocks } = await look(deal, milestoneId);
  expect(
    clocks.map(({ kind }) => kind),
    'its bank still takes evidence',
  ).toContain('evidence');
  expect((await release(deal, milestoneId, 50_001)).status).toBe(409);
  double.payments.closeDispute(part, 'lost');
  const after = { chargedBackMinor: 50_000, frozenMinor: 0, heldMinor: 50_000, owedMinor: 0, recoveredMinor: 0 };
  await holds(milestoneId, after, { status: 'funded' });
  expect((await look(deal, milestoneId)).clocks.map(({ kind }) => kind)).not.toContain('evidence');
});

test('J15 of what was released before, the freelancer bears the chargeback that is lost after another was won', async () => {
  const { milestoneId, intent } = await paid(double, deal);
  expect((await release(deal, milestoneId, 100_000)).status).toBe(201);
  await settled(deal, milestoneId, 'released');
  const whole = await open(milestoneId, intent);
  const part = await open(milestoneId, intent, 50_000);
  double.payments.closeDispute(whole, 'won');
  await until(async () => expect(await countOf(milestoneId, 'won')).toBe(1));
  double.payments.closeDispute(part, 'lost');
  await holds(milestoneId, { owedMinor: 0, recoveredMinor: 45_000, chargedBackMinor: 0 });
});

test('J09 J15 a chargeback of what was given back freezes nothing of what came with another payment, nor does anybody owe it', async () => {
  const { milestoneId, first, second } = await toppedUp();
  expect((await refund(deal, milestoneId, 50_000)).status).toBe(201);
  await settled(deal, milestoneId);
  const ofSecond = await open(milestoneId, second);
  expect(await look(deal, milestoneId)).toMatchObject({
    ...{ status: 'funded', hold: { heldMinor: 80_000, frozenMinor: 0 } },
  });
  expect((await release(deal, milestoneId, 30_000)).status).toBe(201);
  await settled(deal, milestoneId);
  double.payments.closeDispute(ofSecond, 'lost');
  await until(async () => expect(await countOf(milestoneId, 'lost')).toBe(1));
  await holds(milestoneId, { heldMinor: 50_000, owedMinor: 0, recoveredMinor: 0 });
  double.payments.closeDispute(await open(milestoneId, first), 'lost');
  const borne = { chargedBackMinor: 50_000, refundedMinor: 50_000, heldMinor: 0, frozenMinor: 0, owedMinor: 0 };
  await holds(milestoneId, { ...borne, recoveredMinor: 27_000 });
});

test('J15 a chargeback freezes what is left of its own payment, and a top-up stays releasable', async () => {
  const { milestoneId, first } = await toppedUp();
  expect((await release(deal, milestoneId, 60_000)).status).toBe(201);
  await settled(deal, milestoneId);
  const dispute = await open(milestoneId, first);
  await holds(milestoneId, { frozenMinor: 40_000, heldMinor: 30_000 });
  expect((await release(deal, milestoneId, 30_000)).status).toBe(201);
  await settled(deal, milestoneId);
  double.payments.closeDispute(dispute, 'lost');
  const taken = { chargedBackMinor: 40_000, releasedMinor: 90_000, heldMinor: 0, frozenMinor: 0, owedMinor: 0 };
  await holds(milestoneId, { ...taken, recoveredMinor: 54_000 });
});

test('J09 J15 while a bank disputes one payment, what is given back is taken from the other, and is not frozen there once more', async () => {
  const { milestoneId, first, second } = await toppedUp();
  const dispute = await open(milestoneId, second, 10_000);
  expect((await refund(deal, milestoneId, 40_000)).status).toBe(201);
  await settled(deal, milestoneId);
  expect(double.of('refund', { payment_intent: first.id })).toMatchObject([{ amount: 40_000 }]);
  expect((await release(deal, milestoneId, 50_000)).status).toBe(201);
  await settled(deal, milestoneId);
  const other = await open(milestoneId, first);
  await holds(milestoneId, { frozenMinor: 20_000, heldMinor: 20_000 });
  for (const it of [dispute, other]) double.payments.closeDispute(it, 'won');
  await holds(milestoneId, { frozenMinor: 0, heldMinor: 40_000 });
});

test('X18 J09 a part of a refund that has arrived is told once Stripe refuses the rest, and not before', async () => {
  const own = await makeDeal(app);
  const { milestoneId, first } = await toppedUp(own);
  await app.sql(`create function put_off() returns trigger language plpgsql as
    $$ begin new.next_at = new.next_at + interval '1 day'; return new; end $$`);
  await app.sql(`create trigger put_off before insert on money_operations for each row
    when (new.kind = 'refund' and new.seq = 2) execute function put_off()`);
  expect((await refund(own, milestoneId, 50_000)).status).toBe(201);
  await app.sql('drop trigger put_off on money_operations');
  const isTold = (...amounts: number[]) =>
    until(async () => {
      const { items } = await own.client.must(listNotifications);
      expect(items.flatMap((it) => (it.kind === 'milestone.refunded' ? [it.amountMinor] : []))).toEqual(amounts);
    });
  await until(async () => expect(await look(own, milestoneId)).toMatchObject({ hold: { refundedMinor: 30_000 } }));
  await open(milestoneId, first, 10_000);
  await isTold();
  await app.sql(`update money_operations set next_at = product_now() where kind = 'refund' and state = 'queued'`);
  await until(async () => expect(await look(own, milestoneId)).toMatchObject({ hold: { creditMinor: 20_000 } }));
  await isTold(30_000);
});

test('J15 what several chargebacks take back from several transfers is what he owes, and no more than each transfer brought', async () => {
  const { milestoneId, intent } = await paid(double, deal);
  for (const part of [50_000, 50_000]) {
    expect((await release(deal, milestoneId, part)).status).toBe(201);
    await settled(deal, milestoneId);
  }
  const there = double.things.balance(accountId, 'eur');
  double.things.add(accountId, 'eur', -there);
  const disputes = [await open(milestoneId, intent, 30_000), await open(milestoneId, intent, 30_000)];
  for (const [at, dispute] of disputes.entries()) {
    double.payments.closeDispute(dispute, 'lost');
    await until(async () => expect(await countOf(milestoneId, 'lost')).toBe(at + 1));
  }
  await holds(milestoneId, { owedMinor: 54_000, recoveredMinor: 0 });
  double.things.add(accountId, 'eur', there);
  await send(`http://127.0.0.1:${app.port}`, advanceClock, { body: { advanceSeconds: 700 } });
  await holds(milestoneId, { owedMinor: 0, recoveredMinor: 54_000 });
  const asked = await app.sql<{ minor: number }>(
    `select o.amount_minor::float8 as minor from money_operations o join holds h on h.id = o.hold_id
     where h.milestone_id = $1 and o.kind = 'reversal' order by 1`,
    [milestoneId],
  );
  expect(asked.map(({ minor }) => minor)).toEqual([9_000, 18_000, 27_000]);
});

test('J09 J15 a chargeback that is lost takes off the credit what goes beyond what was held, and no more', async () => {
  const { milestoneId, intent } = await paidAndReturned(double, deal);
  await holds(milestoneId, { creditMinor: 40_000 });
  double.payments.closeDispute(await open(milestoneId, intent, 70_000), 'lost');
  await holds(milestoneId, { chargedBackMinor: 60_000, creditMinor: 30_000 });
  double.payments.closeDispute(await open(milestoneId, intent, 20_000), 'lost');
  await holds(milestoneId, { creditMinor: 10_000 }, { waiting: { reason: 'refund_returned' } });
});

test('J09 J15 L6 who paid reads what of a refund that did not arrive his bank brought him: before or after, nobody else does', async () => {
  const { milestoneId, intent } = await paid(double, deal);
  expect((await refund(deal, milestoneId, 40_000)).status).toBe(201);
  await settled(deal, milestoneId);
  double.payments.closeDispute(await open(milestoneId, intent, 70_000), 'lost');
  await holds(milestoneId, { chargedBackMinor: 60_000, refundedMinor: 40_000, creditMinor: 0 });
  const taken = async (side: 'client' | 'freelancer') => {
    const { takenBackMinor, coveredMinor } = await deal[side].must(calls.getMilestone, { params: { milestoneId } });
    return { takenBackMinor, coveredMinor };
  };
  expect(await taken('client')).toEqual({ takenBackMinor: 70_000, coveredMinor: 0 });
  const [given] = double.of('refund', { payment_intent: intent.id });
  if (given) double.moves.finishRefund(given, 'failed');
  await holds(milestoneId, { refundedMinor: 40_000, creditMinor: 30_000 });
  expect(await taken('client')).toEqual({ takenBackMinor: 70_000, coveredMinor: 10_000 });
  expect(await taken('freelancer')).toEqual({ takenBackMinor: 0, coveredMinor: 0 });
});

test('J13 J15 a chargeback that is heard of before its payment freezes what came with it', async () => {
  const { milestoneId, intent } = await paying(double, deal);
  const said = await unsaid(double, () => {
    double.payments.succeed(intent);
    double.payments.openDispute(intent);
  });
  // Nobody learns of the payment in another way before: the first look at it fails, with the library's own second try.
  double.trouble(`GET /v1/payment_intents/${intent.id}`, 'fault', 'fault');
  const disputed = said.filter(({ type }) => type.startsWith('charge.dispute.'));
  for (const event of disputed) expect(await double.webhooks.deliver(event)).toBe(200);
  await until(async () => expect(await countOf(milestoneId, 'open')).toBe(1));
  for (const event of said) expect(await double.webhooks.deliver(event)).toBe(200);
  await holds(milestoneId, { frozenMinor: 100_000, heldMinor: 0 }, { status: 'disputed' });
});

test('J13 J15 a chargeback waits for its payment as long as that does not match what was asked', async () => {
  const { milestoneId, intent } = await paying(double, deal);
  const said = await unsaid(double, () => {
    double.payments.succeed(intent, 100);
    double.payments.openDispute(intent);
  });
  for (const event of said) expect(await double.webhooks.deliver(event)).toBe(200);
  const dispute = said.find(({ type }) => type.startsWith('charge.dispute.'));
  await until(async () =>
    expect(await app.sql('select state, note from processor_events where id = $1', [dispute?.id])).toMatchObject([
      { state: 'received', note: expect.stringContaining('payment') as unknown },
    ]),
  );
  expect(await countOf(milestoneId, 'open')).toBe(0);
});

test('J15 of several chargebacks the next end of evidence is counted down to when one has passed', async () => {
  const { milestoneId, intent } = await paid(double, deal);
  const dueIn = async (days: number): Promise<Thing> => {
    let dispute: Thing | undefined;
    const said = await unsaid(double, () => {
      dispute = double.payments.openDispute(intent, { amount: 10_000 });
      const details = dispute['evidence_details'] as { due_by: number };
      details.due_by = Math.floor(Date.now() / 1_000) + days * 86_400;
    });
    const before = await countOf(milestoneId, 'open');
    for (const event of said) expect(await double.webhooks.deliver(event)).toBe(200);
    await until(async () => expect(await countOf(milestoneId, 'open')).toBe(before + 1));
    return dispute as Thing;
  };
  const [, second, third] = [await dueIn(3), await dueIn(7), await dueIn(10)];
  const endOf = (dispute: Thing) =>
    new Date((dispute['evidence_details'] as { due_by: number }).due_by * 1_000).toISOString();
  await send(`http://127.0.0.1:${app.port}`, advanceClock, { body: { advanceSeconds: 4 * 86_400 } });
  const evidence = async () => (await look(deal, milestoneId)).clocks.find(({ kind }) => kind === 'evidence')?.dueAt;
  await until(async () => expect(await evidence()).toBe(endOf(second)));
  double.payments.closeDispute(third, 'won');
  await until(async () => expect(await countOf(milestoneId, 'won')).toBe(1));
  expect(await evidence()).toBe(endOf(second));
  double.payments.closeDispute(second, 'won');
  await until(async () => expect(await countOf(milestoneId, 'won')).toBe(2));
  expect(await evidence(), 'the first bank has still to decide').toBeNull();
});

test('J15 he owes what he received of the payment that was charged back, and in parts no more than all of it', async () => {
  const { milestoneId, first, second } = await toppedUp();
  for (const part of [33_333, 96_667]) {
    expect((await release(deal, milestoneId, part)).status).toBe(201);
    await settled(deal, milestoneId);
  }
  double.payments.closeDispute(await open(milestoneId, second), 'lost');
  await holds(milestoneId, { paidMinor: 117_000, owedMinor: 0, recoveredMinor: 27_000 });
  for (const part of [33_334, 33_333, 36_868]) {
    double.payments.closeDispute(await open(milestoneId, first, part), 'lost');
    await until(async () => expect(await countOf(milestoneId, 'open')).toBe(0));
  }
  await holds(milestoneId, { owedMinor: 0, recoveredMinor: 117_000, platformFeeMinor: 13_000 });
});

test('X18 J15 with a part on its way and the rest charged back nothing is left to decide, and nobody is asked to end it', async () => {
  const own = await makeDeal(app);
  const { milestoneId, intent } = await paid(double, own);
  expect((await release(own, milestoneId, 60_000)).status).toBe(201);
  double.payments.closeDispute(double.payments.openDispute(intent, { amount: 40_000 }), 'lost');
  await until(async () =>
    expect(await look(own, milestoneId)).toMatchObject({
      ...{ status: 'approved', hold: { chargedBackMinor: 40_000, releasingMinor: 60_000 } },
    }),
  );
  const params = { milestoneId };
  const { status } = await own.client.call(cancelMilestone, { params, body: { reason: 'No more' } });
  expect(status).toBe(409);
  await onboard(double, app, own.freelancer);
  await settled(own, milestoneId, 'released');
});

/** A release of all of it, in parts or at once, to a freelancer who cannot receive anything yet. */
async function unsent(parts: readonly number[] = [100_000]) {
  const own = await makeDeal(app);
  const { milestoneId, intent } = await paid(double, own);
  for (const part of parts) expect((await release(own, milestoneId, part)).status).toBe(201);
  await until(async () =>
    expect((await look(own, milestoneId)).waiting).toMatchObject({ reason: 'payout_onboarding' }),
  );
  const id = (await look(own, milestoneId)).hold?.id;
  const sent = () => double.of('transfer', { transfer_group: `ss_hold_${id}` }).map(({ amount }) => amount);
  return { own, milestoneId, intent, sent };
}

test('J04 J15 of a release that has not left what its payment is charged back for waits for the bank, and the rest leaves', async () => {
  const { own, milestoneId, intent, sent } = await unsent();
  const dispute = await open(milestoneId, intent, 30_000);
  await onboard(double, app, own.freelancer);
  await until(() => expect(sent()).toEqual([63_000]));
  double.payments.closeDispute(dispute, 'lost');
  await until(async () =>
    expect(await look(own, milestoneId)).toMatchObject({
      status: 'released',
      hold: {
        releasedMinor: 70_000,
        chargedBackMinor: 30_000,
        releasingMinor: 0,
        owedMinor: 0,
        platformFeeMinor: 7_000,
      },
    }),
  );
  await send(`http://127.0.0.1:${app.port}`, advanceClock, { body: { advanceSeconds: 700 } });
  expect(sent()).toEqual([63_000]);
});

test.each(['before', 'after'])(
  'J04 J15 of what waits to be sent a chargeback takes its share once, the latest first: sent %s the bank has decided',
  async (when) => {
    const { own, milestoneId, intent, sent } = await unsent([30_000, 70_000]);
    const dispute = await open(milestoneId, intent, 40_000);
    if (when === 'before') {
      await onboard(double, app, own.freelancer);
      await until(() => expect(sent()).toEqual([27_000, 27_000]));
    }
    double.payments.closeDispute(dispute, 'lost');
    await until(async () => expect((await look(own, milestoneId)).hold).toMatchObject({ chargedBackMinor: 40_000 }));
    if (when === 'after') await onboard(double, app, own.freelancer);
    await settled(own, milestoneId, 'released');
    expect(sent()).toEqual([27_000, 27_000]);
    expect((await look(own, milestoneId)).hold).toMatchObject({
      releasedMinor: 60_000,
      owedMinor: 0,
      releasingMinor: 0,
    });
  },
);

test('J04 J15 a release that waits for the bank leaves once the chargeback is won', async () => {
  const { own, milestoneId, intent, sent } = await unsent();
  const dispute = await open(milestoneId, intent);
  await onboard(double, app, own.freelancer);
  await send(`http://127.0.0.1:${app.port}`, advanceClock, { body: { advanceSeconds: 700 } });
  // What is decided later has left by then.
  const other = await paid(double, own);
  expect((await release(own, other.milestoneId, 100_000)).status).toBe(201);
  await settled(own, other.milestoneId, 'released');
  expect((await look(own, milestoneId)).hold).toMatchObject({ releasingMinor: 100_000, releasedMinor: 0 });
  expect(sent()).toEqual([]);
  double.payments.closeDispute(dispute, 'won');
  await settled(own, milestoneId, 'released');
  expect(sent()).toEqual([90_000]);
});

test.each(['won first', 'lost first'])(
  'J15 which of two chargebacks of a payment is decided first changes nothing: %s',
  async (order) => {
    const decide = async (milestoneId: string, whole: Thing, part: Thing) => {
      const decisions = [[whole, 'won'] as const, [part, 'lost'] as const];
      for (const [dispute, how] of order === 'won first' ? decisions : decisions.toReversed()) {
        double.payments.closeDispute(dispute, how);
        await until(async () => expect(await countOf(milestoneId, how)).toBe(1));
      }
    };
    const held = await paid(double, deal);
    await decide(
      held.milestoneId,
      await open(held.milestoneId, held.intent),
      await open(held.milestoneId, held.intent, 50_000),
    );
    await holds(
      held.milestoneId,
      { chargedBackMinor: 50_000, frozenMinor: 0, heldMinor: 50_000 },
      { status: 'funded' },
    );

    const gone = await paid(double, deal);
    expect((await release(deal, gone.milestoneId, 100_000)).status).toBe(201);
    await settled(deal, gone.milestoneId, 'released');
    await decide(
      gone.milestoneId,
      await open(gone.milestoneId, gone.intent),
      await open(gone.milestoneId, gone.intent, 50_000),
    );
    await holds(gone.milestoneId, { owedMinor: 0, recoveredMinor: 45_000, chargedBackMinor: 0 });
  },
);

test('J15 a chargeback that is won after it was lost: what went back is held again, and can be released', async () => {
  const { milestoneId, intent } = await paid(double, deal);
  const dispute = await open(milestoneId, intent);
  double.payments.closeDispute(dispute, 'lost');
  await holds(milestoneId, { chargedBackMinor: 100_000, heldMinor: 0 }, { status: 'refunded' });
  double.payments.closeDispute(dispute, 'won');
  await holds(milestoneId, { chargedBackMinor: 0, heldMinor: 100_000 }, { status: 'funded' });
  double.payments.closeDispute(dispute, 'won');
  expect((await release(deal, milestoneId, 100_000)).status).toBe(201);
  expect((await settled(deal, milestoneId, 'released')).hold).toMatchObject({
    paidMinor: 90_000,
    platformFeeMinor: 10_000,
  });
});

test('J15 a chargeback that is won after it was lost: what he had given back reaches him again, and what he owes he owes no longer', async () => {
  const [given, owing] = [await paid(double, deal), await paid(double, deal)];
  for (const { milestoneId } of [given, owing]) {
    expect((await release(deal, milestoneId, 100_000)).status).toBe(201);
    await settled(deal, milestoneId, 'released');
  }
  const first = await open(given.milestoneId, given.intent);
  double.payments.closeDispute(first, 'lost');
  await holds(given.milestoneId, { owedMinor: 0, recoveredMinor: 90_000 });
  const there = double.things.balance(accountId, 'eur');
  double.things.add(accountId, 'eur', -there);
  const second = await open(owing.milestoneId, owing.intent);
  double.payments.closeDispute(second, 'lost');
  await holds(owing.milestoneId, { owedMinor: 90_000 }, { waiting: { reason: 'recovery', on: 'freelancer' } });
  double.payments.closeDispute(second, 'won');
  await holds(owing.milestoneId, { owedMinor: 0, recoveredMinor: 0 }, { waiting: null, status: 'released' });
  double.payments.closeDispute(first, 'won');
  await holds(given.milestoneId, { owedMinor: 0, recoveredMinor: 0, paidMinor: 90_000, releasedMinor: 100_000 });
  expect(double.things.balance(accountId, 'eur'), 'once, and nothing is taken of it').toBe(90_000);
  double.things.add(accountId, 'eur', there);
});

test('J09 J15 a refund that comes back when the bank has brought the client all of it is no credit, and was not given back', async () => {
  const { milestoneId, intent } = await paid(double, deal);
  expect((await refund(deal, milestoneId, 40_000)).status).toBe(201);
  await settled(deal, milestoneId);
  double.payments.closeDispute(await open(milestoneId, intent), 'lost');
  await holds(milestoneId, { chargedBackMinor: 60_000 });
  const [sent] = double.of('refund', { payment_intent: intent.id });
  if (!sent) throw new Error('no refund');
  double.moves.finishRefund(sent, 'failed');
  const lines = async () =>
    (await deal.client.must(listTransactions)).items
      .filter((it) => it.milestoneId === milestoneId)
      .map(({ kind, amountMinor }) => `${kind} ${amountMinor}`);
  await until(async () => expect(await lines()).toContain('refund_returned -40000'));
  await holds(milestoneId, { refundedMinor: 40_000, creditMinor: 0 }, { waiting: null });
  expect(await lines()).toEqual(expect.arrayContaining(['refund 40000', 'chargeback 103535']));
});

test('J09 J15 a chargeback that is won after it was lost gives the client the credit again that it took', async () => {
  const { milestoneId, intent } = await paid(double, deal);
  expect((await refund(deal, milestoneId, 40_000)).status).toBe(201);
  await settled(deal, milestoneId);
  const [sent] = double.of('refund', { payment_intent: intent.id });
  if (!sent) throw new Error('no refund');
  double.moves.finishRefund(sent, 'failed');
  await holds(milestoneId, { creditMinor: 40_000 });
  const dispute = await open(milestoneId, intent);
  double.payments.closeDispute(dispute, 'lost');
  await holds(milestoneId, { chargedBackMinor: 60_000, creditMinor: 0 });
  double.payments.closeDispute(dispute, 'won');
  await holds(
    milestoneId,
    { chargedBackMinor: 0, heldMinor: 60_000, creditMinor: 40_000 },
    { waiting: { reason: 'refund_returned' } },
  );
});
