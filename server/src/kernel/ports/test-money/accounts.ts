import type { TestMoneyPart } from '@safesend/shared/escrow/wallet.ts';
import type { AccountState, MethodState, Processor, SetupState } from '../processor.ts';
import type { TestMoneyObjects, TestObject } from './objects.ts';
import { asPayment } from './payments.ts';
import { asPayout, choose, findNext } from './payouts.ts';

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
  | 'nextPayout'
  | 'readPayout'
  | 'listPayouts'
>;

/** People at the processor of test money: cards that are ready at once, accounts that ask who one is and for a bank. */
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
      const detail = { country, schedule: 'manual' };
      const key = `account ${userId}`;
      return asAccount(await objects.make('account', { idempotencyKey: key, status: 'onboarding', detail }));
    },
    async readAccount(id) {
      const account = await objects.find(id);
      return account && asAccount(account);
    },
    // Its form stands below the page that one comes back to. Whoever is through has nothing to look at there.
    async onboardingLink(id, { returnUrl }) {
      const isThrough = (await objects.find(id))?.status === 'active';
      return { url: isThrough ? returnUrl : new URL('payouts/test-money', returnUrl).href, expiresAt: null };
    },
    setSchedule: (id, schedule) => choose(objects, id, schedule),
    nextPayout: (accountId) => findNext(objects, accountId),
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

/** What an account still lacks, in the order in which it is asked for. */
const missing: Readonly<Record<AccountState['status'], readonly string[]>> = {
  onboarding: ['Who you are', 'Your bank account'],
  restricted: ['Your bank account'],
  active: [],
};
const after = { person: ['onboarding', 'restricted'], bank: ['restricted', 'active'] } as const;

/** What a person says on the form. Said twice it is said once; answers false where something is asked for before. */
export async function answer(objects: TestMoneyObjects, id: string, part: TestMoneyPart): Promise<boolean> {
  const [from, to] = after[part];
  if (await objects.move(id, [from], to)) return true;
  const account = await objects.find(id);
  return account !== null && account.status !== 'onboarding';
}

function asAccount({ id, status: text, detail }: TestObject): AccountState {
  const status = text as AccountState['status'];
  return {
    accountId: id,
    status,
    country: detail['country'] ?? null,
    schedule: (detail['schedule'] ?? 'manual') as AccountState['schedule'],
    requirements: missing[status],
  };
}
