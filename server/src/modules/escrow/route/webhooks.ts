import { Failure } from '@safesend/shared/failure.ts';
import type { StreamDoor } from '../../../kernel/http.ts';
import type { StripeEndpoint, StripeProcessor } from '../../../kernel/ports/stripe.ts';
import { eventsRound, keepEvent } from '../service/inbox.ts';
import type { MoneyDeps } from '../service/owner.ts';

const doors: readonly (readonly [path: `/${string}`, endpoint: StripeEndpoint, summary: string])[] = [
  ['/webhooks/stripe', 'platform', 'What Stripe says of payments, transfers, refunds and chargebacks; signed'],
  ['/webhooks/stripe/connect', 'connect', 'What Stripe says of the accounts and payouts of freelancers; signed'],
  ['/webhooks/stripe/thin', 'thin', 'What Stripe says of accounts of version 2; signed'],
];

/** Answers once it is kept, and not before. What nobody can have signed is refused before anything of it is looked at. */
export function webhookRoutes(stream: StreamDoor, { orm, processor, log, wake }: MoneyDeps): void {
  const stripe = processor?.name === 'stripe' ? (processor as StripeProcessor) : null;
  for (const [path, endpoint, summary] of doors) {
    stream({ method: 'post', path, summary, access: 'public' }, async (c) => {
      const event = stripe?.readEvent(endpoint, await c.req.text(), c.req.header('stripe-signature') ?? '');
      if (!stripe || !event) throw new Failure('malformed', 'This was not signed by Stripe for this address.');
      const fate = await keepEvent(orm.em.fork(), stripe, endpoint, event);
      if (fate === 'parked') log.error({ eventId: event.id, type: event.type }, 'an event of the processor was parked');
      if (fate === 'kept') wake?.(eventsRound);
      return c.body(null, 200);
    });
  }
}
