import { closeAccount } from '@safesend/shared/accounts/departure-calls.ts';
import { listTransactions, getWallet, requestPayout } from '@safesend/shared/escrow/calls.ts';
import { advanceClock } from '@safesend/shared/clock.ts';
import { newId } from '@safesend/shared/ids.ts';
import { listNotifications } from '@safesend/shared/notifications/calls.ts';
import { getDashboard } from '@safesend/shared/projects/calls.ts';
import * as calls from '@safesend/shared/projects/money-calls.ts';
import { expect, test, vi } from 'vitest';
import { creditPaidVerb, creditsVerb } from '../../../cli/credits.ts';
import { readEnv } from '../../../kernel/env.ts';
import { startTestApp, type Person, type TestApp } from '../../../../test/harness.ts';
import * as m from '../../../../test/money.ts';
import { told } from '../../../../test/money-laws.ts';

let app: TestApp;
m.onBooks((started) => (app = started));

const until = <Value>(look: () => Promise<Value>) => vi.waitFor(look, { timeout: 20_000, interval: 50 });
const walletOf = async (person: Person) => (await person.must(getWallet)).balances[0];
const kindsOf = async (person: Person) => (await person.must(listNotifications)).items.map(({ kind }) => kind);
const payOut = ({ freelancer }: m.Deal, amountMinor: number) =>
  freelancer.call(requestPayout, { body: { amountMinor, currency: 'EUR', commandId: newId() } });
const advance = ({ client }: m.Deal, advanceSeconds: number) => client.must(advanceClock, { body: { advanceSeconds } });

async function lose(deal: m.Deal, paymentId: string): Promise<void> {
  await m.drive(deal, paymentId, 'chargeback');
  await m.drive(deal, paymentId, 'chargeback_lost');
}

async function paidOut(deal: m.Deal): Promise<m.Funded> {
  const it = await m.fund(deal);
  await m.release(deal, it.milestoneId, 100_000);
  await m.settled(deal, it.milestoneId, 'released');
  return it;
}

test('J15 a chargeback lost after the release takes the money back from the freelancer’s account, once', async () => {
  const deal = await m.makeDeal(app);
  const { milestoneId, paymentId } = await paidOut(deal);
  await lose(deal, paymentId);
  await told(deal, 'chargeback.recovered', milestoneId);
  const { status, hold } = await m.look(deal, milestoneId);
  expect(status).toBe('released');
  expect(hold).toMatchObject({ releasedMinor: 100_000, owedMinor: 0, recoveredMinor: 90_000, chargedBackMinor: 0 });
  const reversals = await app.sql<{ amount: string; state: string }>(
    `select amount_minor::text as amount, state from money_operations o join holds h on h.id = o.hold_id
     where o.kind = 'reversal' and h.milestone_id = $1`,
    [milestoneId],
  );
  expect(reversals).toEqual([{ amount: '90000', state: 'succeeded' }]);
  expect((await walletOf(deal.freelancer))?.earning).toMatchObject({ availableMinor: 0, earnedMinor: 0, owedMinor: 0 });
  const { items } = await deal.freelancer.must(listTransactions);
  expect(items.map(({ kind, amountMinor }) => [kind, amountMinor])).toEqual([
    ['reversal', -90_000],
    ...[
      ['platform_fee', -10_000],
      ['release', 100_000],
    ].sort(() => (items[1]?.kind === 'release' ? -1 : 1)),
  ]);
  expect(await kindsOf(deal.freelancer)).toContain('chargeback.recovered');
});

test('J15 L6 who paid reads what his bank took back of a milestone, his service fee included: before and after the release; nobody else does', async () => {
  const deal = await m.makeDeal(app);
  const before = await m.fund(deal, 19_999);
  const after = await m.fund(deal, 19_999);
  await m.release(deal, after.milestoneId, 19_999);
  await m.settled(deal, after.milestoneId, 'released');
  const taken = async (person: Person, milestoneId: string) =>
    (await person.must(calls.getMilestone, { params: { milestoneId } })).takenBackMinor;
  for (const { milestoneId, paymentId } of [before, after]) {
    await m.drive(deal, paymentId, 'chargeback');
    expect(await taken(deal.client, milestoneId), 'not decided yet').toBe(0);
    await m.drive(deal, paymentId, 'chargeback_lost');
    await told(deal, 'chargeback.closed', milestoneId);
    expect(await taken(deal.client, milestoneId)).toBe(20_734);
    expect(await taken(deal.freelancer, milestoneId)).toBe(0);
  }
});

