import type { Hold } from '@safesend/shared/escrow/hold.ts';
import type { Milestone } from '@safesend/shared/projects/milestone.ts';
import { formatMoney } from '#lib/format/money.ts';
import { m } from '#lib/paraglide/messages.js';
import type { Side } from './side.ts';
import { bankOf } from './side-words.ts';

type Moving = Pick<Milestone, 'hold' | 'quote' | 'waiting'>;

/** What is decided for the freelancer and has not arrived yet. */
export function netUnderWay({ hold, quote }: Pick<Milestone, 'hold' | 'quote'>): number {
  if (!hold) return quote.freelancerGetsMinor;
  return hold.releasedMinor + hold.releasingMinor - hold.platformFeeMinor - hold.paidMinor;
}

/** What an open chargeback is to money that is not held any more: what has not left waits, what was paid may be taken back. */
export function contestedWords(milestone: Moving, hold: Hold, side: Side): string {
  const bank = bankOf(side);
  const net = heldBack(milestone, hold);
  if (net > 0) {
    const waits = m.money_next_contested_waits({ bank, net: formatMoney(net, hold.currency) });
    return [waits, ...riskWords(hold, net, side)].join(' ');
  }
  if (hold.atRiskMinor === 0) return m.money_next_contested({ bank });
  const amount = formatMoney(hold.atRiskMinor, hold.currency);
  return side === 'freelancer'
    ? m.money_next_contested_mine({ amount })
    : m.money_next_contested_paid({ bank, amount });
}

/** The same beside what is frozen. */
export function besideFrozen(milestone: Moving, hold: Hold, side: Side): string[] {
  const net = heldBack(milestone, hold);
  const waits = net > 0 ? [m.money_next_held_back({ net: formatMoney(net, hold.currency) })] : [];
  return [...waits, ...riskWords(hold, net, side)];
}

/** Was something released that waits for the bank's decision, and for nothing else? */
export function isHeldBack(milestone: Moving): boolean {
  return milestone.hold !== null && heldBack(milestone, milestone.hold) > 0;
}

/** What would be sent, were it not for the bank: where it waits for something else, that is said. */
function heldBack(milestone: Moving, hold: Hold): number {
  return milestone.waiting === null ? Math.min(netUnderWay(milestone), hold.atRiskMinor) : 0;
}

/** Of what had been released before. */
function riskWords({ atRiskMinor, currency }: Hold, heldBackMinor: number, side: Side): string[] {
  if (atRiskMinor <= heldBackMinor) return [];
  const words = { amount: formatMoney(atRiskMinor - heldBackMinor, currency) };
  return [side === 'freelancer' ? m.money_next_at_risk_mine(words) : m.money_next_at_risk(words)];
}
