import {
  addPaymentMethod,
  getCardSetup,
  getPayoutAccount,
  listPaymentMethods,
  openPayoutOnboarding,
} from '@safesend/shared/escrow/calls.ts';
import type { PaymentMethod } from '@safesend/shared/escrow/wallet.ts';
import { newId } from '@safesend/shared/ids.ts';
import type { Milestone, MilestoneStatus } from '@safesend/shared/projects/milestone.ts';
import * as calls from '@safesend/shared/projects/money-calls.ts';
import { expect, vi } from 'vitest';
import { startTestApp, type Person, type TestApp, type TestSettings } from '../harness.ts';
import { look, plan, refund, settled, type Deal } from '../money.ts';
import type { StripeDouble } from './double.ts';
import type { Thing } from './state.ts';
import type { SentEvent } from './webhooks.ts';

export const secrets = { platform: 'whsec_platform', connect: 'whsec_connect', thin: 'whsec_thin' };

/** The environment of a product that speaks with this double. */
export function stripeEnvironment(double: StripeDouble): NodeJS.ProcessEnv {
  return {
    STRIPE_SECRET_KEY: double.secretKey,
    STRIPE_API_BASE: double.url,
    STRIPE_WEBHOOK_SECRET: secrets.platform,
    STRIPE_CONNECT_WEBHOOK_SECRET: secrets.connect,
    STRIPE_THIN_WEBHOOK_SECRET: secrets.thin,
  };
}

export async function startWithStripe(double: StripeDouble, settings: TestSettings = {}): Promise<TestApp> {
  const app = await startTestApp({
    ...settings,
    environment: { ...stripeEnvironment(double), ...settings.environment },
  });
  double.webhooks.addressee ??= { url: `http://127.0.0.1:${app.port}/api/v1`, secrets };
  return app;
}

/** Waits as long as a busy machine takes. */
export const until = <Value>(look: () => Value | Promise<Value>) => vi.waitFor(look, { timeout: 25_000, interval: 50 });

/** Begins to save one of Stripe's test cards, and waits for what becomes of it. */
export async function addCard(person: Person, testCard = 'pm_card_visa') {
  const body = { testCard, commandId: newId() };
  const { setup } = await person.must(addPaymentMethod, { body });
  return until(async () => {
    const now = await person.must(getCardSetup, { params: { setupId: setup.id } });
    expect(now.setup.status).not.toBe('processing');
    return now.setup;
  });
}

export async function savedCard(person: Person, testCard = 'pm_card_visa'): Promise<PaymentMethod> {
  await addCard(person, testCard);
  const { items } = await person.must(listPaymentMethods);
  const card = items.toSorted((a, b) => b.createdAt.localeCompare(a.createdAt))[0];
  if (!card) throw new Error('no card was saved');
  return card;
}

export async function becomes(deal: Deal, milestoneId: string, status: MilestoneStatus): Promise<Milestone> {
  return until(async () => {
    const milestone = await look(deal, milestoneId);
    expect(milestone.status).toBe(status);
    return milestone;
  });
}

export async function payWith(deal: Deal, milestoneId: string, paymentMethodId?: string): Promise<string> {
  const body = { ...(paymentMethodId !== undefined && { paymentMethodId }), commandId: newId() };
  return (await deal.client.must(calls.fundMilestone, { params: { milestoneId }, body })).payment.id;
}

export function intentOf(double: StripeDouble, paymentId: string): Promise<Thing> {
  return until(() => {
    const found = double
      .of('payment_intent')
      .find(({ metadata }) => (metadata as Record<string, string>)['payment_id'] === paymentId);
    expect(found).toBeDefined();
    return found as Thing;
  });
}

/** A milestone that is being paid in a browser: the money has not moved. */
export async function paying(double: StripeDouble, deal: Deal, amountMinor = 100_000) {
  const { id: milestoneId } = await plan(deal, amountMinor);
  const paymentId = await payWith(deal, milestoneId);
  return { milestoneId, paymentId, intent: await intentOf(double, paymentId) };
}

/** A milestone that was paid with a card, and told of. */
export async function paid(double: StripeDouble, deal: Deal, amountMinor = 100_000) {
  const started = await paying(double, deal, amountMinor);
  double.payments.succeed(started.intent);
  await becomes(deal, started.milestoneId, 'funded');
  return started;
}

/** A milestone that was paid, and 400.00 that were given back of it and came back: Stripe has just found that nobody takes them. */
export async function paidAndReturned(double: StripeDouble, deal: Deal) {
  const started = await paid(double, deal);
  expect((await refund(deal, started.milestoneId, 40_000)).status).toBe(201);
  await settled(deal, started.milestoneId);
  const [given] = double.of('refund', { payment_intent: started.intent.id });
  if (!given) throw new Error('no refund');
  double.moves.finishRefund(given, 'failed');
  return { ...started, given };
}

/** Sets payouts up, as far as `status`; answers the name of the account at Stripe. */
export async function onboard(double: StripeDouble, app: Pick<TestApp, 'sql'>, person: Person): Promise<string> {
  await person.must(openPayoutOnboarding, { body: { country: 'DE', commandId: newId() } });
  const [row] = await app.sql<{ account_id: string }>('select account_id from payout_accounts where user_id = $1', [
    person.id,
  ]);
  const accountId = row?.account_id ?? '';
  double.moves.setAccount(double.things.get(accountId, 'v2.core.account'), 'active');
  await until(async () => expect((await person.must(getPayoutAccount)).payoutAccount.status).toBe('active'));
  await allHeard(double, app, accountId);
  return accountId;
}

/** What Stripe has said of a thing so far is done with: nothing reads it anew behind a test's back. */
async function allHeard(double: StripeDouble, app: Pick<TestApp, 'sql'>, objectId: string): Promise<void> {
  if (double.webhooks.mode === 'held') return;
  const said = double.webhooks.events.filter((it) => it.objectId === objectId).map(({ id }) => id);
  const text = `select id from processor_events where id = any($1) and state <> 'received'`;
  await until(async () => expect(await app.sql(text, [said])).toHaveLength(said.length));
}

/** Stripe says of a thing what it is now, once more; the product has heard it and done what it would. */
export async function sayAgain(
  double: StripeDouble,
  app: Pick<TestApp, 'sql'>,
  type: string,
  thing: Thing,
  account?: string,
): Promise<void> {
  const event = double.webhooks.write(type, thing, account === undefined ? {} : { account });
  expect(await double.webhooks.deliver(event)).toBe(200);
  await until(async () =>
    expect(await app.sql('select state from processor_events where id = $1', [event.id])).toEqual([
      { state: 'applied' },
    ]),
  );
}

/** Lets something happen of which nothing is said yet; answers what would have been said. */
export async function unsaid(double: StripeDouble, happen: () => unknown): Promise<SentEvent[]> {
  const before = double.webhooks.events.length;
  double.webhooks.mode = 'held';
  await happen();
  double.webhooks.mode = 'sent';
  return double.webhooks.events.slice(before);
}

/** What the books say of a milestone, without names and moments. */
export async function booksOf(app: Pick<TestApp, 'sql'>, milestoneId: string): Promise<unknown[]> {
  return app.sql(
    `select t.kind, a.kind as account, e.amount_minor::float8 as amount from ledger_transactions t
       join ledger_entries e on e.transaction_id = t.id join ledger_accounts a on a.id = e.account_id
       join holds h on h.id = t.hold_id where h.milestone_id = $1 order by 1, 2, 3`,
    [milestoneId],
  );
}