test('J16 what is available is paid out once, however many ask for it at the same moment', async () => {
  const deal = await m.makeDeal(app);
  await paidOut(deal);
  const answers = await Promise.all(Array.from({ length: 6 }, () => payOut(deal, 60_000)));
  expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409, 409, 409]);
});

test('J15 what was paid out already is owed, waits visibly, holds payouts back, and is taken from the next release', async () => {
  const deal = await m.makeDeal(app);
  const { milestoneId, paymentId } = await paidOut(deal);
  expect((await payOut(deal, 50_000)).status).toBe(201);
  await until(async () => expect((await walletOf(deal.freelancer))?.earning.paidOutMinor).toBe(50_000));
  await until(async () =>
    expect(
      await app.sql(
        `select 1 from test_money_objects t join money_operations o on o.id::text = t.operation_id
           join payouts p on p.id = o.payout_id where t.kind = 'payout' and p.user_id = $1`,
        [deal.freelancer.id],
      ),
    ).not.toEqual([]),
  );
  await lose(deal, paymentId);
  await until(async () =>
    expect(await m.look(deal, milestoneId)).toMatchObject({
      hold: { owedMinor: 90_000, recoveredMinor: 0 },
      waiting: { reason: 'recovery', on: 'freelancer' },
    }),
  );
  expect((await deal.freelancer.must(getDashboard)).turns, 'nothing of it is his to do').toEqual([]);
  expect((await walletOf(deal.freelancer))?.earning).toMatchObject({ availableMinor: -50_000, owedMinor: 90_000 });
  expect((await payOut(deal, 40_000)).status, 'what is there is owed').toBe(409);
  const owes = { detail: expect.stringContaining('You still owe') as string };
  expect(await deal.freelancer.call(closeAccount), 'A18').toMatchObject({ status: 409, body: owes });
  // However far off its next try is by now.
  await app.sql(
    `update money_operations o set next_at = now() + interval '1 day' from holds h
     where h.id = o.hold_id and h.milestone_id = $1 and o.kind = 'reversal' and o.state = 'waiting'`,
    [milestoneId],
  );
  await paidOut(deal);
  await told(deal, 'chargeback.recovered', milestoneId);
  expect(await m.look(deal, milestoneId)).toMatchObject({ hold: { owedMinor: 0 }, waiting: null });
  expect((await walletOf(deal.freelancer))?.earning).toMatchObject({ availableMinor: 40_000, owedMinor: 0 });
});

/** A release that is under way to a freelancer who cannot receive it yet. */
async function onItsWay(deal: m.Deal): Promise<m.Funded> {
  await m.beginPayouts(deal.freelancer);
  const it = await m.fund(deal);
  await m.release(deal, it.milestoneId, 100_000);
  await until(async () =>
    expect((await m.look(deal, it.milestoneId)).waiting).toMatchObject({ reason: 'payout_onboarding' }),
  );
  return it;
}
const ready = ({ freelancer }: m.Deal) => m.setUpPayouts(freelancer);

test('J15 a release that the processor may have already when the chargeback is lost is taken back once it has arrived', async () => {
  const deal = await m.meet(app);
  const { milestoneId, paymentId } = await onItsWay(deal);
  const transfer = `from holds h where h.id = o.hold_id and o.kind = 'transfer' and h.milestone_id = $1`;
  await app.sql(`update money_operations o set state = 'unknown', next_at = 'infinity' ${transfer}`, [milestoneId]);
  await lose(deal, paymentId);
  expect((await m.look(deal, milestoneId)).hold).toMatchObject({ owedMinor: 90_000, releasingMinor: 100_000 });
  await ready(deal);
  await app.sql(`update money_operations o set next_at = now() ${transfer}`, [milestoneId]);
  await told(deal, 'chargeback.recovered', milestoneId);
  expect((await m.look(deal, milestoneId)).hold).toMatchObject({ owedMinor: 0, recoveredMinor: 90_000 });
});

