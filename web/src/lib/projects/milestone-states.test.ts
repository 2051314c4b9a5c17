import { expect, test } from 'vitest';
import { barParts, countStates, stateWords } from './milestone-states.ts';

const unpaid = { hold: null, clocks: [], waiting: null };

test('F05 the bar has a part for every state in the plan, as wide as there are milestones in it', () => {
  const [cancelled, planned] = [
    { status: 'cancelled', ...unpaid },
    { status: 'planned', ...unpaid },
  ] as const;
  const states = countStates([cancelled, planned, planned]);
  expect(states).toEqual([
    { status: 'planned', count: 2 },
    { status: 'cancelled', count: 1 },
  ]);
  expect(barParts(states).map(({ status, count }) => [status, count])).toEqual([['planned', 2]]);
  expect(stateWords(states)).toEqual(['2 planned', '1 cancelled']);
});

test('F05 what the server counted comes in the order of the way', () => {
  const states = [
    { status: 'cancelled', count: 3 },
    { status: 'planned', count: 1 },
  ] as const;
  expect(stateWords(states)).toEqual(['1 planned', '3 cancelled']);
  expect(barParts([])).toEqual([]);
});

test('F05 I02 an attempt to pay that was declined is not being paid', () => {
  const since = '2026-11-01T00:00:00.000Z';
  const waits = (reason: 'declined' | 'challenge') =>
    ({ ...unpaid, status: 'funding', waiting: { reason, on: 'client', paymentId: null, since } }) as const;
  const states = countStates([{ ...unpaid, status: 'funding' }, waits('challenge'), waits('declined')]);
  expect(stateWords(states)).toEqual(['2 being paid', '1 planned']);
});

test('F05 J15 what a bank took back, or has not decided about, is not counted as paid', () => {
  const hold = { chargedBackMinor: 0, owedMinor: 0, recoveredMinor: 0, frozenMinor: 0 };
  const milestone = (status: 'released' | 'refunded', change: Partial<typeof hold> = {}, clocks: object[] = []) =>
    ({ status, hold: { ...hold, ...change }, clocks }) as unknown as Parameters<typeof countStates>[0][number];
  const states = countStates([
    milestone('released'),
    milestone('released', { owedMinor: 90_000 }),
    milestone('released', { recoveredMinor: 90_000 }),
    milestone('refunded', { chargedBackMinor: 100_000 }),
    milestone('released', {}, [{ kind: 'evidence', dueAt: null }]),
  ]);
  expect(stateWords(states)).toEqual(['1 paid', '1 with a chargeback open', '3 charged back']);
  expect(barParts(states).map(({ status, count }) => [status, count])).toEqual([
    ['released', 1],
    ['contested', 1],
    ['charged_back', 3],
  ]);
});
