import { payoutCountries, type PayoutCountry } from '@safesend/shared/escrow/countries.ts';
import type { Payout, PayoutAccount } from '@safesend/shared/escrow/wallet.ts';
import { formatDate } from '#lib/format/time.ts';
import { m } from '#lib/paraglide/messages.js';

type AccountTone = 'neutral' | 'warning' | 'positive';

export const statuses: Record<PayoutAccount['status'], { label: string; text: string; tone: AccountTone }> = {
  none: { label: m.payments_status_none(), text: m.payments_account_none(), tone: 'neutral' },
  onboarding: { label: m.payments_status_onboarding(), text: m.payments_account_onboarding(), tone: 'warning' },
  restricted: { label: m.payments_status_restricted(), text: m.payments_account_restricted(), tone: 'warning' },
  active: { label: m.payments_status_active(), text: m.payments_account_active(), tone: 'positive' },
};

export function schedules(): { value: PayoutAccount['schedule']; label: string }[] {
  return [
    { value: 'daily', label: m.payments_schedule_daily() },
    { value: 'weekly', label: m.payments_schedule_weekly() },
    { value: 'monthly', label: m.payments_schedule_monthly() },
    { value: 'manual', label: m.payments_schedule_manual() },
  ];
}

type PayoutTone = 'accent' | 'positive' | 'danger';

export const payoutWords: Record<Payout['status'], { label: string; tone: PayoutTone }> = {
  pending: { label: m.payments_payout_pending(), tone: 'accent' },
  paid: { label: m.payments_payout_paid(), tone: 'positive' },
  failed: { label: m.payments_payout_failed(), tone: 'danger' },
};

/** When a bank has it, or had: what it says is about a day, and no hour. Of what came back there is nothing to expect. */
export function arrivalWords(status: Payout['status'], arrivesAt: string | null): string[] {
  if (status === 'failed') return [];
  const isPaid = status === 'paid';
  if (arrivesAt === null) return [isPaid ? m.payments_payout_arrived_some() : m.payments_payout_arrives_unknown()];
  const date = formatDate(arrivesAt);
  return [isPaid ? m.payments_payout_arrived({ date }) : m.payments_payout_arrives({ date })];
}

/** A guess from the languages of the browser, to be changed by hand. */
export function ownCountry(): PayoutCountry {
  const regions = navigator.languages.map((language) => new Intl.Locale(language).maximize().region);
  return payoutCountries.find((country) => regions.includes(country)) ?? 'US';
}
