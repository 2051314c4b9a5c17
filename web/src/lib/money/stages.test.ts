import type { Milestone } from '@safesend/shared/projects/milestone.ts';
import { expect, test } from 'vitest';
import { stagesOf, type Stage } from './stages.ts';
import { stateOf } from './way.ts';

const at = '2026-11-01T00:00:00.000Z';
const hold = { fundedAt: at, settledAt: at, owedMinor: 0, recoveredMinor: 0, frozenMinor: 0 } as Milestone['hold'];
const delivered = (status: string) =>
  ({
    ...{ number: 1, status, submittedAt: at },
    ...(status === 'approved' ? { answeredAt: at, answeredBy: 'ana' } : { answeredAt: null, answeredBy: null }),
  }) as Milestone['submission'];
const open = delivered('open');
const approved = delivered('approved');

/** `v` reached, `>` next, `-` passed by, `.` ahead. */
const marks: Record<Stage['is'], string> = { done: 'v', current: '>', skipped: '-', ahead: '.', lost: 'x' };

test.each([
  ['planned', null, null, '>...'],
  ['funded', hold, null, 'v>..'],
  ['submitted', hold, open, 'vv>.'],
  ['changes_requested', hold, delivered('changes_requested'), 'v>..'],
  ['disputed', hold, open, 'vv>.'],
  ['disputed', hold, null, 'v>..'],
  ['approved', hold, approved, 'vvv>'],
  ['released', hold, approved, 'vvvv'],
  ['cancelled', null, null, '....'],
  ['refunded', hold, null, 'v...'],
  ['refunded', hold, open, 'vv..'],
] as const)('UX 31 %s: the steps behind it, and the next one unless it is over: %#', (status, of, submission, all) => {
  const stages = stagesOf({ status, hold: of, submission });
  expect(stages.map(({ is }) => marks[is]).join('')).toBe(all);
  expect(stages.map(({ label }) => label)).toEqual(['Funded', 'Delivered', 'Approved', 'Paid']);
});

test('UX 31 what was delivered and is to be changed is said to be delivered anew, not never', () => {
  const again = (status: 'changes_requested' | 'started', submission: Milestone['submission']) =>
    stagesOf({ status, hold, submission }).map(({ isAgain }) => isAgain ?? false);
  expect(again('changes_requested', delivered('changes_requested'))).toEqual([false, true, false, false]);
  expect(again('started', null)).toEqual([false, false, false, false]);
});

test.each([
  ['released', null, 'v-vv'],
  ['released', open, 'vvvv'],
  ['released', delivered('changes_requested'), 'vvvv'],
  ['approved', null, 'v-v>'],
] as const)('UX 31 I09 %s part by part: released, and nothing that never happened: %#', (status, submission, all) => {
  const milestone = { status, hold, submission };
  const stages = stagesOf(milestone);
  expect(stages.map(({ is }) => marks[is]).join('')).toBe(all);
  expect(stages.map(({ label }) => label)).toEqual(['Funded', 'Delivered', 'Released', 'Paid']);
  expect(stages[2]?.at, 'no moment of an approval').toBeNull();
  const label = status === 'approved' ? 'Released' : 'Paid';
  expect(stateOf({ ...milestone, waiting: null, clocks: [] } as unknown as Milestone).label).toBe(label);
});

test.each([
  ['approved', 'vvv>', 'Released'],
  ['released', 'vvvv', 'Paid'],
] as const)(
  'UX 31 I17 %s at the end of a review that nobody answered: released then, and approved by nobody',
  (status, all, label) => {
    const submission = { ...approved, answeredBy: null } as Milestone['submission'];
    const milestone = { status, hold, submission };
    const stages = stagesOf(milestone);
    expect(stages.map(({ is }) => marks[is]).join('')).toBe(all);
    expect(stages[2]).toMatchObject({ label: 'Released', at });
    expect(stateOf({ ...milestone, waiting: null, clocks: [] } as unknown as Milestone).label).toBe(label);
  },
);
