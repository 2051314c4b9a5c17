import { expect, test } from 'vitest';
import { answerWords } from './delivery-words.ts';

test.each([
  ['submitted', 'In review'],
  ['approved', 'Released without a review'],
  ['released', 'Released without a review'],
  ['refunded', 'Ended without an answer'],
  ['cancelled', 'Ended without an answer'],
] as const)('UX 31 a delivery that nobody answered while its milestone is %s: %s', (status, words) => {
  expect(answerWords({ status: 'open' }, { status })).toBe(words);
  expect(answerWords({ status: 'approved' }, { status })).toBe('Approved');
  expect(answerWords({ status: 'superseded' }, { status })).toBe('Replaced by a newer one');
});
