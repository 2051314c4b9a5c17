import { currencyDigits, decimalOf, type Currency } from '@safesend/shared/currency.ts';
import { getLocale } from '#lib/paraglide/runtime.js';

const formats = new Map<string, Intl.NumberFormat>();

/** `123450, EUR` → `€1,234.50`: exact, from integer minor units, never through a fraction. */
export function formatMoney(amountMinor: number | bigint, currency: Currency): string {
  return formatOf(currency, currencyDigits[currency]).format(decimalOf(amountMinor, currency));
}

function formatOf(currency: Currency, digits: number): Intl.NumberFormat {
  const key = `${getLocale()} ${currency}`;
  let format = formats.get(key);
  if (!format) {
    format = new Intl.NumberFormat(getLocale(), {
      style: 'currency',
      currency,
      minimumFractionDigits: digits,
      maximumFractionDigits: digits,
    });
    formats.set(key, format);
  }
  return format;
}
