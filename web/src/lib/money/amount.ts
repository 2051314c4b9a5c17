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
  if (minor !== null && minor > 0 && minor <= held) return { minor, error: undefined };
  return {
    minor: null,
    error: m.money_amount_between({ min: formatMoney(1, currency), max: formatMoney(held, currency) }),
  };
}