test('J15 J04 a release that has not left when its payment is charged back does not leave, and nobody owes it', async () => {
  const deal = await m.meet(app);
  const { milestoneId, paymentId } = await onItsWay(deal);
  await m.drive(deal, paymentId, 'chargeback');
  await ready(deal);
  await advance(deal, 700);
  expect((await m.look(deal, milestoneId)).hold).toMatchObject({ releasingMinor: 100_000, releasedMinor: 0 });
  await m.drive(deal, paymentId, 'chargeback_lost');
  expect(await m.look(deal, milestoneId)).toMatchObject({
    ...{ status: 'refunded', waiting: null },
    hold: { chargedBackMinor: 100_000, releasingMinor: 0, owedMinor: 0, platformFeeMinor: 0, status: 'charged_back' },
  });
  await advance(deal, 700);
  expect(await m.objectsOf(app, milestoneId, 'transfer')).toEqual([]);
  const { earning } = (await walletOf(deal.freelancer)) ?? {};
  expect(earning).toMatchObject({ pendingMinor: 0, earnedMinor: 0, availableMinor: 0, owedMinor: 0 });
  const { items } = await deal.freelancer.must(listTransactions);
  expect(items.reduce((sum, { amountMinor }) => sum + amountMinor, 0)).toBe(0);
  expect(new Set(items.map(({ id }) => id)).size).toBe(items.length);
});

test('J09 a refund that the bank sends back is the client’s credit, in sight, until it is given back again', async () => {
  const deal = await m.makeDeal(app);
  const { milestoneId, paymentId } = await m.fund(deal);
  await m.refund(deal, milestoneId, 40_000);
  await m.settled(deal, milestoneId);
  const params = { milestoneId };
  const again = (who: Person) => who.call(calls.retryRefund, { params, body: { commandId: newId() } });
  expect((await again(deal.client)).status, 'nothing came back').toBe(409);
  await m.drive(deal, paymentId, 'refund_returned');
  expect(await m.look(deal, milestoneId)).toMatchObject({
    hold: { refundedMinor: 40_000, creditMinor: 40_000, heldMinor: 60_000 },
    waiting: { reason: 'refund_returned', on: 'client' },
  });
  expect((await walletOf(deal.client))?.spending).toMatchObject({ refundedMinor: 0, creditMinor: 40_000 });
  expect(await kindsOf(deal.client)).toContain('milestone.refund.returned');
  expect((await again(deal.freelancer)).status).toBe(403);
  expect((await again(deal.client)).status).toBe(201);
  expect((await again(deal.client)).status, 'one at a time').toBe(409);
  const told = (await m.factsOf(deal)).filter(({ type }) => type === 'milestone.waiting');
  expect(told, 'by the client, who has it given back, and by no processor that would not answer').toMatchObject([
    { actorId: deal.client.id, data: { waiting: { again: true }, hold: { creditMinor: 40_000 } } },
  ]);
  await until(async () => expect((await m.look(deal, milestoneId)).hold?.creditMinor).toBe(0));
  expect((await m.look(deal, milestoneId)).waiting).toBeNull();
  expect((await walletOf(deal.client))?.spending).toMatchObject({ refundedMinor: 40_000, creditMinor: 0 });
  const { items } = await deal.client.must(listTransactions);
  expect(items.slice(0, 3).map(({ kind, amountMinor }) => [kind, amountMinor])).toEqual([
    ['refund', 40_000],
    ['refund_returned', -40_000],
    ['refund', 40_000],
  ]);
  await m.drive(deal, paymentId, 'refund_returned');
  expect((await m.look(deal, milestoneId)).hold).toMatchObject({ refundedMinor: 40_000, creditMinor: 40_000 });
});

