import { creditReference } from '@safesend/shared/escrow/hold.ts';
import { id } from '@safesend/shared/ids.ts';
import { currency, decimalOf } from '@safesend/shared/money.ts';
import { findOwedCredits, recordCreditPaid } from '../modules/escrow/service/crediting.ts';
import { notificationReactions } from '../modules/notifications/reactions.ts';
import { milestonesHold } from '../modules/projects/service/holding.ts';
import { roomReactions } from '../modules/rooms/reactions.ts';
import { withProduct } from './product.ts';
import { CliError, exitCodes, read, required, type Verb } from './verb.ts';

/** Who is concerned is told. */
const reactions = [...roomReactions, ...notificationReactions];

export const creditsVerb: Verb = {
  usage: 'credits',
  summary: 'what clients are owed because their bank sent a refund back, by milestone',
  run: async (desk) =>
    withProduct(desk, [], async ({ em }) => {
      const credits = await findOwedCredits(em);
      const lines = credits.map(
        (it) =>
          `  ${it.milestoneId}  ${it.currency} ${decimalOf(BigInt(it.amountMinor), it.currency)} to ${it.clientName}: ${it.milestoneTitle}, ${it.projectTitle}`,
      );
      return { text: [`${credits.length} owed.`, ...lines].join('\n'), value: { credits } };
    }),
};

export const creditPaidVerb: Verb = {
  usage: 'credit-paid <milestone id> --amount-minor <n> --currency <code> --reference <text>',
  summary: 'write down that a client was given what he is owed another way, by a bank transfer for instance',
  options: { 'amount-minor': { type: 'string' }, currency: { type: 'string' }, reference: { type: 'string' } },
  run: async (desk, request) => {
    const amount = required(request, 'amount-minor');
    if (!/^[1-9]\d{0,14}$/.test(amount))
      throw new CliError(exitCodes.usage, '--amount-minor is a whole number of the smallest unit.');
    const paid = {
      milestoneId: read(id, request.words[0] ?? '', 'the milestone id'),
      amountMinor: BigInt(amount),
      currency: read(currency, required(request, 'currency'), '--currency'),
      reference: read(creditReference, required(request, 'reference'), '--reference'),
    };
    return withProduct(desk, reactions, async ({ transact }) => {
      await transact({ id: null }, (tx) => recordCreditPaid(tx, { owner: milestonesHold }, paid));
      const value = { ...paid, amountMinor: Number(paid.amountMinor) };
      const text = `${paid.currency} ${decimalOf(paid.amountMinor, paid.currency)} are paid: the books and the room say so.`;
      return { text, value };
    });
  },
};
