import { chargeRule, isChargeable } from '@safesend/shared/escrow/fees.ts';
import { parseAmount, type Currency } from '@safesend/shared/money.ts';
import { formatMoney } from '#lib/format/money.ts';
import { m } from '#lib/paraglide/messages.js';
import { getLocale } from '#lib/paraglide/runtime.js';

export interface TypedAmount {
  readonly minor: number | null;
  readonly error: string | undefined;
}

/** An amount as people type it: in this currency, whose sign or code may stand before or after it. */
export function readAmount(text: string, currency: Currency): number | null {
  const typed = text.trim();
  for (const sign of signsOf(currency)) {
    const [start, end] = [typed.slice(0, sign.length), typed.slice(-sign.length)];
    if (start.toUpperCase() === sign) return parseAmount(typed.slice(sign.length).trim(), currency);
    if (end.toUpperCase() === sign) return parseAmount(typed.slice(0, -sign.length).trim(), currency);
  }
  return parseAmount(typed, currency);
}

const displays = ['symbol', 'narrowSymbol', 'code'] as const;
const signs = new Map<string, readonly string[]>();

/** Those that a reader here uses for it, in capitals. */
function signsOf(currency: Currency): readonly string[] {
  const key = `${getLocale()} ${currency}`;
  const known = signs.get(key);
  if (known) return known;
  const found = displays.map((currencyDisplay) => {
    const format = new Intl.NumberFormat(getLocale(), { style: 'currency', currency, currencyDisplay });
    const sign = format.formatToParts(0).find(({ type }) => type === 'currency');
    return (sign?.value ?? currency).toUpperCase();
  });
  signs.set(key, [...new Set(found)]);
  return found;
}

/** What is wrong with an amount that no card can be charged for to its last unit. */
export function stepComplaint(currency: Currency): string {
  return m.money_amount_step({ currency, step: formatMoney(chargeRule(currency).step, currency) });
}

/** What a part may be of: what of the money held is free, and what a bank has frozen beside it. */
interface Parts {
  readonly freeMinor: number;
  readonly frozenMinor: number;
}

/** What somebody typed as a part of what is held. */
export function readPart(text: string, of: Parts, currency: Currency): TypedAmount {
  if (text.trim() === '') return { minor: null, error: undefined };
  const minor = readAmount(text, currency);
  const error = complaint(minor, of, currency);
  return error === undefined ? { minor, error } : { minor: null, error };
}

/** What is wrong with it, and only that. */
function complaint(minor: number | null, { freeMinor, frozenMinor }: Parts, currency: Currency): string | undefined {
  if (minor === null) return m.project_amount_unreadable();
  if (minor <= 0) return m.project_amount_zero();
  const max = formatMoney(freeMinor, currency);
  if (minor > freeMinor) return frozenMinor > 0 ? m.money_amount_most_free({ max }) : m.money_amount_most({ max });
  return isChargeable(minor, currency) ? undefined : stepComplaint(currency);
}
