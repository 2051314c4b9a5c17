import type { WalletBalance } from '@safesend/shared/escrow/wallet.ts';
import type { Currency } from '@safesend/shared/money.ts';
import { formatMoney } from '#lib/format/money.ts';
import { m } from '#lib/paraglide/messages.js';

type Spending = WalletBalance['spending'];
type Earning = WalletBalance['earning'];

/** What open chargebacks do to a figure of the wallet, in words beside it; null where there are none. */
export const frozenNote = ({ frozenMinor }: Spending | Earning, currency: Currency): string | null =>
  frozenMinor > 0 ? m.payments_frozen({ amount: formatMoney(frozenMinor, currency) }) : null;

export const atRiskNote = ({ atRiskMinor }: Earning, currency: Currency): string | null =>
  atRiskMinor > 0 ? m.payments_at_risk({ amount: formatMoney(atRiskMinor, currency) }) : null;

/** Why what was earned in total is less than it was. */
export const takenBackNote = ({ takenBackMinor }: Earning, currency: Currency): string | null =>
  takenBackMinor > 0 ? m.payments_taken_back_note({ amount: formatMoney(takenBackMinor, currency) }) : null;

export const undecidedNote = ({ undecidedMinor }: Spending, currency: Currency): string | null =>
  undecidedMinor > 0 ? m.payments_undecided({ amount: formatMoney(undecidedMinor, currency) }) : null;

/** What can be paid out: what is owed stays in the payout account, and nothing is less than nothing there. */
export const availableOf = ({ availableMinor }: Earning): number => Math.max(0, availableMinor);

/** Of what is owed, what waits in the payout account until all of it is there. */
export function waitingNote({ availableMinor, owedMinor }: Earning, currency: Currency): string | null {
  const there = Math.min(owedMinor, availableMinor + owedMinor);
  return there > 0 ? m.payments_owed_there({ amount: formatMoney(there, currency) }) : null;
}
