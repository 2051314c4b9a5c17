import { feeOfPart, type FeeTerms } from '@safesend/shared/escrow/fees.ts';
import type { Milestone } from '@safesend/shared/projects/milestone.ts';

/** The platform's fee of what is released next; null while the project's terms are not known. */
export function feeOfRelease(
  { hold, currency }: Pick<Milestone, 'hold' | 'currency'>,
  partMinor: number,
  terms: FeeTerms | undefined,
): number | null {
  if (!terms) return null;
  const releasedMinor = BigInt((hold?.releasedMinor ?? 0) + (hold?.releasingMinor ?? 0));
  const taken = { releasedMinor, feeMinor: BigInt(hold?.platformFeeMinor ?? 0) };
  return Number(feeOfPart(taken, BigInt(partMinor), currency, terms));
}

/** What reaches the freelancer of what is held; null while the project's terms are not known. */
export function netOfHeld(
  milestone: Pick<Milestone, 'hold' | 'currency' | 'quote'>,
  terms: FeeTerms | undefined,
): number | null {
  const { hold, quote } = milestone;
  if (!hold) return quote.freelancerGetsMinor;
  const fee = feeOfRelease(milestone, hold.heldMinor, terms);
  return fee === null ? null : hold.heldMinor - fee;
}
