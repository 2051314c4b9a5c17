import { formatDate } from '#lib/format/time.ts';
import { m } from '#lib/paraglide/messages.js';

/** Until when money is held; once that is over, that it waits for a decision and not for that day. */
export function heldUntilWords(heldUntil: string, isPast: (moment: string) => boolean): string {
  const date = formatDate(heldUntil);
  return isPast(heldUntil) ? m.money_details_until_over({ date }) : m.money_details_until({ date });
}
