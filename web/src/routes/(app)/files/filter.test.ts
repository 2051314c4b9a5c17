import { expect, it } from 'vitest';
import { addressOf, filterOf, isWhole, queryOf, type Filter } from './filter.ts';

const id = '0197a1b2-0000-7000-8000-000000000001';
const whole: Filter = { words: '', kind: '', by: '', roomId: '', milestoneId: '', view: 'list' };

it('H02 UX 42 a filter of files and its address are the same thing', () => {
  for (const filter of [
    whole,
    { ...whole, words: 'plan & roof', kind: 'pdf', view: 'grid' },
    { ...whole, by: id, roomId: id },
    { ...whole, milestoneId: id },
  ] satisfies Filter[]) {
    expect(filterOf(new URL(addressOf(filter), 'http://localhost').searchParams)).toEqual(filter);
  }
});

it('H02 what is no filter in an address shows everything', () => {
  const filter = filterOf(new URLSearchParams({ kind: 'spell', by: 'me', room: '../x', view: 'cloud' }));
  expect(filter).toEqual(whole);
  expect(isWhole(filter)).toBe(true);
});

it('H02 the server is asked for what is filtered, and for nothing else', () => {
  expect(queryOf(whole)).toEqual({ limit: '48' });
  expect(queryOf({ ...whole, milestoneId: id })).toEqual({ limit: '48', milestoneId: id });
  expect(isWhole({ ...whole, milestoneId: id })).toBe(false);
  expect(queryOf({ ...whole, words: 'x', kind: 'image', roomId: id })).toMatchObject({
    q: 'x',
    kind: 'image',
    roomId: id,
  });
});
