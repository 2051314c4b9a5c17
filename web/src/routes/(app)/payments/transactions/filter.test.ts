import { expect, test } from 'vitest';
import { filterOf, isOfNothing, isUnreadable, queryOf } from './filter.ts';

const asked = (text: string) => filterOf(new URLSearchParams(text));

test.each(['-5', '1e9', '12.345.6', 'ten', '99999999999999999'])(
  'P05 an amount that cannot be read filters nothing, and says so: %s',
  (text) => {
    expect(isUnreadable(text, 'EUR')).toBe(true);
    expect(queryOf(asked(`least=${text}`))).not.toHaveProperty('leastMinor');
  },
);

test.each(['', '0', '5', '1,200.50'])(
  'P05 an amount that can be read is asked for, and nothing is said: "%s"',
  (text) => {
    expect(isUnreadable(text, 'EUR')).toBe(false);
  },
);

test('P05 what no project can be called finds nothing, and is no mistake of a program', () => {
  expect(isOfNothing(asked('project=xyz'))).toBe(true);
  expect(isOfNothing(asked(''))).toBe(false);
  expect(isOfNothing(asked('project=11111111-1111-1111-1111-111111111111'))).toBe(false);
});
