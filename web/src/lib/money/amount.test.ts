import { expect, test } from 'vitest';
import { readPart } from './amount.ts';

test.each([
  ['abc', 'EUR', 'Enter an amount such as 1200, with no more decimals than the currency has.'],
  ['0', 'EUR', 'Enter more than zero.'],
  ['400', 'EUR', 'Enter at most €360.00: no more is held.'],
  ['1.005', 'KWD', 'In KWD, amounts go in steps of KWD 0.010.'],
  ['12.50', 'EUR', undefined],
  ['', 'EUR', undefined],
] as const)(
  'UX 46 of a part that is typed as ‘%s’ in %s one thing is said: what is wrong with it',
  (text, currency, words) => {
    const part = readPart(text, { freeMinor: 36_000, frozenMinor: 0 }, currency);
    expect(part.error?.replaceAll('\u00a0', ' ')).toBe(words);
  },
);

test('UX 46 of a hold that is frozen in part it is not said that no more is held', () => {
  const { error } = readPart('400', { freeMinor: 36_000, frozenMinor: 20_000 }, 'EUR');
  expect(error).toBe('Enter at most €360.00: the rest of what is held is frozen.');
});
