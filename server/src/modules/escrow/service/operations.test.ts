import { advanceClock } from '@safesend/shared/clock.ts';
import { driveTestMoney } from '@safesend/shared/escrow/calls.ts';
import { newId } from '@safesend/shared/ids.ts';
import { fundMilestone } from '@safesend/shared/projects/money-calls.ts';
import { expect, test, vi } from 'vitest';
import type { TestApp } from '../../../../test/harness.ts';
import * as m from '../../../../test/money.ts';
import { queryOne } from '../../../kernel/sql.ts';
import { createLog } from '../../../kernel/log.ts';
import { openTestMoney } from '../../../kernel/ports/test-money.ts';
import { milestonesHold } from '../../projects/service/holding.ts';
import { readBack } from '../jobs.ts';
import { notePayment } from './applying.ts';
import { claimDue, execute, record } from './operations.ts';
import { operationColumns, type OperationRow } from './queue.ts';
import { reconcile } from './reconcile.ts';
import { lookAtRefund } from './returns.ts';
import { keyOf } from './taking.ts';

let app: TestApp;
m.onBooks((started) => (app = started));

let arrive: () => void = () => undefined;
const until = (look: () => Promise<void>) => vi.waitFor(look, { timeout: 20_000, interval: 50 });

test('T-M33 while the books and the processor differ about him, or about nobody in particular, nothing is released to him', async () => {
  const [deal, other] = [await m.makeDeal(app), await m.makeDeal(app)];
  const { milestoneId } = await m.fund(deal);
  const differ = (freelancerId: string | null) =>
    app.sql(
      `insert into processor_differences (processor, kind, object_id, what, freelancer_id, since, found_at)
       values ('test-money', 'transfer', 'tm_x', 'missing', $1, now() - interval '1 day', now())`,
      [freelancerId],
    );
  const agree = () => app.sql('delete from processor_differences');
  await differ(other.freelancer.id);
  expect((await m.release(deal, milestoneId, 10_000)).status).toBe(201);
  await m.settled(deal, milestoneId);
  for (const whose of [deal.freelancer.id, null]) {
    await agree();
    await differ(whose);
    expect((await m.release(deal, milestoneId, 10_000)).status).toBe(201);
    await until(async () =>
      expect((await m.look(deal, milestoneId)).waiting).toMatchObject({ reason: 'processor', on: 'product' }),
    );
    expect((await m.look(deal, milestoneId)).hold?.releasingMinor).toBe(10_000);
    await agree();
    await deal.client.must(advanceClock, { body: { advanceSeconds: 700 } });
    await m.settled(deal, milestoneId);
  }
  expect(await m.objectsOf(app, milestoneId, 'transfer')).toEqual([9_000, 9_000, 9_000]);
});

test('T-M33 a test card that takes its time has paid by then, for the comparison as well, and nobody decides otherwise', async () => {
  const deal = await m.makeDeal(app);
  const { id: milestoneId } = await m.plan(deal);
  const body = { testCard: 'tm_card_slow', commandId: newId() };
  const { payment } = await deal.client.must(fundMilestone, { params: { milestoneId }, body });
  const isThere = `select 1 from test_money_objects where kind = 'payment' and parent_id = $1`;
  await until(async () => expect(await app.sql(isThere, [payment.id])).toHaveLength(1));
  await deal.client.must(advanceClock, { body: { advanceSeconds: 6 } });
  const said = await deal.client.call(driveTestMoney, { body: { paymentId: payment.id, outcome: 'decline' } });
  expect(said.status, 'it has paid by then').toBe(409);
  await readBack(working());
  expect((await m.look(deal, milestoneId)).status).toBe('funded');
  const { differences } = await reconcile({ orm: app.orm, processor: openTestMoney(app.orm) }, new Date(0));
  expect(differences).toEqual([]);
});

