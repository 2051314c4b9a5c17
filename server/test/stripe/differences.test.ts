import { advanceClock } from '@safesend/shared/clock.ts';
import { expect, test } from 'vitest';
import { acceptDifferenceVerb } from '../../src/cli/accept.ts';
import { reconcileVerb } from '../../src/cli/reconcile.ts';
import { readEnv } from '../../src/kernel/env.ts';
import { send, type TestApp } from '../harness.ts';
import { look, makeDeal, release, settled } from '../money.ts';
import type { StripeDouble } from './double.ts';
import { onboard, paid, stripeEnvironment, unsaid, until } from './product.ts';
import { onStage } from './stage.ts';
import type { Thing } from './state.ts';

let double: StripeDouble, app: TestApp;
onStage((stage) => ({ double, app } = stage));

const later = (advanceSeconds: number) =>
  send(`http://127.0.0.1:${app.port}`, advanceClock, { body: { advanceSeconds } });
const desk = () => {
  const env = readEnv({ NODE_ENV: 'test', ...stripeEnvironment(double) });
  return { env, databaseUrl: async () => app.databaseUrl, readInput: async () => '' };
};
const compared = () => reconcileVerb.run(desk(), { options: {}, words: [] });
const accept = (objectId: string, note = 'Ticket 12') =>
  acceptDifferenceVerb.run(desk(), { words: [objectId], options: { note } });
async function onboarded() {
  const deal = await makeDeal(app);
  await onboard(double, app, deal.freelancer);
  return { deal, ...(await paid(double, deal)) };
}
/** As somebody does it in the Dashboard. */
const giveBackByHand = (intent: Thing) =>
  double.moves.refund({ payment_intent: intent.id, amount: 1_000, metadata: {} } as never);

test('T-M33 a refund made in the Dashboard stops the releases of nobody but its freelancer, and his until somebody accepts it', async () => {
  const [mine, other] = await Promise.all([onboarded(), onboarded()]);
  const { id: refundId } = giveBackByHand(mine.intent);
  const found = await compared();
  expect(found).toMatchObject({ value: { differences: [{ objectId: refundId, what: 'unknown' }] }, exitCode: 5 });
  for (const it of [mine, other]) expect((await release(it.deal, it.milestoneId, 50_000)).status).toBe(201);
  await settled(other.deal, other.milestoneId);
  await until(async () =>
    expect((await look(mine.deal, mine.milestoneId)).waiting).toMatchObject({ reason: 'processor' }),
  );
  await expect(accept('re_unheard')).rejects.toMatchObject({ exitCode: 3 });
  expect((await accept(refundId)).text).toContain(refundId);
  await expect(accept(refundId, 'Another')).rejects.toMatchObject({ exitCode: 4 });
  await later(700);
  await settled(mine.deal, mine.milestoneId);
  const after = await compared();
  expect(after).toMatchObject({ value: { differences: [], accepted: [{ objectId: refundId, ours: 'Ticket 12' }] } });
  expect(after.exitCode).toBe(0);
  expect(after.text).toContain('Ticket 12');
  const metrics = await (await fetch(`http://127.0.0.1:${app.port}/metrics`)).text();
  expect(metrics).toMatch(/safesend_processor_differences 0\b/);
  expect((await release(mine.deal, mine.milestoneId, 50_000)).status).toBe(201);
  await settled(mine.deal, mine.milestoneId, 'released');
});

test('T-M33 what both sides have is accepted by nobody', async () => {
  const { intent } = await onboarded();
  intent['amount_received'] = 100;
  expect((await compared()).value).toMatchObject({ differences: [{ objectId: intent.id, what: 'amount' }] });
  await expect(accept(intent.id)).rejects.toMatchObject({ exitCode: 4 });
  intent['amount_received'] = intent['amount'];
  expect((await compared()).exitCode).toBe(0);
});

test('T-M33 J15 a chargeback that is compared before it was heard of concerns its freelancer alone', async () => {
  const { deal, intent } = await onboarded();
  let dispute: Thing | undefined;
  const said = await unsaid(double, () => (dispute = double.payments.openDispute(intent)));
  expect((await compared()).value).toMatchObject({
    differences: [{ objectId: dispute?.id, what: 'unknown', freelancerId: deal.freelancer.id }],
  });
  for (const event of said) expect(await double.webhooks.deliver(event)).toBe(200);
  await until(async () => expect(await compared()).toMatchObject({ value: { differences: [] } }));
});

test('T-M33 what another product transfers on the same account is left out; by hand to an account of ours it is named', async () => {
  const { deal } = await onboarded();
  const [row] = await app.sql<{ account_id: string }>('select account_id from payout_accounts where user_id = $1', [
    deal.freelancer.id,
  ]);
  const transferTo = (destination: unknown, group: string | null) => {
    const reversals = { object: 'list', data: [] as Thing[], has_more: false };
    const money = { amount: 700, currency: 'eur', metadata: { shop: 'x' } };
    const it = double.things.make('tr', 'transfer', { ...money, destination, transfer_group: group, reversals });
    reversals.data.push(double.things.make('trr', 'transfer_reversal', { ...money, amount: 100 }));
    return it;
  };
  transferTo('acct_other_product', 'shop_1');
  transferTo('acct_other_product', null);
  expect((await compared()).value).toMatchObject({ differences: [] });
  const byHand = transferTo(row?.account_id, null);
  const named = (await compared()).value as { differences: { objectId: string; freelancerId: string }[] };
  expect(named.differences.map(({ freelancerId }) => freelancerId)).toEqual([deal.freelancer.id, deal.freelancer.id]);
  expect(named.differences.map(({ objectId }) => objectId)).toContain(byHand.id);
});
