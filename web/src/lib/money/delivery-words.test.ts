import { expect, test } from 'vitest';
import { answerWords } from './delivery-words.ts';

test.each([
  ['submitted', 'In review'],
  ['approved', 'Released without a review'],
  ['released', 'Released without a review'],
  ['refunded', 'Ended without an answer'],
  ['cancelled', 'Ended without an answer'],
] as const)('UX 31 a delivery that nobody answered while its milestone is %s: %s', (status, words) => {
  expect(answerWords({ status: 'open', answeredBy: null }, { status })).toBe(words);
  expect(answerWords({ status: 'approved', answeredBy: 'ana' }, { status })).toBe('Approved');
  expect(answerWords({ status: 'superseded', answeredBy: null }, { status })).toBe('Replaced by a newer one');
});

test('UX 31 I17 a delivery that the end of its review released was approved by nobody', () => {
  const submission = { status: 'approved', answeredBy: null } as const;
  expect(answerWords(submission, { status: 'released' })).toBe('Released without a review');
});