test('T-M8 G10 what is heard of a call or a payment after it was settled changes nothing, whatever it says', async () => {
  const deal = await m.makeDeal(app);
  const { milestoneId, paymentId } = await m.fund(deal);
  await m.release(deal, milestoneId, 40_000);
  const before = await m.settled(deal, milestoneId);
  const text = `select ${operationColumns}, true as in_doubt, false as key_is_old from money_operations o
    join holds h on h.id = o.hold_id where h.milestone_id = $1 and o.kind = 'transfer'`;
  const read = () => queryOne<OperationRow>(app.orm.em.fork(), text, [milestoneId]);
  const operation = await read();
  if (!operation) throw new Error('no transfer');
  const deps = {
    ...{ orm: app.orm, transact: app.transact, owner: milestonesHold, processor: null },
    log: createLog({ level: 'silent', pretty: false }),
  };
  const late = [
    { status: 'unknown', message: 'no answer' },
    { status: 'waiting', reason: 'account', message: 'not yet' },
    { status: 'failed', objectId: null, code: 'refused', message: 'no' },
    { status: 'succeeded', objectId: 'tm_another' },
  ] as const;
  for (const result of late) await app.transact({ id: null }, (tx) => record(tx, deps, operation, result));
  const refusal = { code: 'refused', message: 'too late' };
  await app.transact({ id: null }, (tx) => notePayment(tx, deps, paymentId, refusal));
  expect(await read()).toEqual(operation);
  expect(await m.look(deal, milestoneId)).toEqual(before);
  expect(await app.sql('select status from payments where id = $1', [paymentId])).toEqual([{ status: 'succeeded' }]);
});

/** An operation that the other processor has: nobody here takes it but whoever this test says. */
async function takenTwice(deal: m.Deal, milestoneId: string, kind: 'transfer' | 'payment') {
  const text = `update money_operations o set state = 'in_flight', attempts = attempts + 1, next_at = 'infinity'
    from holds h where h.id = o.hold_id and h.milestone_id = $1 and o.kind = $2 returning ${operationColumns}, false as in_doubt,
    false as key_is_old`;
  const take = async (): Promise<OperationRow> => {
    const row = await queryOne<OperationRow>(app.orm.em.fork(), text, [milestoneId, kind]);
    if (!row) throw new Error('nothing to take');
    return row;
  };
  const [overtaken, last] = [await take(), await take()];
  return { overtaken, last };
}
const holder = (milestoneId: string, name: string) =>
  app.sql('update holds set processor = $2 where milestone_id = $1', [milestoneId, name]);
const working = () => ({
  ...{ orm: app.orm, transact: app.transact, owner: milestonesHold, processor: openTestMoney(app.orm) },
  log: createLog({ level: 'silent', pretty: false }),
});

test('T-M7 T-M8 whoever was overtaken writes down nothing of an operation and renews no key: the last to take it does', async () => {
  const deal = await m.makeDeal(app);
  const { milestoneId } = await m.fund(deal);
  await holder(milestoneId, 'stripe');
  await m.release(deal, milestoneId, 40_000);
  const { overtaken, last } = await takenTwice(deal, milestoneId, 'transfer');
  const stateOf = () =>
    app.sql('select state, attempts, idempotency_key as key from money_operations where id = $1', [last.id]);
  const before = await stateOf();
  const answers = [
    { status: 'unknown', message: 'no answer' },
    { status: 'waiting', reason: 'account', message: 'not yet' },
    { status: 'failed', objectId: null, code: 'refused', message: 'no' },
    { status: 'succeeded', objectId: 'tm_of_the_overtaken' },
  ] as const;
  for (const answer of answers) await app.transact({ id: null }, (tx) => record(tx, working(), overtaken, answer));
  expect(await keyOf(app.orm.em.fork(), overtaken, true)).toBeNull();
  expect(await keyOf(app.orm.em.fork(), overtaken, false), 'nor does he send anything').toBeNull();
  expect(await stateOf()).toEqual(before);
  expect((await m.look(deal, milestoneId)).hold?.releasingMinor).toBe(40_000);
  await execute(working(), last);
  expect((await m.look(deal, milestoneId)).hold).toMatchObject({ releasedMinor: 40_000, releasingMinor: 0 });
  await holder(milestoneId, 'test-money');
});

