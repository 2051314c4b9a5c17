import type { Milestone } from '@safesend/shared/projects/milestone.ts';
import { expect, test } from 'vitest';
import { feeOfRelease, netOfHeld } from './fee.ts';

const terms = { platformFeeBps: 1_000, serviceFeeBps: 350 };
const milestone = (releasedMinor: number, releasingMinor: number, platformFeeMinor: number) =>
  ({ currency: 'EUR', hold: { releasedMinor, releasingMinor, platformFeeMinor } }) as unknown as Milestone;

test('UX 33 J03 what a part brings is said before it is released: the parts’ fees are the fee of the whole', () => {
  expect(feeOfRelease(milestone(0, 0, 0), 4_005, terms)).toBe(400);
  expect(feeOfRelease(milestone(4_000, 5, 400), 5_995, terms)).toBe(600);
  expect(feeOfRelease(milestone(4_000, 5, 401), 5_995, terms), 'a unit more was taken before').toBe(599);
  expect(feeOfRelease(milestone(0, 0, 0), 4_005, undefined)).toBeNull();
});

test('UX 32 I09 what a delivery brings is the net of what is held, whatever was agreed, given back or released before', () => {
  const agreed = (hold: object | null) =>
    ({ currency: 'EUR', amountMinor: 25_000, hold, quote: { freelancerGetsMinor: 22_500 } }) as unknown as Milestone;
  const none = { releasedMinor: 0, releasingMinor: 0, platformFeeMinor: 0 };
  expect(netOfHeld(agreed({ ...none, heldMinor: 15_000 }), terms)).toBe(13_500);
  expect(netOfHeld(agreed({ ...none, heldMinor: 25_000 }), terms)).toBe(22_500);
  expect(netOfHeld(agreed({ ...none, releasedMinor: 5, heldMinor: 24_995 }), terms), 'the fee of the whole').toBe(
    22_495,
  );
  expect(netOfHeld(agreed({ ...none, heldMinor: 15_000 }), undefined)).toBeNull();
  expect(netOfHeld(agreed(null), undefined), 'nothing is held yet').toBe(22_500);
});
