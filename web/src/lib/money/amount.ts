import { chargeRule, isChargeable } from '@safesend/shared/escrow/fees.ts';
import { parseAmount, type Currency } from '@safesend/shared/money.ts';
import { formatMoney } from '#lib/format/money.ts';
import { m } from '#lib/paraglide/messages.js';

export interface TypedAmount {
  readonly minor: number | null;
  readonly error: string | undefined;
}

/** What somebody typed as a part of what is held. */
export function readPart(text: string, held: number, currency: Currency): TypedAmount {
  if (text.trim() === '') return { minor: null, error: undefined };
  const minor = parseAmount(text.trim(), currency);
  const error = complaint(minor, held, currency);
  return error === undefined ? { minor, error } : { minor: null, error };
}

/** What is wrong with it, and only that. */
function complaint(minor: number | null, held: number, currency: Currency): string | undefined {
  if (minor === null) return m.project_amount_unreadable();
  if (minor <= 0) return m.project_amount_zero();
  if (minor > held) return m.money_amount_most({ max: formatMoney(held, currency) });
  if (isChargeable(minor, currency)) return undefined;
  return m.money_amount_step({ currency, step: formatMoney(chargeRule(currency).step, currency) });
}
