import { m } from '#lib/paraglide/messages.js';
import type { Side } from './side.ts';

/** Whose bank paid, as a sentence begins with it: who paid reads of his own. */
export function bankOf(side: Side): string {
  return side === 'client' ? m.money_bank_mine() : m.money_bank();
}

/** What the button says that accepts the end: who paid gives nothing back, he gets it. */
export function acceptEndOf(side: Side, amount: string): string {
  return side === 'client' ? m.money_ending_accept_mine({ amount }) : m.money_ending_accept({ amount });
}

/** Who paid, within a sentence: he reads of himself. */
export function clientOf(side: Side): string {
  return side === 'client' ? m.money_you() : m.money_the_client();
}
