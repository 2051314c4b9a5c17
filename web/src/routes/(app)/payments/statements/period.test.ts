import { expect, test } from 'vitest';
import { problemOf, queryOf, readDays } from './period.ts';

const asked = (text: string) => readDays(new URLSearchParams(text), new Date('2026-12-01T00:30:00Z'));

test.each([
  ['from=2026-02-30&until=2026-03-01', 'from'],
  ['from=yesterday&until=2026-03-01', 'from'],
  ['from=2026-03-01', 'until'],
  ['from=2026-03-01&until=9999-12-31', 'until'],
  ['from=2026-03-02&until=2026-03-01', 'order'],
] as const)('P05 what is no period is kept as it was asked for, and its field can say so: %s', (text, problem) => {
  const { wanted } = asked(text);
  expect(wanted && problemOf(wanted)).toBe(problem);
});

test('P05 a period is both its days; nothing asked for is this month', () => {
  const { days, wanted } = asked('from=2026-02-28&until=2026-02-28');
  expect(wanted).toBeNull();
  expect(queryOf(days)).toEqual({ from: '2026-02-28T00:00:00.000Z', until: '2026-03-01T00:00:00.000Z' });
  expect(asked('')).toEqual({ days: { from: '2026-12-01', until: '2026-12-31' }, wanted: null });
});
