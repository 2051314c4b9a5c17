import type { Milestone } from '@safesend/shared/projects/milestone.ts';
import { formatMoney } from '#lib/format/money.ts';
import { m } from '#lib/paraglide/messages.js';

/** What is still open between the two sides, and what an approval makes of it: all that is held is released, as it was agreed. */
export function endsWithApproval(
  { cancellation, proposal, currency }: Pick<Milestone, 'cancellation' | 'proposal' | 'currency'>,
  { myId, nameOf }: { readonly myId: string; readonly nameOf: (userId: string) => string },
): string[] {
  const ends: string[] = [];
  if (cancellation?.requestedBy === myId) ends.push(m.money_approve_ends_mine());
  else if (cancellation) {
    const refund = formatMoney(cancellation.refundMinor, currency);
    ends.push(m.money_approve_ends({ name: nameOf(cancellation.requestedBy), refund }));
  }
  if (proposal?.acceptedBy) ends.push(m.money_approve_change_agreed());
  else if (proposal?.proposedBy === myId) ends.push(m.money_approve_change_mine());
  else if (proposal) ends.push(m.money_approve_change({ name: nameOf(proposal.proposedBy) }));
  return ends;
}
