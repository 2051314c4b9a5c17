import type { FeeTerms } from '@safesend/shared/escrow/fees.ts';
import type { Milestone } from '@safesend/shared/projects/milestone.ts';
import { m } from '#lib/paraglide/messages.js';
import { feeOfRelease } from './fee.ts';
import type { Side } from './side.ts';

/** One line of a table of amounts. */
export interface Sum {
  readonly label: string;
  readonly minor: number;
  readonly hint?: string | undefined;
  readonly isTotal?: boolean;
}

/** Who looks at them. */
export interface Reader {
  readonly side: Side;
  readonly terms: FeeTerms | undefined;
  /** The freelancer's. */
  readonly name: string;
}

/** What another amount leaves held and what of that would reach the freelancer, whatever was given back or released before. */
export function movedSums(milestone: Milestone, to: number, { side, terms, name }: Reader): Sum[] {
  const more = to - milestone.amountMinor;
  const heldMinor = (milestone.hold?.heldMinor ?? milestone.amountMinor) + more;
  const held = { label: more > 0 ? m.money_proposal_held() : m.money_rest_held(), minor: heldMinor };
  const fee = feeOfRelease(milestone, heldMinor, terms);
  if (more === 0) return [];
  if (fee === null || heldMinor === 0) return [held];
  return [
    held,
    { label: m.money_fund_platform_fee(), minor: 0 - fee },
    {
      label: side === 'freelancer' ? m.money_proposal_gets_mine() : m.money_fund_gets({ name }),
      minor: heldMinor - fee,
      isTotal: true,
    },
  ];
}
