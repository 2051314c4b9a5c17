import { advanceClock } from '@safesend/shared/clock.ts';
import { reauthenticate } from '@safesend/shared/accounts/calls.ts';
import { closeAccount } from '@safesend/shared/accounts/departure-calls.ts';
import {
  getPayoutAccount,
  listPayouts,
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
import type { Thing } from './state.ts';

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

/** 900.00 that were released to him, and of which he asks for so much. */
async function earner() {
  const { freelancer, ...deal } = await makeDeal(app);
  const gone = await onboard(double, app, freelancer);
  const { milestoneId } = await paid(double, { freelancer, ...deal });
  expect((await release({ freelancer, ...deal }, milestoneId, 100_000)).status).toBe(201);
  await settled({ freelancer, ...deal }, milestoneId, 'released');
  const ask = (amountMinor: number) =>
    freelancer.call(requestPayout, { body: { amountMinor, currency: 'EUR', commandId: newId() } });
  return { freelancer, gone, ask };
}
const payoutsAt = (account: string) =>
  until(() => {
    const made = double.of('payout', { account });
    expect(made).toHaveLength(1);
    return made[0] as Thing;
  });
/** What is known of the call that asked for his payout. */
const asks = ({ id }: Person, state: 'unknown' | 'succeeded') =>
  until(async () => {
    const text = 'select o.state from money_operations o join payouts p on p.id = o.payout_id where p.user_id = $1';
    expect(await app.sql(text, [id])).toEqual([{ state }]);
  });
/** He goes on with another account, which is ready and has so much of its own. */
async function anotherWith(person: Person, amount: number): Promise<string> {
  await begin(person);
  const name = await nameOf(person);
  double.things.add(name, 'eur', amount);
  double.moves.setAccount(accountOf(name), 'active');
  await until(async () => expect((await person.must(getPayoutAccount)).payoutAccount.status).toBe('active'));
  return name;
}

test.each(['paid', 'failed'] as const)(
  'J04 J16 a payout of an account in whose place there is another one by then is known to be %s',
  async (status) => {
    const { freelancer, gone, ask } = await earner();
    expect((await ask(90_000)).status).toBe(201);
    const payout = await payoutsAt(gone);
    accountOf(gone)['closed'] = true;
    expect(await anotherWith(freelancer, 0)).not.toBe(gone);
    double.moves.finishPayout(payout, status);
    await until(async () => expect((await freelancer.must(listPayouts)).items).toMatchObject([{ status }]));
  },
);

test('J04 J16 T-M8 a payout whose answer was lost is looked for at the account that it was asked of, not made at the next one', async () => {
  const { freelancer, gone, ask } = await earner();
  double.trouble('POST /v1/payouts', 'drop', 'drop');
  expect((await ask(90_000)).status).toBe(201);
  await payoutsAt(gone);
  await asks(freelancer, 'unknown');
  accountOf(gone)['closed'] = true;
  const name = await anotherWith(freelancer, 90_000);
  await later(31);
  await asks(freelancer, 'succeeded');
  expect(double.of('payout', { account: name })).toEqual([]);
});

test('J16 what was asked of an account that nobody reaches any more, without an answer, takes nothing of the next one, and ends', async () => {
  const { freelancer, gone, ask } = await earner();
  double.trouble('POST /v1/payouts', 'throttle');
  expect((await ask(90_000)).status).toBe(201);
  await asks(freelancer, 'unknown');
  accountOf(gone)['isDisconnected'] = true;
  const name = await anotherWith(freelancer, 90_000);
  expect((await ask(90_000)).status).toBe(201);
  double.moves.finishPayout(await payoutsAt(name), 'paid');
  await later(31);
  await until(async () =>
    expect((await freelancer.must(listPayouts)).items).toMatchObject([{ status: 'paid' }, { status: 'failed' }]),
  );
});

test('J16 A18 a payout of an account that nobody reaches any more keeps nobody from closing his own', async () => {
  const { freelancer, gone, ask } = await earner();
  expect((await ask(90_000)).status).toBe(201);
  await payoutsAt(gone);
  await asks(freelancer, 'succeeded');
  accountOf(gone)['isDisconnected'] = true;
  await anotherWith(freelancer, 0);
  await freelancer.must(reauthenticate, { body: { password: 'correct horse battery staple' } });
  expect(await freelancer.call(closeAccount)).toMatchObject({ status: 204 });
});
