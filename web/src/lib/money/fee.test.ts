import type { Milestone } from '@safesend/shared/projects/milestone.ts';
import { expect, test } from 'vitest';
import { feeOfRelease } from './fee.ts';

const terms = { platformFeeBps: 1_000, serviceFeeBps: 350 };
const milestone = (releasedMinor: number, releasingMinor: number) =>
  ({ currency: 'EUR', hold: { releasedMinor, releasingMinor } }) as unknown as Milestone;

test('UX 33 J03 what a part brings is said before it is released: the parts’ fees are the fee of the whole', () => {
  expect(feeOfRelease(milestone(0, 0), 4_005, terms)).toBe(400);
  expect(feeOfRelease(milestone(4_000, 5), 5_995, terms)).toBe(600);
  expect(feeOfRelease(milestone(0, 0), 4_005, undefined)).toBeNull();
});
