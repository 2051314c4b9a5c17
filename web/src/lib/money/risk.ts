import type { Hold } from '@safesend/shared/escrow/hold.ts';

type Paid = Pick<Hold, 'releasedMinor' | 'releasingMinor' | 'platformFeeMinor' | 'owedMinor' | 'recoveredMinor'>;

/** What was decided for the freelancer and not taken back: no chargeback takes more of him. */
export function atRiskOf(hold: Paid): number {
  return hold.releasedMinor + hold.releasingMinor - hold.platformFeeMinor - hold.owedMinor - hold.recoveredMinor;
}

/** What of a chargeback that goes beyond what is frozen may be taken back: without the fee that was kept of it. */
export function riskOf(hold: Paid, restMinor: number): number {
  const released = hold.releasedMinor + hold.releasingMinor;
  const part = Math.min(restMinor, released);
  if (part <= 0) return 0;
  return Math.min(Math.floor((part * (released - hold.platformFeeMinor)) / released), atRiskOf(hold));
}
