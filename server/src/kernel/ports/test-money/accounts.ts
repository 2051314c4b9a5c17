import type { AccountState, MethodState, PayoutState, Processor, SetupState } from '../processor.ts';
import type { TestMoneyObjects, TestObject } from './objects.ts';
import { asPayment } from './payments.ts';

type Accounts = Pick<
  Processor,
  | 'customer'
  | 'startSetup'
  | 'readSetup'
  | 'listMethods'
  | 'detachMethod'
  | 'account'
  | 'readAccount'
  | 'onboardingLink'
  | 'setSchedule'
  | 'available'
  | 'readPayout'
  | 'listPayouts'
>;

/** People at the processor of test money: cards that are ready at once, accounts that are active at once. */
export function accountMethods(objects: TestMoneyObjects): Accounts {
  return {
    async customer({ userId }) {
      const object = await objects.make('customer', { idempotencyKey: `customer ${userId}`, status: 'active' });
      return { customerId: object.id };
    },
    async startSetup({ operationId, customerId, testMethod }) {
      const card = testMethod ?? 'tm_card_ok';
      const setup = await objects.make('setup', {
        idempotencyKey: `setup ${operationId}`,
        parentId: customerId,
        status: 'succeeded',
        detail: { card },
      });
      return asSetup(objects, setup, customerId, card);
    },
    async readSetup(id) {
      const setup = await objects.find(id);
      return setup && asSetup(objects, setup, setup.parentId ?? '', setup.detail['card'] ?? '');
    },
    async listMethods(customerId) {
      const methods = await objects.list(new Date(0), ['method']);
      const saved = methods.filter(({ parentId, status }) => parentId === customerId && status === 'active');
      return [...saved.map(asMethod), ...(await keptByPaying(objects, customerId))];
    },
    async detachMethod(methodId) {
      const found = (await objects.list(new Date(0), ['method'])).find(({ detail }) => detail['name'] === methodId);
      if (found) await objects.move(found.id, ['active'], 'detached');
    },
    async account({ userId, country }) {
      const detail = { country, schedule: 'daily' };
      const key = `account ${userId}`;
      return asAccount(await objects.make('account', { idempotencyKey: key, status: 'active', detail }));
    },
    async readAccount(id) {
      const account = await objects.find(id);
      return account && asAccount(account);
    },
    // There is nothing to fill in: the way leads straight back.
    onboardingLink: async (_accountId, { returnUrl }) => ({ url: returnUrl, expiresAt: null }),
    async setSchedule(id, schedule) {
      await objects.move(id, ['active', 'onboarding', 'restricted'], 'active', { schedule });
    },
    async available(accountId) {
      const sums = new Map<string, bigint>();
      for (const object of await objects.list(new Date(0), ['transfer', 'payout', 'reversal'])) {
        if (object.detail['accountId'] !== accountId || object.currency === null) continue;
        const sign = object.kind === 'transfer' ? 1n : -1n;
        sums.set(object.currency, (sums.get(object.currency) ?? 0n) + sign * (object.amountMinor ?? 0n));
      }
      return [...sums].map(([currency, amountMinor]) => ({ amountMinor, currency: currency as never }));
    },
    async readPayout(_accountId, id) {
      const payout = await objects.find(id);
      return payout && asPayout(payout);
    },
    async listPayouts(accountId, since) {
      const payouts = await objects.list(since, ['payout']);
      return payouts.filter(({ detail }) => detail['accountId'] === accountId).map(asPayout);
    },
  };
}

/** A method is named after its card: what becomes of a payment can be read off its name. */
async function asSetup(
  objects: TestMoneyObjects,
  setup: TestObject,
  customerId: string,
  card: string,
): Promise<SetupState> {
  const name = nameOf(card, setup);
  const method = await objects.make('method', {
    idempotencyKey: `method ${setup.id}`,
    parentId: customerId,
    status: 'active',
    detail: { card, name },
  });
  return {
    processorSetupId: setup.id,
    status: 'succeeded',
    clientSecret: null,
    message: null,
    method: asMethod(method),
  };
}

/** New cards that paid and were to be kept. */
async function keptByPaying(objects: TestMoneyObjects, customerId: string): Promise<MethodState[]> {
  const payments = await objects.list(new Date(0), ['payment']);
  return payments.flatMap((payment) => {
    const { keeper, method: card = '' } = payment.detail;
    if (keeper !== customerId || !(card in lastFour) || asPayment(payment).status !== 'succeeded') return [];
    return asMethod({ ...payment, detail: { card, name: nameOf(card, payment) } });
  });
}

function nameOf(card: string, { id }: TestObject): string {
  return `${card}_${id.slice(-12)}`;
}

const lastFour: Readonly<Record<string, string>> = {
  tm_card_ok: '4242',
  tm_card_slow: '0077',
  tm_card_declined: '0002',
  tm_card_challenge: '3155',
};

function asMethod({ id, detail }: TestObject): MethodState {
  return {
    methodId: detail['name'] ?? id,
    brand: 'test',
    last4: lastFour[detail['card'] ?? ''] ?? '0000',
    expiresMonth: 12,
    expiresYear: 2099,
  };
}

function asAccount({ id, status, detail }: TestObject): AccountState {
  return {
    accountId: id,
    status: status as AccountState['status'],
    country: detail['country'] ?? null,
    schedule: (detail['schedule'] ?? 'daily') as AccountState['schedule'],
    requirements: [],
  };
}

function asPayout(payout: TestObject): PayoutState {
  return {
    amountMinor: payout.amountMinor ?? 0n,
    currency: payout.currency ?? 'USD',
    processorPayoutId: payout.id,
    accountId: payout.detail['accountId'] ?? '',
    operationId: payout.operationId,
    status: payout.status as PayoutState['status'],
    failureMessage: null,
    arrivesAt: payout.createdAt,
  };
}