test('J09 G12 a refund that came back unheard is found when the books are compared, and is the client’s credit then', async () => {
  const deal = await m.makeDeal(app);
  const { milestoneId } = await m.fund(deal);
  await m.refund(deal, milestoneId, 40_000);
  await m.settled(deal, milestoneId);
  // Whoever was to tell of it ended before he could.
  await app.sql(
    `update test_money_objects o set status = 'failed' from holds h where o.kind = 'refund' and o.parent_id = h.id::text and h.milestone_id = $1`,
    [milestoneId],
  );
  // Every process compares the books when it starts, and once an hour.
  const another = await startTestApp({ databaseUrl: app.databaseUrl, dataDir: app.dataDir });
  try {
    await until(async () => expect((await m.look(deal, milestoneId)).hold?.creditMinor).toBe(40_000));
    await until(async () => expect(await app.sql('select object_id, what from processor_differences')).toEqual([]));
  } finally {
    await another.close();
  }
});

test('J09 what came back can be paid another way: an operator writes it down, once, and nothing of it goes back again', async () => {
  const deal = await m.makeDeal(app);
  const { milestoneId, paymentId } = await m.fund(deal);
  await m.refund(deal, milestoneId, 40_000);
  await m.settled(deal, milestoneId);
  const env = readEnv({ NODE_ENV: 'test' });
  const desk = { env, databaseUrl: async () => app.databaseUrl, readInput: async () => '' };
  const record = (amount: string, currency = 'EUR') =>
    creditPaidVerb.run(desk, {
      ...{ words: [milestoneId], options: { 'amount-minor': amount, currency, reference: 'Transfer 4711' } },
    });
  await expect(record('40000'), 'nothing came back').rejects.toMatchObject({ exitCode: 4 });
  await m.drive(deal, paymentId, 'refund_returned');
  expect((await creditsVerb.run(desk, { words: [], options: {} })).value).toMatchObject({
    credits: expect.arrayContaining([expect.objectContaining({ milestoneId, amountMinor: 40_000 })]) as unknown,
  });
  for (const [amount, currency] of [
    ['39999', 'EUR'],
    ['40000', 'USD'],
  ] as const)
    await expect(record(amount, currency), `${amount} ${currency}`).rejects.toMatchObject({ exitCode: 4 });
  for (const amount of ['0', '-1', '1.5', '1e3'])
    await expect(record(amount), amount).rejects.toMatchObject({ exitCode: 2 });
  await record('40000');
  await expect(record('40000'), 'a second time').rejects.toMatchObject({ exitCode: 4 });
  expect(await m.look(deal, milestoneId)).toMatchObject({
    ...{ waiting: null, hold: { creditMinor: 0, refundedMinor: 40_000 } },
  });
  expect((await walletOf(deal.client))?.spending).toMatchObject({ refundedMinor: 40_000, creditMinor: 0 });
  expect(await kindsOf(deal.client)).toContain('milestone.credit.paid');
  const { items } = await deal.client.must(listTransactions);
  expect(items.slice(0, 3).map((it) => [it.kind, it.amountMinor, it.reference])).toEqual([
    ['refund', 40_000, 'Transfer 4711'],
    ['refund_returned', -40_000, null],
    ['refund', 40_000, null],
  ]);
  await m.expectSoundBooks(app);

  await m.refund(deal, milestoneId, 10_000);
  await m.settled(deal, milestoneId);
  await m.drive(deal, paymentId, 'refund_returned');
  const body = { commandId: newId() };
  await deal.client.must(calls.retryRefund, { params: { milestoneId }, body });
  await until(async () => expect((await m.look(deal, milestoneId)).hold?.creditMinor).toBe(0));
  expect(await m.objectsOf(app, milestoneId, 'refund'), 'what was paid elsewhere is not given again').toEqual([
    40_000, 10_000, 10_000,
  ]);
});

test('J09 while what came back is being given again, nobody writes down that it was paid another way', async () => {
  const deal = await m.makeDeal(app);
  const { milestoneId, paymentId } = await m.fund(deal);
  await m.refund(deal, milestoneId, 40_000);
  await m.settled(deal, milestoneId);
  await m.drive(deal, paymentId, 'refund_returned');
  // Nobody here gets to what another processor holds: the second refund waits.
  const holder = (name: string) =>
    app.sql('update holds set processor = $2 where milestone_id = $1', [milestoneId, name]);
  await holder('stripe');
  await deal.client.must(calls.retryRefund, { params: { milestoneId }, body: { commandId: newId() } });
  const env = readEnv({ NODE_ENV: 'test' });
  const desk = { env, databaseUrl: async () => app.databaseUrl, readInput: async () => '' };
  const options = { 'amount-minor': '40000', currency: 'EUR', reference: 'Transfer 4712' };
  await expect(creditPaidVerb.run(desk, { words: [milestoneId], options })).rejects.toMatchObject({ exitCode: 4 });
  await holder('test-money');
  await until(async () => expect((await m.look(deal, milestoneId)).hold?.creditMinor).toBe(0));
  expect(await m.objectsOf(app, milestoneId, 'refund')).toEqual([40_000, 40_000]);
});

