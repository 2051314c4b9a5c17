import type { AccountState, Money, PayoutState } from '../processor.ts';
import type { TestMoneyObjects, TestObject } from './objects.ts';

const daySeconds = 86_400;
const periods: Readonly<Record<AccountState['schedule'], number | null>> = {
  daily: daySeconds,
  weekly: 7 * daySeconds,
  monthly: 30 * daySeconds,
  manual: null,
};

/** Counted from when it was chosen, by the age of the account: the product's clock moves both. */
export async function choose(objects: TestMoneyObjects, id: string, schedule: AccountState['schedule']): Promise<void> {
  const account = await objects.find(id);
  if (account) await objects.move(id, [account.status], account.status, chosenAt(account, schedule));
}

const chosenAt = ({ ageSeconds }: TestObject, schedule: string) => ({
  ...{ schedule, since: String(ageSeconds), kept: '0' },
});

export interface DuePayouts {
  readonly payouts: readonly PayoutState[];
  /** They were written down: nothing of this period is due any more. */
  kept(): Promise<void>;
}

/** Pays out what there is when a period is over; asked again before that was written down, it is the same. Null: nothing is due. */
export async function payOutDue(
  objects: TestMoneyObjects,
  available: (accountId: string) => Promise<readonly Money[]>,
  accountId: string,
): Promise<DuePayouts | null> {
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
  const mark = `${accountId} ${since} ${period}`;
  for (const { amountMinor, currency } of await available(accountId)) {
    if (amountMinor <= 0n) continue;
    const payout = { amountMinor, currency, status: 'paid', detail: { accountId, mark } };
    await objects.make('payout', { ...payout, idempotencyKey: `schedule ${mark} ${currency}` });
  }
  const made = (await objects.list(new Date(0), ['payout'])).filter(({ detail }) => detail['mark'] === mark);
  return { payouts: made.map(asPayout), kept: async () => void (await stay({ kept: String(period) })) };
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