test('T-M2 T-M8 what an overtaken worker sends in the end is the same transfer, also when the last one was told to wait', async () => {
  const deal = await m.makeDeal(app);
  const { milestoneId } = await m.fund(deal);
  await holder(milestoneId, 'stripe');
  await m.release(deal, milestoneId, 40_000);
  const { overtaken, last } = await takenTwice(deal, milestoneId, 'transfer');
  const canReceive = (status: 'active' | 'restricted') =>
    app.sql('update payout_accounts set status = $2 where user_id = $1', [deal.freelancer.id, status]);
  const money = openTestMoney(app.orm);
  // He has read the key and asked for the account, and is held up on his way for longer than an answer may take.
  const stalled = { ...working(), processor: { ...money, transfer: waits } };
  let goOn: () => void = () => undefined;
  const arrived = new Promise<void>((resolve) => {
    arrive = resolve;
  });
  async function waits(order: Parameters<typeof money.transfer>[0]) {
    const waiting = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    arrive();
    await waiting;
    return money.transfer(order);
  }
  await app.sql(`update money_operations set attempts = $2 where id = $1`, [last.id, overtaken.attempts]);
  const sending = execute(stalled, overtaken);
  await arrived;
  await app.sql(`update money_operations set attempts = $2 where id = $1`, [last.id, last.attempts]);
  await canReceive('restricted');
  await execute(working(), { ...last, in_doubt: true });
  goOn();
  await sending;
  await canReceive('active');
  await holder(milestoneId, 'test-money');
  await deal.client.must(advanceClock, { body: { advanceSeconds: 700 } });
  await m.settled(deal, milestoneId);
  expect(await m.objectsOf(app, milestoneId, 'transfer')).toEqual([36_000]);
});

test('T-M7 an operation that one worker is taking is taken by no other', async () => {
  const deal = await m.makeDeal(app);
  const { milestoneId } = await m.fund(deal);
  await holder(milestoneId, 'stripe');
  await m.release(deal, milestoneId, 40_000);
  const workers = [app.orm.em.fork(), app.orm.em.fork()];
  const taken = await app.transact({ id: null }, async (tx) => {
    await tx.query(
      `select 1 from money_operations where kind = 'transfer' and hold_id in (select id from holds where milestone_id = $1) for update`,
      [milestoneId],
    );
    return Promise.all(workers.map((em) => claimDue(em, 'stripe', 8)));
  });
  expect(taken.result, 'nor does anybody wait for it').toEqual([[], []]);
  const claims = await Promise.all(workers.map((em) => claimDue(em, 'stripe', 8)));
  expect(claims.flat()).toHaveLength(1);
  const waits = `select next_at - sent_at >= interval '30 seconds' as waits from money_operations where id = $1`;
  expect(await app.sql(waits, [claims.flat()[0]?.id]), 'until its answer may be lost').toEqual([{ waits: true }]);
  await execute(working(), claims.flat()[0] as OperationRow);
  await holder(milestoneId, 'test-money');
});

test('T-M7 T-M8 a refusal that an overtaken worker heard ends no payment that another one has', async () => {
  const deal = await m.makeDeal(app);
  const { id: milestoneId } = await m.plan(deal);
  await app.sql(`create function not_now() returns trigger language plpgsql as
    $$ begin new.next_at := 'infinity'; return new; end $$`);
  await app.sql('create trigger not_now before insert on money_operations for each row execute function not_now()');
  const { id: paymentId } = await m.beginFunding(deal, milestoneId);
  await app.sql('drop trigger not_now on money_operations');
  const { overtaken, last } = await takenTwice(deal, milestoneId, 'payment');
  await execute(working(), { ...overtaken, key_is_old: true });
  expect(await app.sql('select status from payments where id = $1', [paymentId])).toEqual([{ status: 'processing' }]);
  expect(await app.sql('select state from money_operations where id = $1', [last.id])).toEqual([
    { state: 'in_flight' },
  ]);
  await execute(working(), last);
  expect(await app.sql('select state from money_operations where id = $1', [last.id])).toEqual([
    { state: 'succeeded' },
  ]);
});

test('J09 of two that hear of a refund’s return at once the second takes nothing of another refund that is on its way', async () => {
  const deal = await m.makeDeal(app);
  const { milestoneId, paymentId } = await m.fund(deal);
  await m.refund(deal, milestoneId, 40_000);
  await m.settled(deal, milestoneId);
  await m.drive(deal, paymentId, 'refund_returned');
  await holder(milestoneId, 'stripe');
  await m.refund(deal, milestoneId, 50_000);
  const [returned] = await app.sql<{ id: string }>(
    `select id from money_operations where payment_id = $1 and state = 'returned'`,
    [paymentId],
  );
  await lookAtRefund(working(), returned?.id ?? '');
  const { hold } = await m.look(deal, milestoneId);
  expect(hold).toMatchObject({ creditMinor: 40_000, refundedMinor: 40_000, refundingMinor: 50_000 });
  await holder(milestoneId, 'test-money');
  expect((await m.settled(deal, milestoneId)).hold).toMatchObject({ creditMinor: 40_000, refundedMinor: 90_000 });
});
