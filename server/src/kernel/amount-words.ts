import { currencyDigits, decimalOf, type Currency } from '@safesend/shared/money.ts';

/** An amount in the words of a refusal or a mail, as the pages write it. */
export function amountWords(minor: number | bigint, currency: Currency): string {
  const digits = currencyDigits[currency];
  const fraction = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  return new Intl.NumberFormat('en', { style: 'currency', currency, ...fraction }).format(decimalOf(minor, currency));
}
