import { expect, it } from 'vitest';
import { addressOf, filterOf, queryOf } from './filter.ts';

it('E09 UX 42 a filter and its address are the same thing', () => {
  for (const filter of [
    { tab: 'all', words: '' },
    { tab: 'active', words: 'garden & roof' },
    { tab: 'archived', words: '' },
  ] as const) {
    expect(filterOf(new URL(addressOf(filter), 'http://localhost').searchParams)).toEqual(filter);
  }
});

it('E09 an unknown status in the address shows everything', () => {
  expect(filterOf(new URLSearchParams({ status: 'lost' }))).toEqual({ tab: 'all', words: '' });
});

it('E10 archived projects are asked for by their own word', () => {
  expect(queryOf({ tab: 'archived', words: 'x' })).toMatchObject({ archived: 'true', q: 'x' });
  expect(queryOf({ tab: 'draft', words: '' })).toMatchObject({ status: 'draft' });
});
