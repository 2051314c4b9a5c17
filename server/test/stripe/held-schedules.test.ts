import { advanceClock } from '@safesend/shared/clock.ts';
import * as calls from '@safesend/shared/escrow/calls.ts';
import pg from 'pg';
import { expect, test } from 'vitest';
import { send, type TestApp } from '../harness.ts';
import { look, release, settled, type Deal } from '../money.ts';
import type { StripeDouble } from './double.ts';
import { paid, sayAgain, until } from './product.ts';
import { onStage } from './stage.ts';

let double: StripeDouble, app: TestApp, deal: Deal, accountId: string;
onStage((stage) => ({ double, app, deal, accountId } = stage), { isOnboarded: true });

const account = () => double.things.get(accountId, 'v2.core.account');
const atStripe = (interval: string) => until(() => expect(account()['schedule']).toMatchObject({ interval }));
const chosen = async () => (await deal.freelancer.must(calls.getPayoutAccount)).payoutAccount.schedule;
/** That Stripe was told is written down after it has answered. */
const toldOfHolding = () =>
  until(async () =>
    expect(
      await app.sql('select 1 from payout_accounts where account_id = $1 and is_held and not is_schedule_due', [
        accountId,
      ]),
    ).toHaveLength(1),
  );
const choose = (schedule: 'daily' | 'weekly' | 'manual') =>
  deal.freelancer.call(calls.setPayoutSchedule, { body: { schedule } });

/** He has chosen and is paid, all but so much of it leaves his account, and a chargeback of it is lost. */
async function owes(schedule: 'daily' | 'weekly', leftMinor = 0) {
  expect((await choose(schedule)).status).toBe(204);
  await atStripe(schedule);
  const { milestoneId, intent } = await paid(double, deal);
  expect((await release(deal, milestoneId, 100_000)).status).toBe(201);
  await settled(deal, milestoneId, 'released');
  const there = double.things.balance(accountId, 'eur') - leftMinor;
  double.things.add(accountId, 'eur', -there);
  double.payments.closeDispute(double.payments.openDispute(intent), 'lost');
  return { milestoneId, there };
}

/** What had left is there again, and what he owes is taken of it. */
async function comesBack(there: number): Promise<void> {
  double.things.add(accountId, 'eur', there);
  await send(`http://127.0.0.1:${app.port}`, advanceClock, { body: { advanceSeconds: 700 } });
}

test('J15 J16 while he owes what a chargeback took, Stripe pays nothing out by itself; what he chose is kept from then on', async () => {
  const { milestoneId, there } = await owes('weekly', 30_000);
  await until(async () => expect((await look(deal, milestoneId)).hold?.owedMinor).toBe(90_000));
  await atStripe('manual');
  expect(await chosen()).toBe('weekly');
  const asked = double.asked.length;
  expect((await choose('daily')).status, 'for later').toBe(204);
  expect(account()['schedule'], 'not for a moment').toMatchObject({ interval: 'manual' });
  const toldStripe = double.asked.slice(asked).filter(({ door }) => door.includes('balance_settings'));
  expect(JSON.stringify(toldStripe), 'nor then').not.toContain('daily');
  // As whoever died between Stripe's answer and writing it down has left it.
  await app.sql('update payout_accounts set is_held = false where account_id = $1', [accountId]);
  await sayAgain(double, app, 'v2.core.account[requirements].updated', account(), accountId);
  expect(await chosen(), 'read again while it is held back').toBe('daily');
  const held = () => app.sql('select 1 from payout_accounts where account_id = $1 and is_held', [accountId]);
  await until(async () => expect(await held(), 'the next round').toHaveLength(1));
  await comesBack(there);
  await until(async () => expect((await look(deal, milestoneId)).hold).toMatchObject({ owedMinor: 0 }));
  await atStripe('daily');
  expect(await chosen()).toBe('daily');
}, 60_000);

test('J15 J16 what he chooses while the last of what he owes is taken back is what Stripe keeps in the end', async () => {
  const { there } = await owes('daily');
  await atStripe('manual');
  // His choice was looked at, and waits to be written down.
  await app.sql(`create function wait() returns trigger language plpgsql as
    $$ begin perform pg_advisory_xact_lock_shared(1); return null; end $$`);
  await app.sql('create trigger wait before update of schedule on payout_accounts execute function wait()');
  const holder = new pg.Client({ connectionString: app.databaseUrl });
  await holder.connect();
  await holder.query('select pg_advisory_lock(1)');
  const chosenLate = choose('manual');
  await until(async () =>
    expect(await app.sql(`select 1 from pg_locks where locktype = 'advisory' and not granted`)).not.toEqual([]),
  );
  await comesBack(there);
  await atStripe('daily');
  await holder.end();
  expect((await chosenLate).status).toBe(204);
  await atStripe('manual');
  expect(await chosen()).toBe('manual');
}, 60_000);

test('J15 J16 a schedule that somebody who owes changes at Stripe itself is held back again, and his choice stays the one made here', async () => {
  const { there } = await owes('weekly');
  await atStripe('manual');
  await toldOfHolding();
  account()['schedule'] = { interval: 'daily' };
  await sayAgain(double, app, 'account.updated', account(), accountId);
  await atStripe('manual');
  expect(await chosen()).toBe('weekly');
  await comesBack(there);
  await atStripe('weekly');
}, 90_000);
