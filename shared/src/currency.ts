/** Minor-unit digits of the currencies a project may be kept in (ISO 4217, list one). */
export const currencyDigits = {
  AUD: 2,
  BHD: 3,
  BRL: 2,
  CAD: 2,
  CHF: 2,
  CZK: 2,
  DKK: 2,
  EUR: 2,
  GBP: 2,
  HUF: 2,
  ILS: 2,
  INR: 2,
  ISK: 0,
  JPY: 0,
  KRW: 0,
  KWD: 3,
  MXN: 2,
  NOK: 2,
  NZD: 2,
  PLN: 2,
  RON: 2,
  SEK: 2,
  SGD: 2,
  TWD: 2,
  UGX: 0,
  USD: 2,
  ZAR: 2,
} as const;

export type Currency = keyof typeof currencyDigits;
export const currencies = Object.keys(currencyDigits) as Currency[];

/** The most one milestone may hold, in minor units: the processor accepts eight digits. */
export const maxAmountMinor = 99_999_999;

/**
 * Reads what a person typed (`1,234.50`, `1.234,50`, `1234,5`, `12.345` of a currency with three decimals) as minor units.
 * Returns null when it is not an amount, has more digits than the currency, or could mean a thousand times as much: `1.234`
 * of a currency with two decimals, `1,234` of one with three.
 */
export function parseAmount(text: string, of: Currency): number | null {
  const digits = currencyDigits[of];
  const compact = text.replaceAll(/[\s\u00a0'’]/g, '');
  const [, whole = '', mark = '', last = ''] = /^(\d[\d.,]*?)(?:([.,])(\d+))?$/.exec(compact) ?? [];
  const isGroup = mark !== '' && isGrouped(compact, mark);
  const isFraction = last.length <= digits && (!/[.,]/.test(whole) || isGrouped(whole, mark === '.' ? ',' : '.'));
  if (isGroup && isFraction && mark === ',') return null;
  if (isFraction) return minorUnits(whole, last, digits);
  const isOneDot = mark === '.' && !whole.includes('.');
  return isGroup && !isOneDot ? minorUnits(compact, '', digits) : null;
}

function isGrouped(text: string, mark: string): boolean {
  const [first = '', ...rest] = text.split(mark);
  return /^[1-9]\d{0,2}$/.test(first) && rest.every((it) => /^\d{3}$/.test(it));
}

function minorUnits(whole: string, fraction: string, digits: number): number | null {
  const minor = Number(whole.replaceAll(/[.,]/g, '') + fraction.padEnd(digits, '0'));
  return whole !== '' && Number.isSafeInteger(minor) ? minor : null;
}

/** `123450, EUR` → `1234.50`: exact, from integer minor units, never through a fraction; what one would type to get it. */
export function decimalOf(amountMinor: number | bigint, of: Currency): `${number}` {
  const digits = currencyDigits[of];
  const minor = BigInt(amountMinor);
  const sign = minor < 0n ? '-' : '';
  const text = (minor < 0n ? -minor : minor).toString().padStart(digits + 1, '0');
  const whole = text.slice(0, text.length - digits);
  return `${sign}${whole}${digits > 0 ? `.${text.slice(-digits)}` : ''}` as `${number}`;
}
