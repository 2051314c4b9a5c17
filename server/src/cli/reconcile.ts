import { decimalOf } from '@safesend/shared/money.ts';
import { openDatabase } from '../kernel/database.ts';
import { isStripe, openStripe, stripeSettings } from '../kernel/ports/stripe.ts';
import { openTestMoney } from '../kernel/ports/test-money.ts';
import { catchUp } from '../modules/escrow/service/inbox.ts';
import { reconcile, reconciliationStart, type Difference } from '../modules/escrow/service/reconcile.ts';
import { findRefused, type Refused } from '../modules/escrow/service/refused.ts';
import { CliError, exitCodes, type Verb } from './verb.ts';

/** As long as processors allow money to be held. */
const mostDays = 90;

export const reconcileVerb: Verb = {
  usage: 'reconcile [--days <1 to 90>]',
  summary: 'compare the books with the processor both ways and name every difference',
  options: { days: { type: 'string' } },
  run: async (desk, { options }) => {
    const days = Number(options['days'] ?? mostDays);
    if (!Number.isInteger(days) || days < 1 || days > mostDays)
      throw new CliError(exitCodes.usage, '--days is 1 to 90.');
    const settings = stripeSettings(desk.env);
    if (!settings && desk.env.isProduction)
      throw new CliError(exitCodes.conflict, 'Payments are not set up: no STRIPE_SECRET_KEY.');
    const orm = await openDatabase(await desk.databaseUrl(), []);
    try {
      const processor = settings ? openStripe(settings) : openTestMoney(orm);
      const since = await reconciliationStart(orm.em.fork(), processor.name, days);
      const missedEvents = isStripe(processor) ? await catchUp(orm.em.fork(), processor, since) : 0;
      const refused = await findRefused(orm.em.fork(), processor.name);
      const value = { ...(await reconcile({ orm, processor }, since)), missedEvents, refused };
      const { compared, differences, accepted } = value;
      const text = [
        ...(missedEvents > 0 ? [`${missedEvents} events had not been heard; a worker applies them now.`] : []),
        `${compared} compared, ${differences.length} differ.`,
        ...differences.map(inWords),
        ...accepted.map((it) => `${inWords(it)}; accepted: ${it.ours}`),
        ...refused.map(refusedInWords),
      ].join('\n');
      const isSound = differences.length + refused.length === 0;
      return { text, value, exitCode: isSound ? exitCodes.done : exitCodes.unhealthy };
    } finally {
      await orm.close();
    }
  },
};

function refusedInWords({ kind, operationId, milestoneId, amountMinor, currency, attempts, message }: Refused): string {
  const amount = `${currency} ${decimalOf(BigInt(amountMinor), currency)}`;
  return `  ${kind} ${operationId} of ${amount} for milestone ${milestoneId} was refused, ${attempts} times asked: ${message}`;
}

function inWords({ kind, objectId, what, ours, theirs }: Difference): string {
  const said = {
    missing: `is in the books (${ours}) and not at the processor`,
    unknown: `is at the processor (${theirs}) and not in the books`,
    amount: `is ${ours} in the books and ${theirs} at the processor`,
    currency: `is in ${ours} in the books and in ${theirs} at the processor`,
    status: `is ${ours} in the books and ${theirs} at the processor`,
  };
  return `  ${kind} ${objectId} ${said[what]}`;
}
