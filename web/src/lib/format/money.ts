import { currencyDigits, type Currency } from '@safesend/shared/money.ts';
import { getLocale } from '#lib/paraglide/runtime.js';

const formats = new Map<string, Intl.NumberFormat>();

/** `123450, EUR` → `€1,234.50`: exact, from integer minor units, never through a fraction. */
export function formatMoney(amountMinor: number | bigint, currency: Currency): string {
  const digits = currencyDigits[currency];
  return formatOf(currency, digits).format(decimal(BigInt(amountMinor), digits));
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

function decimal(minor: bigint, digits: number): `${number}` {
  const sign = minor < 0n ? '-' : '';
  const text = (minor < 0n ? -minor : minor).toString().padStart(digits + 1, '0');
  const whole = text.slice(0, text.length - digits);
  return `${sign}${whole}${digits > 0 ? `.${text.slice(-digits)}` : ''}` as `${number}`;
}
