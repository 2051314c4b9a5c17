import type { StripeEndpoint, StripeEvent, StripeProcessor } from '../../../kernel/ports/stripe.ts';
import { query, queryOne, type Em } from '../../../kernel/sql.ts';

/** The round that applies what was kept. */
export const eventsRound = 'events.apply';

/**
 * Keeps what Stripe said, once, before it is answered. What does not belong here is kept as well, but parked: a person
 * looks, and nothing comes of it.
 */
export async function keepEvent(
  em: Em,
  processor: StripeProcessor,
  endpoint: StripeEndpoint,
  event: StripeEvent,
): Promise<'kept' | 'parked' | 'known'> {
  const objection = await objectionTo(em, processor, endpoint, event);
  const { id, type, objectId, accountId, livemode, apiVersion } = event;
  const rows = await query(
    em,
    `insert into processor_events (id, endpoint, type, object_id, account_id, payload, received_at, state, note)
     values ($1, $2, $3, $4, $5, $6, product_now(), $7, $8) on conflict do nothing returning 1 as one`,
    [
      ...[id, endpoint, type, objectId, accountId, JSON.stringify({ livemode, apiVersion })],
      objection === null ? 'received' : 'parked',
      objection,
    ],
  );
  if (rows.length === 0) return 'known';
  return objection === null ? 'kept' : 'parked';
}

/** Stripe forgets its events after 30 days. */
const mostDays = 30;

/**
 * Asks for what Stripe has said since a moment, and keeps what was never heard, for whoever applies events. Answers how
 * many those were. What was heard is known by its id.
 */
export async function catchUp(em: Em, processor: StripeProcessor, since: Date): Promise<number> {
  const row = await queryOne<{ since: Date | string }>(
    em,
    'select greatest($1::timestamptz, clock_timestamp() - make_interval(days => $2)) as since',
    [since, mostDays],
  );
  const from = new Date(row?.since ?? since);
  let missed = 0;
  for await (const event of processor.listEvents(from)) {
    if ((await keepEvent(em, processor, 'platform', event)) === 'kept') missed++;
  }
  return missed;
}

/** The last comparison asked as well: an hour before it is early enough. */
export async function caughtUpUntil(em: Em, processor: string, days: number): Promise<Date> {
  const row = await queryOne<{ since: Date | string }>(
    em,
    `select coalesce(max(finished_at) - interval '1 hour', clock_timestamp() - make_interval(days => $2)) as since
     from reconciliations where processor = $1`,
    [processor, days],
  );
  return new Date(row?.since ?? 0);
}

async function objectionTo(
  em: Em,
  processor: StripeProcessor,
  endpoint: StripeEndpoint,
  { livemode, apiVersion, accountId }: StripeEvent,
): Promise<string | null> {
  if (livemode !== processor.isLive) return livemode ? 'real money, with a test key' : 'test money, with a real key';
  if (apiVersion !== null && apiVersion !== processor.apiVersion) return `another version: ${apiVersion}`;
  if (endpoint === 'platform') return accountId === null ? null : 'an account at the door of the platform';
  // What was paid out of one in whose place there is another may come back yet.
  const text = `select 1 as one from payout_accounts where account_id = $1
    union all select 1 from payouts where account_id = $1 limit 1`;
  const known = await queryOne(em, text, [accountId]);
  return known ? null : 'an account that is not ours';
}

export interface KeptEvent {
  readonly id: string;
  readonly type: string;
  readonly object_id: string | null;
  readonly account_id: string | null;
  readonly attempts: number;
}

/** Takes some that are due, so that nobody else does for a while. */
export async function claimEvents(em: Em, limit: number): Promise<KeptEvent[]> {
  return query<KeptEvent>(
    em,
    `with due as (
       select id from processor_events where state = 'received' and next_at <= clock_timestamp()
       order by next_at limit $1 for update skip locked)
     update processor_events e set attempts = attempts + 1, next_at = clock_timestamp() + interval '30 seconds'
     from due where e.id = due.id returning e.id, e.type, e.object_id, e.account_id, e.attempts`,
    [limit],
  );
}

export async function closeEvent(em: Em, id: string, state: 'applied' | 'ignored' | 'parked', note: string | null) {
  await query(em, 'update processor_events set state = $2, note = $3, applied_at = product_now() where id = $1', [
    id,
    state,
    note,
  ]);
}

/** Again later, at growing intervals; after a day a person looks. */
const mostAttempts = 40;
export async function postponeEvent(em: Em, { id, attempts }: KeptEvent, why: string): Promise<void> {
  if (attempts >= mostAttempts) return closeEvent(em, id, 'parked', why);
  await query(
    em,
    `update processor_events set note = $2, next_at = clock_timestamp() + make_interval(secs => $3) where id = $1`,
    [id, why, Math.min(3_600, 2 ** Math.min(attempts, 12))],
  );
}