/** 400.00 of 1,000.00 came back from the client's bank, and are his credit. */
async function cameBack(deal: m.Deal): Promise<m.Funded> {
  const it = await m.fund(deal);
  await m.refund(deal, it.milestoneId, 40_000);
  await m.settled(deal, it.milestoneId);
  await m.drive(deal, it.paymentId, 'refund_returned');
  return it;
}

/** Nobody gives the client anything, the way it came or another. */
async function expectNothingPayable(deal: m.Deal, milestoneId: string): Promise<void> {
  const again = await deal.client.call(calls.retryRefund, { params: { milestoneId }, body: { commandId: newId() } });
  expect(again.status).toBe(409);
  const desk = {
    env: readEnv({ NODE_ENV: 'test' }),
    databaseUrl: async () => app.databaseUrl,
    readInput: async () => '',
  };
  const options = { 'amount-minor': '40000', currency: 'EUR', reference: 'Transfer 4713' };
  await expect(creditPaidVerb.run(desk, { words: [milestoneId], options })).rejects.toMatchObject({ exitCode: 4 });
}

test('J09 J15 while a bank disputes a payment nothing of it is given back again; what it brings the client is his credit no longer', async () => {
  const deal = await m.makeDeal(app);
  const { milestoneId, paymentId } = await cameBack(deal);
  await m.drive(deal, paymentId, 'chargeback');
  await expectNothingPayable(deal, milestoneId);
  await m.drive(deal, paymentId, 'chargeback_lost');
  expect(await m.look(deal, milestoneId)).toMatchObject({
    ...{ waiting: null, hold: { chargedBackMinor: 60_000, creditMinor: 0, heldMinor: 0, owedMinor: 0 } },
  });
  await expectNothingPayable(deal, milestoneId);
  await m.expectSoundBooks(app);
});

test('J09 J15 test money takes back no more than is left of a payment; a refund that comes back then is credit, but for the fee the bank brought', async () => {
  const deal = await m.makeDeal(app);
  const { milestoneId, paymentId } = await m.fund(deal);
  await m.refund(deal, milestoneId, 40_000);
  await m.settled(deal, milestoneId);
  await lose(deal, paymentId);
  await m.drive(deal, paymentId, 'refund_returned');
  expect(await m.look(deal, milestoneId)).toMatchObject({
    waiting: { reason: 'refund_returned', on: 'client' },
    hold: { chargedBackMinor: 60_000, refundedMinor: 40_000, creditMinor: 40_000 - 3_535 },
  });
  const { items } = await deal.client.must(listTransactions);
  expect(items.slice(0, 3).map(({ kind, amountMinor }) => [kind, amountMinor])).toEqual([
    ['refund_returned', -40_000],
    ['chargeback', 63_535],
    ['refund', 40_000],
  ]);
  expect((await walletOf(deal.client))?.spending).toMatchObject({
    spentMinor: 3_535,
    creditMinor: 36_465,
    heldMinor: 0,
  });
  const back = await m.fund(deal);
  await m.refund(deal, back.milestoneId, 100_000);
  await m.settled(deal, back.milestoneId, 'refunded');
  await m.drive(deal, back.paymentId, 'chargeback');
  expect((await m.look(deal, back.milestoneId)).hold, 'of the fee alone').toMatchObject({
    frozenMinor: 0,
    atRiskMinor: 0,
  });
  await m.expectSoundBooks(app);
});

