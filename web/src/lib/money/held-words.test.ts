import { expect, test } from 'vitest';
import { heldUntilWords } from './held-words.ts';

const until = '2027-02-08T12:00:00.000Z';

test('UX 31 money that is held for longer than it should be is not said to be held until a day that is over', () => {
  const words = (today: string) => heldUntilWords(until, (moment) => Date.parse(moment) <= Date.parse(today));
  expect(words('2027-02-01')).toBe('Held until Feb 8, 2027 at the latest; people decide before.');
  expect(words('2027-03-07')).toBe(
    'It was to be held until Feb 8, 2027 at the latest. Decide now: release it, give it back or ask to end it.',
  );
});
