import type { AccountState, PayoutState } from '../processor.ts';
import type { TestMoneyObjects, TestObject } from './objects.ts';

const daySeconds = 86_400;
const periods: Readonly<Record<AccountState['schedule'], number | null>> = {
  daily: daySeconds,
  weekly: 7 * daySeconds,
  monthly: 30 * daySeconds,
  manual: null,
};

/** Counted from when it was chosen, by the age of the account: the product's clock moves both. */
export async function choose(
  objects: TestMoneyObjects,
  id: string,
  schedule: AccountState['schedule'],
): Promise<boolean> {
  const account = await objects.find(id);
  if (account) await objects.move(id, [account.status], account.status, chosenAt(account, schedule));
  return account !== null;
}

const chosenAt = ({ ageSeconds }: TestObject, schedule: string) => ({
  ...{ schedule, since: String(ageSeconds), kept: '0' },
});

/** A time after which it was chosen to pay out. */
export interface PayoutPeriod {
  /** What there was is asked for: nothing of this period is due any more. A choice that was made meanwhile begins anew. */
  kept(): Promise<void>;
}

/** The period that is over and was not kept yet; null: none. */
export async function findPeriod(objects: TestMoneyObjects, accountId: string): Promise<PayoutPeriod | null> {
  const account = await objects.find(accountId);
  if (account?.status !== 'active') return null;
  const { schedule = 'manual', since, kept = '0' } = account.detail;
  const seconds = periods[schedule as AccountState['schedule']];
  const stay = (detail: Record<string, string>) => objects.move(accountId, ['active'], 'active', detail);
  if (seconds === null) return null;
  if (since === undefined) {
    await stay(chosenAt(account, schedule));
    return null;
  }
  const period = Math.floor((account.ageSeconds - Number(since)) / seconds);
  if (period <= Number(kept)) return null;
  return {
    async kept() {
      if ((await objects.find(accountId))?.detail['since'] === since) await stay({ kept: String(period) });
    },
  };
}

/** When the period that goes on is over. One that is over already is paid out in a moment. */
export async function findNext(objects: TestMoneyObjects, accountId: string): Promise<Date | null> {
  const account = await objects.find(accountId);
  const { schedule = 'manual', since, kept = '0' } = account?.detail ?? {};
  const seconds = periods[schedule as AccountState['schedule']];
  if (account?.status !== 'active' || seconds === null) return null;
  const age = Number(since ?? account.ageSeconds) + (Number(kept) + 1) * seconds;
  return new Date(account.createdAt.getTime() + age * 1_000);
}

export function asPayout(payout: TestObject): PayoutState {
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
