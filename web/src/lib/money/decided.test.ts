import type { PaymentStatus } from '@safesend/shared/escrow/hold.ts';
import { expect, test } from 'vitest';
import { decidedOf } from './decided.ts';

const attempts = (...statuses: PaymentStatus[]) =>
  statuses.map((status, day) => ({ status, createdAt: `2026-12-0${day + 1}T12:00:00.000Z` }));

test.each<[PaymentStatus[], number | undefined]>([
  [['succeeded', 'succeeded'], 1],
  [['succeeded', 'expired', 'cancelled', 'declined'], 0],
  [['succeeded', 'processing', 'cancelled'], 1],
  [['requires_action', 'succeeded'], 0],
  [['expired'], undefined],
])(
  'J15 the bank of test money decides about what is open or was paid last, not about what came to nothing: %j',
  (of, at) => {
    const all = attempts(...of);
    expect(decidedOf(all.toReversed())).toBe(at === undefined ? undefined : all[at]);
  },
);
