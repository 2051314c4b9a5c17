import type Stripe from 'stripe';
import type { AccountState, Money, PayoutState, Processor } from '../processor.ts';
import { isOurs, makeOnce, moneyOf, orGone, orNull, saidOf } from './client.ts';

type Accounts = Pick<
  Processor,
  | 'account'
  | 'readAccount'
  | 'onboardingLink'
  | 'setSchedule'
  | 'available'
  | 'nextPayout'
  | 'readPayout'
  | 'listPayouts'
>;
type Account = Stripe.V2.Core.Account;
type Schedule = AccountState['schedule'];

const schedules: readonly Schedule[] = ['daily', 'weekly', 'monthly', 'manual'];
const include: Stripe.V2.Core.AccountRetrieveParams.Include[] = ['configuration.recipient', 'identity', 'requirements'];

/** May money be transferred there? Asked right before every transfer: a capability can be lost between decision and transfer. */
export async function canReceive(stripe: Stripe, accountId: string): Promise<boolean> {
  const account = await orGone(stripe.v2.core.accounts.retrieve(accountId, { include: ['configuration.recipient'] }));
  return account !== null && account.closed !== true && transfersOf(account) === 'active';
}

export function accountMethods(stripe: Stripe): Accounts {
  const read = async (accountId: string) => {
    const account = await orGone(stripe.v2.core.accounts.retrieve(accountId, { include }));
    if (!account || account.closed === true) return null;
    const settings = await orGone(stripe.balanceSettings.retrieve({}, { stripeAccount: accountId }));
    return settings && asAccount(account, settings.payments.payouts?.schedule?.interval);
  };
  return {
    async account({ userId, email, name, country, instead }) {
      const params: Stripe.V2.Core.AccountCreateParams = {
        contact_email: email,
        display_name: name,
        dashboard: 'express',
        identity: { country: country.toLowerCase() },
        // Only what receives: asking for card payments makes the way in longer, for nothing.
        configuration: { recipient: { capabilities: { stripe_balance: { stripe_transfers: { requested: true } } } } },
        defaults: { responsibilities: { fees_collector: 'application', losses_collector: 'application' } },
        metadata: { user_id: userId },
        include,
      };
      const which = instead === null ? country : `${country}_${instead}`;
      const key = `account_${userId}_${which}_${saidOf({ email, name })}`;
      const account = await makeOnce(key, (idempotencyKey) =>
        stripe.v2.core.accounts.create(params, { idempotencyKey }),
      );
      return asAccount(account, 'daily');
    },
    readAccount: read,
    async onboardingLink(accountId, { returnUrl, refreshUrl }) {
      // Who is through sees his own page at Stripe instead.
      if (await canReceive(stripe, accountId)) {
        return { url: (await stripe.accounts.createLoginLink(accountId)).url, expiresAt: null };
      }
      const link = await stripe.v2.core.accountLinks.create({
        account: accountId,
        use_case: {
          type: 'account_onboarding',
          account_onboarding: {
            refresh_url: refreshUrl,
            return_url: returnUrl,
            collection_options: { fields: 'eventually_due' },
          },
        },
      });
      return { url: link.url, expiresAt: new Date(link.expires_at) };
    },
    async setSchedule(accountId, schedule) {
      const payments = { payouts: { schedule: scheduleOf(schedule) } };
      const set = await orGone(stripe.balanceSettings.update({ payments }, { stripeAccount: accountId }));
      return set !== null;
    },
    async available(accountId) {
      const balance = await orGone(stripe.balance.retrieve({}, { stripeAccount: accountId }));
      return (
        balance?.available.flatMap(({ amount, currency }): Money[] =>
          isOurs(currency) ? [moneyOf(amount, currency)] : [],
        ) ?? null
      );
    },
    nextPayout: async (_accountId, schedule, now) => nextOf(schedule, now),
    async readPayout(accountId, id) {
      const payout = await orNull(stripe.payouts.retrieve(id, {}, { stripeAccount: accountId }));
      return payout && asPayout(payout, accountId);
    },
    async listPayouts(accountId, since) {
      const payouts: PayoutState[] = [];
      const params = { created: { gte: Math.floor(since.getTime() / 1_000) }, limit: 100 };
      for await (const payout of stripe.payouts.list(params, { stripeAccount: accountId })) {
        payouts.push(asPayout(payout, accountId));
      }
      return payouts;
    },
  };
}

/** Weekly and monthly payouts need a day. */
function scheduleOf(schedule: Schedule): Stripe.BalanceSettingsUpdateParams.Payments.Payouts.Schedule {
  if (schedule === 'weekly') return { interval: 'weekly', weekly_payout_days: ['monday'] };
  if (schedule === 'monthly') return { interval: 'monthly', monthly_payout_days: [1] };
  return { interval: schedule };
}

/** The day after, the next Monday, the next first of a month: the days of `scheduleOf`, as Stripe counts them, in UTC. */
function nextOf(schedule: Schedule, now: Date): Date | null {
  const [year, month, day] = [now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate()];
  if (schedule === 'manual') return null;
  if (schedule === 'monthly') return new Date(Date.UTC(year, month + 1, 1));
  const days = schedule === 'daily' ? 1 : 7 - ((now.getUTCDay() + 6) % 7);
  return new Date(Date.UTC(year, month, day + days));
}

function transfersOf(account: Account): string | undefined {
  return account.configuration?.recipient?.capabilities?.stripe_balance?.stripe_transfers?.status;
}

function asAccount(account: Account, interval: string | null | undefined): AccountState {
  const missing = (account.requirements?.entries ?? []).filter((it) => it.awaiting_action_from === 'user');
  const isActive = transfersOf(account) === 'active';
  // Before he has said what he is, nobody has begun.
  const hasBegun = account.identity?.entity_type !== undefined && account.identity.entity_type !== null;
  return {
    accountId: account.id,
    status: isActive ? 'active' : hasBegun ? 'restricted' : 'onboarding',
    country: account.identity?.country?.toUpperCase() ?? null,
    schedule: schedules.find((it) => it === interval) ?? 'daily',
    requirements: missing.map(({ description }) => wordsOf(description)),
  };
}

/** `individual.id_number` as "Individual: id number". */
function wordsOf(path: string): string {
  const words = path.split('.').map((it) => it.replaceAll('_', ' '));
  const text = words.join(': ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

export function asPayout(payout: Stripe.Payout, accountId: string): PayoutState {
  const isOver = payout.status === 'failed' || payout.status === 'canceled';
  return {
    ...moneyOf(payout.amount, payout.currency),
    processorPayoutId: payout.id,
    accountId,
    operationId: payout.metadata?.['money_op_id'] ?? null,
    status: isOver ? 'failed' : payout.status === 'paid' ? 'paid' : 'pending',
    failureMessage: isOver ? (payout.failure_message ?? 'The bank sent it back.') : null,
    arrivesAt: new Date(payout.arrival_date * 1_000),
  };
}
