import { describe, expect, it } from 'vitest';
import { formatBytes, formatPercent } from './bytes.ts';
import { formatMoney } from './money.ts';
import { formatCount } from './number.ts';
import { placeOf, readPlaceFrom } from './place.ts';
import { formatDate, formatDateTime, formatDay, formatRelative, formatShortDate, formatTime } from './time.ts';

describe('T-M22 money on the screen', () => {
  it.each([
    [1n, 'USD', '$0.01'],
    [123_450, 'EUR', '€1,234.50'],
    [-5, 'EUR', '-€0.05'],
    [500, 'JPY', '¥500'],
    [1_234_567, 'KWD', 'KWD 1,234.567'],
    [9_007_199_254_740_993n, 'USD', '$90,071,992,547,409.93'],
  ] as const)('T-M22 %s %s is %s', (amount, currency, text) => {
    expect(formatMoney(amount, currency).replace('\u00a0', ' ')).toBe(text);
  });
});

describe('UX 59 numbers and moments', () => {
  it('UX 55 a badge never grows wide', () => {
    expect(formatCount(99)).toBe('99');
    expect(formatCount(100)).toBe('99+');
  });

  it('UX 59 says how long ago in the largest fitting unit', () => {
    const now = Date.parse('2026-03-12T12:00:00.000Z');
    const ago = (milliseconds: number) => formatRelative(now - milliseconds, now);
    expect(ago(20_000)).toBe('now');
    expect(ago(5 * 60_000)).toBe('5 minutes ago');
    expect(ago(24 * 3_600_000)).toBe('yesterday');
    expect(formatRelative(now + 3 * 86_400_000, now)).toBe('in 3 days');
    expect(ago(60 * 86_400_000)).toBe('Jan 11, 2026');
  });

  it.each([
    ['en-GB', '12 Mar 2026, 14:05'],
    ['de', '12 Mar 2026, 14:05'],
    ['en-US', 'Mar 12, 2026, 2:05 PM'],
    ['*', 'Mar 12, 2026, 2:05 PM'],
    [undefined, 'Mar 12, 2026, 2:05 PM'],
  ])('UX 59 dates are written as where their reader is: %s', (language, written) => {
    readPlaceFrom(() => placeOf(language));
    expect(formatDateTime(new Date(2026, 2, 12, 14, 5)).replaceAll('\u202f', ' ')).toBe(written);
    readPlaceFrom(() => undefined);
  });

  it('UX 59 days and times, too', () => {
    readPlaceFrom(() => 'GB');
    const at = new Date(2026, 2, 12, 14, 5);
    const all = [formatDate(at), formatShortDate(at), formatTime(at), formatDay(at, at)];
    expect(all).toEqual(['12 Mar 2026', '12 Mar', '14:05', 'Thursday 12 March']);
    readPlaceFrom(() => undefined);
  });
});

describe('UX 25 sizes and spans', () => {
  it.each([
    [0, '0 bytes'],
    [1, '1 byte'],
    [1_536, '1.5 kB'],
    [5 * 1024 ** 3, '5 GB'],
    [250 * 1024 ** 2, '250 MB'],
  ])('UX 25 %s bytes are %s', (bytes, text) => expect(formatBytes(bytes)).toBe(text));

  it('UX 25 a share is never told as done before it is', () => expect(formatPercent(0.999)).toBe('99%'));
});
