import { expect, test } from 'vitest';
import { barParts, countStates, stateWords } from './milestone-states.ts';

test('F05 the bar has a part for every state in the plan, as wide as there are milestones in it', () => {
  const states = countStates([{ status: 'cancelled' }, { status: 'planned' }, { status: 'planned' }]);
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
