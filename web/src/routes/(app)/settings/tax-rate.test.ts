import { expect, it } from 'vitest';
import { rateBpsOf, rateText } from './tax-rate.ts';

it.each([
  ['19', 1_900],
  ['8.1', 810],
  ['8,1', 810],
  ['7.75', 775],
  ['0', 0],
])('J10 %s per cent is %i hundredths, and back', (text, bps) => {
  expect(rateBpsOf(text)).toBe(bps);
  expect(rateBpsOf(rateText(bps))).toBe(bps);
});

it.each(['', 'a', '-1', '1.234', '100', '1e1', '1.', '.5'])('J10 %j is no rate', (text) => {
  expect(rateBpsOf(text)).toBeNull();
});
