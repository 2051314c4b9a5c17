import { advanceClock } from '@safesend/shared/clock.ts';
import {
  getPayoutAccount,
  openPayoutOnboarding,
  requestPayout,
  setPayoutSchedule,
} from '@safesend/shared/escrow/calls.ts';
import { newId } from '@safesend/shared/ids.ts';
import { expect, test } from 'vitest';
import { send, signUp, type Person, type TestApp } from '../harness.ts';
import { look, makeDeal, release, settled, verify, type Deal } from '../money.ts';
import type { StripeDouble } from './double.ts';
import { onboard, paid, sayAgain, until } from './product.ts';
import { onStage } from './stage.ts';

let double: StripeDouble, app: TestApp;
onStage((stage) => ({ double, app } = stage));

const later = (advanceSeconds: number) =>
  send(`http://127.0.0.1:${app.port}`, advanceClock, { body: { advanceSeconds } });
const begin = (person: Person, country?: string) =>
  person.must(openPayoutOnboarding, { body: { ...(country !== undefined && { country }), commandId: newId() } });
const accountOf = (id: string) => double.things.get(id, 'v2.core.account');
async function nameOf({ id }: Person): Promise<string> {
  const [row] = await app.sql<{ name: string }>('select account_id as name from payout_accounts where user_id = $1', [
    id,
  ]);
  return row?.name ?? '';
}
/** He is told that it is gone, and what he can do. */
const isAskedForAnother = (person: Person) =>
  until(async () =>
    expect((await person.must(getPayoutAccount)).payoutAccount).toMatchObject({
      ...{ status: 'restricted', country: 'DE' },
      requirements: ['A new account: the one before was closed or disconnected'],
    }),
  );
const waitsForHim = (deal: Deal, milestoneId: string) =>
  until(async () =>
    expect((await look(deal, milestoneId)).waiting).toMatchObject({ reason: 'payout_onboarding', on: 'freelancer' }),
  );
/** Through with the account that takes the place of the one before; where what was released went to then. */
async function paidAfter(deal: Deal, milestoneId: string) {
  await begin(deal.freelancer);
  const name = await nameOf(deal.freelancer);
  double.moves.setAccount(accountOf(name), 'active');
  await settled(deal, milestoneId, 'released');
  const group = `ss_hold_${(await look(deal, milestoneId)).hold?.id}`;
  expect(double.of('transfer', { transfer_group: group })).toMatchObject([{ destination: name, amount: 90_000 }]);
  return name;
}

const goes: Readonly<Record<string, (accountId: string) => void>> = {
  'is not there': (id) => double.things.remove(id),
  'its owner disconnected': (id) => void (accountOf(id)['isDisconnected'] = true),
  'was closed': (id) => void (accountOf(id)['closed'] = true),
};

test.each(Object.keys(goes))(
  'J04 what is released to an account that %s waits until there is another one, and whoever owns it is told how',
  async (how) => {
    const deal = await makeDeal(app);
    const gone = await onboard(double, app, deal.freelancer);
    const body = { schedule: 'weekly' } as const;
    await deal.freelancer.must(setPayoutSchedule, { body });
    const { milestoneId } = await paid(double, deal);
    goes[how]?.(gone);
    expect((await release(deal, milestoneId, 100_000)).status).toBe(201);
    await waitsForHim(deal, milestoneId);
    await isAskedForAnother(deal.freelancer);
    const name = await paidAfter(deal, milestoneId);
    expect(name).not.toBe(gone);
    await until(() => expect(accountOf(name)['schedule'], 'what he had chosen').toMatchObject({ interval: 'weekly' }));
  },
);

test.each(['is not there', 'its owner disconnected'])(
  'J04 whoever asks something of an account that %s is told so, and led to another one',
  async (how) => {
    for (const ask of [
      (person: Person) => person.call(setPayoutSchedule, { body: { schedule: 'weekly' } }),
      (person: Person) =>
        person.call(requestPayout, { body: { amountMinor: 1_000, currency: 'EUR', commandId: newId() } }),
    ]) {
      const person = await signUp(app, 'freelancer');
      await verify(app, person);
      goes[how]?.(await onboard(double, app, person));
      const answer = await ask(person);
      expect(answer.status).toBe(409);
      expect(answer.body).toMatchObject({ detail: expect.stringContaining('closed or disconnected') as string });
      await isAskedForAnother(person);
      await begin(person);
      expect((await person.must(getPayoutAccount)).payoutAccount?.status).toBe('onboarding');
    }
  },
);

test('J04 a fault that Stripe keeps for setting payouts up stands in nobody’s way', async () => {
  const person = await signUp(app, 'freelancer');
  await verify(app, person);
  double.trouble('POST /v2/core/accounts', 'fault');
  await begin(person, 'DE');
  expect(await nameOf(person)).not.toBe('');
});

test('J04 T-M8 what was asked for of an account that is gone by then goes to the next one', async () => {
  const deal = await makeDeal(app);
  const gone = await onboard(double, app, deal.freelancer);
  const { milestoneId } = await paid(double, deal);
  double.trouble('POST /v1/transfers', 'fault', 'throttle');
  expect((await release(deal, milestoneId, 100_000)).status).toBe(201);
  const inDoubt = `select 1 from money_operations where kind = 'transfer' and state = 'unknown'`;
  await until(async () => expect(await app.sql(inDoubt)).toHaveLength(1));
  accountOf(gone)['isDisconnected'] = true;
  await later(31);
  await waitsForHim(deal, milestoneId);
  await isAskedForAnother(deal.freelancer);
  await paidAfter(deal, milestoneId);
});

test('J04 an account whose owner disconnected it is known as gone as soon as Stripe says so', async () => {
  const deal = await makeDeal(app);
  const gone = await onboard(double, app, deal.freelancer);
  accountOf(gone)['isDisconnected'] = true;
  await sayAgain(double, app, 'account.application.deauthorized', accountOf(gone), gone);
  await isAskedForAnother(deal.freelancer);
});

test('J04 two devices that begin to set payouts up at once are led to the same account', async () => {
  const person = await signUp(app, 'freelancer');
  await verify(app, person);
  double.trouble('POST /v2/core/accounts', 'slow', 'slow');
  await Promise.all([begin(person, 'DE'), begin(person, 'AT')]);
  const links = double.asked.filter(({ door }) => door === 'POST /v2/core/account_links').slice(-2);
  const name = await nameOf(person);
  expect(links.map(({ params }) => params['account'])).toEqual([name, name]);
});
