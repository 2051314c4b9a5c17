import { feeOfPart, type FeeTerms } from '@safesend/shared/escrow/fees.ts';
import type { Milestone } from '@safesend/shared/projects/milestone.ts';

/** The platform's fee of what is released next; null while the project's terms are not known. */
export function feeOfRelease(
  { hold, currency }: Pick<Milestone, 'hold' | 'currency'>,
  partMinor: number,
  terms: FeeTerms | undefined,
): number | null {
  if (!terms) return null;
  const before = (hold?.releasedMinor ?? 0) + (hold?.releasingMinor ?? 0);
  return Number(feeOfPart(BigInt(before), BigInt(partMinor), currency, terms));
}