test('J09 J15 what a lost chargeback has brought the client is not given back, even where nobody took it off his credit', async () => {
  const deal = await m.makeDeal(app);
  const { milestoneId, paymentId } = await cameBack(deal);
  // As one would stand that was closed before anybody knew of such credits.
  await app.sql(
    `insert into chargebacks (id, hold_id, processor_chargeback_id, amount_minor, frozen_minor, fee_minor, currency, reason, status, opened_at, closed_at, payment_id, share_minor)
     select gen_random_uuid(), hold_id, 'tm_old', 30000, 0, 0, currency, 'general', 'lost', now(), now(), id, 0 from payments where id = $1`,
    [paymentId],
  );
  const again = () => deal.client.call(calls.retryRefund, { params: { milestoneId }, body: { commandId: newId() } });
  expect((await again()).status).toBe(409);
  await app.sql(`delete from chargebacks where processor_chargeback_id = 'tm_old'`);
  expect((await again()).status).toBe(201);
  await until(async () => expect((await m.look(deal, milestoneId)).hold?.creditMinor).toBe(0));
});

test('J09 J15 after a chargeback that was won what had come back is given back again', async () => {
  const deal = await m.makeDeal(app);
  const { milestoneId, paymentId } = await cameBack(deal);
  await m.drive(deal, paymentId, 'chargeback');
  await m.drive(deal, paymentId, 'chargeback_won');
  expect((await m.look(deal, milestoneId)).hold).toMatchObject({ creditMinor: 40_000, heldMinor: 60_000 });
  await deal.client.must(calls.retryRefund, { params: { milestoneId }, body: { commandId: newId() } });
  await until(async () => expect((await m.look(deal, milestoneId)).hold?.creditMinor).toBe(0));
});

test('J15 until when evidence is taken is a countdown that both see, and the freelancer is reminded of it', async () => {
  const deal = await m.makeDeal(app);
  const { milestoneId, paymentId } = await m.fund(deal);
  await m.drive(deal, paymentId, 'chargeback');
  const evidence = async () => (await m.look(deal, milestoneId)).clocks.find(({ kind }) => kind === 'evidence');
  const dueAt = (await evidence())?.dueAt ?? '';
  const { now } = await advance(deal, 0);
  expect(Math.round((Date.parse(dueAt) - Date.parse(now)) / 86_400_000)).toBe(7);
  const reminders = async () => (await kindsOf(deal.freelancer)).filter((kind) => kind.startsWith('evidence.'));
  for (const [days, kind] of [
    [4.1, 'evidence.3d'],
    [2, 'evidence.1d'],
    [1, 'evidence.0d'],
  ] as const) {
    await advance(deal, Math.round(days * 86_400));
    await until(async () => expect((await reminders())[0]).toBe(kind));
  }
  expect(await reminders()).toHaveLength(3);
  const amounts = (await deal.freelancer.must(listNotifications)).items
    .filter(({ kind }) => kind.startsWith('evidence.'))
    .map(({ amountMinor }) => amountMinor);
  expect(amounts, 'N02 with what depends on it').toEqual([100_000, 100_000, 100_000]);
  expect(await evidence(), 'the bank has still to decide').toMatchObject({ dueAt: null, pausedAt: null });
  await m.drive(deal, paymentId, 'chargeback_won');
  expect(await evidence()).toBeUndefined();
  const paid = await m.fund(deal);
  expect((await m.release(deal, paid.milestoneId, 100_000)).status).toBe(201);
  await m.settled(deal, paid.milestoneId, 'released');
  await m.drive(deal, paid.paymentId, 'chargeback');
  await advance(deal, 8 * 86_400);
  await until(async () =>
    expect((await m.look(deal, paid.milestoneId)).clocks, 'what was released is not safe yet').toEqual([
      { kind: 'evidence', dueAt: null, pausedAt: null, remainingSeconds: null },
    ]),
  );
  await m.drive(deal, paid.paymentId, 'chargeback_won');
  expect((await m.look(deal, paid.milestoneId)).clocks).toEqual([]);
  const second = await m.fund(deal);
  await m.drive(deal, second.paymentId, 'chargeback');
  await m.drive(deal, second.paymentId, 'chargeback_won');
  expect((await m.look(deal, second.milestoneId)).clocks.map(({ kind }) => kind)).not.toContain('evidence');
});
