import type { FeeTerms } from '@safesend/shared/escrow/fees.ts';
import type { CancellationRequest, Milestone } from '@safesend/shared/projects/milestone.ts';
import type { Hold } from '@safesend/shared/escrow/hold.ts';
import { backOf, freeOf, isAtWork } from '@safesend/shared/projects/moves.ts';
import { formatMoney } from '#lib/format/money.ts';
import { m } from '#lib/paraglide/messages.js';
import { feeOfRelease, netOfHeld } from './fee.ts';
import { clientOf } from './side-words.ts';
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

/** What stays held when a part of what is free is moved: what is frozen as well. */
export function restSum(hold: Hold | null, partMinor: number, currency: Milestone['currency']): Sum {
  const minor = freeOf(hold) + (hold?.frozenMinor ?? 0) - partMinor;
  return { label: m.money_rest_held(), minor, hint: frozenHint(hold, currency) };
}

/** As the wallet says it: what is frozen is held all the same. */
function frozenHint(hold: Hold | null, currency: Milestone['currency']): string | undefined {
  const frozen = hold?.frozenMinor ?? 0;
  return frozen > 0 ? m.payments_frozen({ amount: formatMoney(frozen, currency) }) : undefined;
}

/** What goes where when it is ended: back to the client, and what was released before stays with the freelancer. */
export function endingSums(
  milestone: Milestone,
  { refundMinor, keptFeeMinor }: Pick<CancellationRequest, 'refundMinor' | 'keptFeeMinor'>,
  side: Side,
): Sum[] {
  return [
    // What the client paid on top is his affair; that he bears it is said to both.
    {
      label: m.money_end_refund({ client: clientOf(side) }),
      minor: refundMinor,
      hint: side !== 'client' && keptFeeMinor > 0 ? m.money_end_kept_other() : undefined,
    },
    ...staying(milestone, side),
    ...(side === 'client' ? [{ label: m.money_end_kept(), minor: keptFeeMinor, hint: m.money_end_kept_hint() }] : []),
  ];
}

/** Less what a bank took of it. */
function staying({ hold, currency }: Milestone, side: Side): Sum[] {
  if (!hold) return [];
  const [released, fee] = [hold.releasedMinor + hold.releasingMinor, hold.platformFeeMinor];
  const minor = released - fee - hold.owedMinor - hold.recoveredMinor;
  if (minor <= 0) return [];
  const words = { released: formatMoney(released, currency), fee: formatMoney(fee, currency) };
  const isTaken = hold.owedMinor + hold.recoveredMinor > 0;
  return [
    {
      label: side === 'freelancer' ? m.money_end_stays_mine() : m.money_end_stays(),
      minor,
      hint: isTaken ? m.money_end_stays_taken(words) : m.money_end_stays_hint(words),
    },
  ];
}

/** What his bank brought back to who paid it, if he is the one who looks; and what of that he has instead of a refund. */
export interface TakenBack {
  readonly takenBackMinor: number;
  readonly coveredMinor: number;
}

export const nothingTaken: TakenBack = { takenBackMinor: 0, coveredMinor: 0 };

/** Where the money of a milestone is. Null until it is read what his bank brought him: nothing that depends on it is said. */
export function detailsSums(milestone: Milestone, at: Omit<Reader, 'name'>, read: TakenBack | null): Sum[] {
  const { hold } = milestone;
  if (!hold?.fundedAt) return quoted(milestone, at.side);
  const taken = at.side === 'client' ? read : nothingTaken;
  const rows = [...paidIn(milestone, hold, at.side, taken), ...wentOut(hold, at.side, taken)];
  return [...rows.filter(({ minor }, index) => index === 0 || minor > 0), ...coming(milestone, at)];
}

/** What it would cost and bring. */
function quoted({ amountMinor, quote }: Milestone, side: Side): Sum[] {
  return [
    { label: m.money_fund_amount(), minor: amountMinor },
    // What the client pays on top is his affair.
    ...(side === 'client'
      ? [
          { label: m.money_fund_fee(), minor: quote.serviceFeeMinor },
          { label: m.money_fund_total(), minor: quote.clientPaysMinor, isTotal: true },
        ]
      : []),
    { label: m.money_fund_platform_fee(), minor: 0 - quote.platformFeeMinor },
    { label: getsWord(side), minor: quote.freelancerGetsMinor, isTotal: true },
  ];
}

const getsWord = (side: Side) => (side === 'freelancer' ? m.money_details_gets_mine() : m.money_details_gets());

function paidIn({ clocks, currency }: Milestone, hold: Hold, side: Side, taken: TakenBack | null): Sum[] {
  // As long as a bank has not decided, its time for evidence is there, running or over.
  const isDisputed = clocks.some(({ kind }) => kind === 'evidence');
  // What a bank brought back of it is told below.
  const feeHint = taken?.takenBackMinor === 0 ? m.money_fund_fee_hint() : undefined;
  const hint = isDisputed ? m.money_details_fee_disputed() : feeHint;
  return [
    { label: m.money_step_funded(), minor: hold.fundedMinor },
    ...(side === 'client' ? [{ label: m.money_fund_fee(), minor: hold.serviceFeeMinor, hint }] : []),
    { label: m.money_details_held(), minor: hold.heldMinor + hold.frozenMinor, hint: frozenHint(hold, currency) },
  ];
}

function wentOut(hold: Hold, side: Side, taken: TakenBack | null): Sum[] {
  const isMine = side === 'freelancer';
  return [
    { label: isMine ? m.money_details_under_way_mine() : m.money_details_under_way(), minor: hold.releasingMinor },
    { label: m.money_fund_platform_fee(), minor: hold.platformFeeMinor },
    { label: isMine ? m.money_details_paid_mine() : m.money_details_paid(), minor: hold.paidMinor },
    { label: m.money_details_refunding(), minor: hold.refundingMinor },
    ...(taken ? wentBack(hold, taken, side) : []),
    { label: m.money_details_credit(), minor: hold.creditMinor },
    { label: isMine ? m.money_details_recovered_mine() : m.money_details_recovered(), minor: hold.recoveredMinor },
    { label: isMine ? m.money_details_owed_mine() : m.money_details_owed(), minor: hold.owedMinor },
  ];
}

/** What his bank brought him instead of a refund is in what it took. */
function wentBack(hold: Hold, { takenBackMinor, coveredMinor }: TakenBack, side: Side): Sum[] {
  return [
    { label: m.money_details_refunded({ client: clientOf(side) }), minor: backOf(hold) - coveredMinor },
    takenBackMinor > 0
      ? { label: m.money_details_taken(), minor: takenBackMinor, hint: m.money_details_taken_hint() }
      : { label: m.money_details_charged_back(), minor: hold.chargedBackMinor },
  ];
}

/** What of that will reach the freelancer, as long as it is worked for. */
function coming(milestone: Milestone, { side, terms }: Omit<Reader, 'name'>): Sum[] {
  const { hold, currency } = milestone;
  const net = netOfHeld(milestone, terms);
  if (!hold || net === null || hold.heldMinor === 0 || !isAtWork(milestone)) return [];
  const hint = m.money_details_gets_hint({ fee: formatMoney(hold.heldMinor - net, currency) });
  return [{ label: getsWord(side), minor: net, hint, isTotal: true }];
}
