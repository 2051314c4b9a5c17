import { Failure, refuseField } from '@safesend/shared/failure.ts';
import { id as idShape, newId } from '@safesend/shared/ids.ts';
import type { Money, PayoutState, Processor } from '../../../kernel/ports/processor.ts';
import type { TestMoney } from '../../../kernel/ports/test-money.ts';
import { oneByOne } from '../../../kernel/one-by-one.ts';
import { query, queryOne, type Em } from '../../../kernel/sql.ts';
import type { Tx } from '../../../kernel/transact.ts';
import { requireVerified } from '../access.ts';
import { presentPayout, type PayoutRow } from '../present.ts';
import { refuseGone } from './gone-accounts.ts';
import { findBalance } from './ledger.ts';
import type { Working } from './owner.ts';
import { operationsRound } from './queue.ts';
import { accessPayoutAccount } from './payout-accounts.ts';

const columns = `p.id, p.user_id, p.amount_minor::text, p.currency, p.status, p.failure_message, p.created_at, p.arrives_at`;
type Row = PayoutRow & { readonly user_id: string };

/** A page, the newest first; a cursor is the id after which it goes on. */
export async function findPayouts(
  em: Em,
  userId: string,
  { limit = 50, cursor }: { limit?: number | undefined; cursor?: string | undefined },
): Promise<{ rows: PayoutRow[]; next: string | null }> {
  if (cursor !== undefined && !idShape.safeParse(cursor).success) {
    throw refuseField('invalid', 'cursor', 'This is not a cursor of this list.');
  }
  const rows = await query<PayoutRow>(
    em,
    `select ${columns} from payouts p where p.user_id = $1
       and ($2::text is null or (p.created_at, p.id) < (select created_at, id from payouts where id::text = $2 and user_id = $1))
     order by p.created_at desc, p.id desc limit $3`,
    [userId, cursor ?? null, limit + 1],
  );
  const items = rows.slice(0, limit);
  return { rows: items, next: rows.length > limit ? (items.at(-1)?.id ?? null) : null };
}

/** What is there, and the payouts of ours of the last day that are taken off it already. */
export interface Available {
  readonly there: readonly Money[];
  readonly takenIds: readonly string[];
}

/** What is there for me. Asked outside of any transaction. */
export async function findAvailable(deps: Working, userId: string): Promise<Available> {
  const em = deps.orm.em.fork() as Em;
  // Whoever has not proven his address hears of that first, whatever else is missing.
  await requireVerified({ em, me: userId });
  const account = await accessPayoutAccount(em, userId, deps.processor.name);
  return readAvailable(deps, userId, account.account_id);
}

const looks = 3;

/**
 * Payouts that the processor had taken before it was asked are off what it says; one that it takes meanwhile may be or not,
 * so it is asked again then.
 */
async function readAvailable({ orm, processor }: Working, userId: string, accountId: string): Promise<Available> {
  const em = orm.em.fork() as Em;
  let takenIds = await findTaken(em, userId, processor.name);
  for (let look = 1; ; look++) {
    const there = (await processor.available(accountId)) ?? (await refuseGone(em, accountId));
    const takenSince = await findTaken(em, userId, processor.name);
    if (String(takenSince) === String(takenIds) || look === looks) return { there, takenIds };
    takenIds = takenSince;
  }
}

/** Longer than anybody takes from asking what is there to asking for it. */
const lately = `p.created_at > product_now() - interval '1 day'`;

async function findTaken(em: Em, userId: string, name: Processor['name']): Promise<string[]> {
  const rows = await query<{ id: string }>(
    em,
    `select p.id from payouts p join money_operations o on o.payout_id = p.id
     where p.user_id = $1 and p.processor = $2 and o.object_id is not null and ${lately} order by p.id`,
    [userId, name],
  );
  return rows.map(({ id }) => id);
}

/** Asks for a payout of what is there. The processor hears of it after the commit, under the operation's key. */
export async function requestPayout(
  tx: Tx,
  name: Processor['name'],
  available: Available,
  wanted: Money,
): Promise<Row> {
  await requireVerified(tx);
  if ((await findFree(tx, name, available, wanted.currency)) < wanted.amountMinor)
    throw new Failure('conflict', 'Less than that is available.');
  return queuePayout(tx, name, wanted);
}

/** What nobody has asked for yet and nobody is owed; while it is looked at nobody else asks. */
async function findFree(
  tx: Tx,
  name: Processor['name'],
  { there, takenIds }: Available,
  currency: Money['currency'],
): Promise<bigint> {
  await tx.query('select 1 as one from payout_accounts where user_id = $1 and processor = $2 for update', [
    tx.me,
    name,
  ]);
  const account = await accessPayoutAccount(tx.em, tx.me, name);
  if (account.status !== 'active') throw new Failure('conflict', 'Finish setting up payouts first.');
  const asked = await queryOne<{ sum: string }>(
    tx.em,
    // However far one has come since: what was read knew nothing of it, unless it was taken by then.
    `select coalesce(sum(p.amount_minor), 0)::text as sum from payouts p join money_operations o on o.payout_id = p.id
     where p.user_id = $1 and p.account_id = $2 and p.currency = $3 and p.status <> 'failed' and p.id <> all($4)
       and (o.object_id is null or ${lately})`,
    [tx.me, account.account_id, currency, takenIds],
  );
  const amount = there.find((it) => it.currency === currency)?.amountMinor ?? 0n;
  const owed = await findBalance(tx.em, 'receivable', tx.me, currency);
  return amount - BigInt(asked?.sum ?? 0) - owed;
}

async function queuePayout(tx: Tx, name: Processor['name'], { amountMinor, currency }: Money): Promise<Row> {
  const [id, operationId] = [newId(), newId()];
  const [row] = await tx.query<Row>(
    `insert into payouts as p (id, user_id, processor, account_id, amount_minor, currency, status, created_at)
     values ($1, $2, $3, (select account_id from payout_accounts where user_id = $2 and processor = $3), $4, $5, 'pending', $6)
     returning ${columns}`,
    [id, tx.me, name, String(amountMinor), currency, tx.now],
  );
  await tx.query(
    `insert into money_operations (id, kind, payout_id, seq, amount_minor, gross_minor, currency, state, idempotency_key, next_at, created_at)
     values ($1, 'payout', $2, 1, $3, $3, $4, 'queued', $5, $6, $6)`,
    [operationId, id, String(amountMinor), currency, `op_${operationId}`, tx.now],
  );
  tx.wake(operationsRound);
  if (!row) throw new Error('a payout was not written');
  await tellRequested(tx, row);
  return row;
}

/** On every device of its owner: what is free has become less. */
async function tellRequested(tx: Tx, row: Row): Promise<void> {
  const [owner] = await tx.query<{ inbox_room_id: string }>('select inbox_room_id from users where id = $1', [
    row.user_id,
  ]);
  if (owner) tx.append(owner.inbox_room_id, { type: 'payout.requested', data: presentPayout(row) });
}

/**
 * Makes of a payout what the processor says it is now. One that nobody asked for here is the schedule's. A bank may send
 * back what was paid, days later; what has failed stays so.
 */
export async function applyPayout(tx: Tx, name: Processor['name'], state: PayoutState): Promise<void> {
  const owner = await lockOwner(tx, name, state.accountId);
  if (!owner) return;
  const row = (await lockPayout(tx, state)) ?? (await adopt(tx, name, owner.user_id, state));
  if (row.status === 'failed' || row.status === state.status) return;
  if (row.status === 'paid' && state.status === 'pending') return;
  await settlePayout(tx, owner.inbox_room_id, row.id, state.status, state.failureMessage);
}

/** Whose it is, or was when something was paid out of it: there may be another one in its place by now. */
async function lockOwner(tx: Tx, name: Processor['name'], accountId: string) {
  const [owner] = await tx.query<{ user_id: string; inbox_room_id: string }>(
    `select a.user_id, u.inbox_room_id from payout_accounts a join users u on u.id = a.user_id
     where a.processor = $2 and (a.account_id = $1 or a.user_id in (select user_id from payouts where account_id = $1))
     for update of a`,
    [accountId, name],
  );
  return owner;
}

async function lockPayout(tx: Tx, state: PayoutState): Promise<Row | null> {
  const [row] = await tx.query<Row>(
    `update payouts p set processor_payout_id = $1, arrives_at = coalesce($3, p.arrives_at)
     where p.processor_payout_id = $1
       or p.id = (select payout_id from money_operations where id::text = $2 and kind = 'payout') returning ${columns}`,
    [state.processorPayoutId, state.operationId, state.arrivesAt],
  );
  return row ?? null;
}

async function adopt(tx: Tx, name: Processor['name'], userId: string, state: PayoutState): Promise<Row> {
  const [row] = await tx.query<Row>(
    `insert into payouts as p (id, user_id, processor, account_id, processor_payout_id, amount_minor, currency, status, created_at, arrives_at)
     values ($1, $2, $3, $4, $5, $6, $7, 'pending', $8, $9) returning ${columns}`,
    [
      newId(),
      userId,
      name,
      state.accountId,
      state.processorPayoutId,
      String(state.amountMinor),
      state.currency,
      tx.now,
      state.arrivesAt,
    ],
  );
  if (!row) throw new Error('a payout was not written');
  // Of one that is over when it is first heard of, its end is told.
  if (state.status === 'pending') await tellRequested(tx, row);
  return row;
}

async function settlePayout(
  tx: Tx,
  inboxRoomId: string,
  id: string,
  status: PayoutState['status'],
  message: string | null,
) {
  const [row] = await tx.query<Row>(
    `update payouts p set status = $2, failure_message = $3 where p.id = $1 returning ${columns}`,
    [id, status, message],
  );
  if (row && status !== 'pending') tx.append(inboxRoomId, { type: `payout.${status}`, data: presentPayout(row) });
}

/**
 * Stripe keeps schedules by itself and tells of it; those of test money are kept here, through the same door as a payout
 * by hand: what is owed or asked for already stays. Asked again before the period was kept, nothing is left to ask for.
 */
export async function payOutScheduled(deps: Working & { readonly processor: TestMoney }): Promise<void> {
  const accounts = await query<{ user_id: string; account_id: string }>(
    deps.orm.em.fork(),
    `select user_id, account_id from payout_accounts where processor = $1 and status = 'active' and schedule <> 'manual'`,
    [deps.processor.name],
  );
  await oneByOne(accounts, ({ user_id: userId, account_id: accountId }) => keepSchedule(deps, userId, accountId), {
    ...{ log: deps.log, about: ({ user_id: userId }) => ({ userId }) },
    // It is tried again with the next round.
    why: 'a scheduled payout could not be asked for',
  });
}

async function keepSchedule(
  deps: Working & { readonly processor: TestMoney },
  userId: string,
  accountId: string,
): Promise<void> {
  const { processor, transact } = deps;
  const period = await processor.findPeriod(accountId);
  if (!period) return;
  const available = await readAvailable(deps, userId, accountId);
  for (const { currency } of available.there) {
    await transact({ id: userId }, async (tx) => {
      const amountMinor = await findFree(tx, processor.name, available, currency);
      if (amountMinor > 0n) await queuePayout(tx, processor.name, { amountMinor, currency });
    });
  }
  await period.kept();
}

interface Pending {
  readonly id: string;
  readonly account_id: string;
  readonly inbox_room_id: string;
  readonly operation_id: string | null;
  readonly object_id: string | null;
  readonly state: string | null;
  readonly waiting_reason: string | null;
  readonly error: string | null;
}

/** Payouts under way: what became of the call that asked for them, and of themselves. `everything`: also those that were told of already. */
export async function followPayouts(deps: Working, everything: boolean): Promise<void> {
  const em = deps.orm.em.fork() as Em;
  const pending = await query<Pending>(
    em,
    `select p.id, p.account_id, u.inbox_room_id, o.id as operation_id, coalesce(p.processor_payout_id, o.object_id) as object_id,
       o.state, o.waiting_reason, o.error
     from payouts p join users u on u.id = p.user_id left join money_operations o on o.payout_id = p.id
     where p.status = 'pending' and p.processor = $1 and ($2 or p.processor_payout_id is null)
     order by p.created_at desc limit 200`,
    [deps.processor.name, everything],
  );
  await oneByOne(pending, (payout) => follow(deps, payout), {
    ...{ log: deps.log, about: ({ id }) => ({ payoutId: id }) },
    why: 'a payout could not be followed',
  });
}

async function follow(deps: Working, payout: Pending): Promise<void> {
  const { object_id: objectId, operation_id: operationId, account_id: accountId } = payout;
  if (objectId !== null) {
    const state = await deps.processor.readPayout(accountId, objectId);
    if (state)
      await deps.transact({ id: null }, (tx) => applyPayout(tx, deps.processor.name, { ...state, operationId }));
  } else if (payout.state === 'waiting' && payout.waiting_reason !== 'busy') {
    await deps.transact({ id: null }, (tx) => giveUp(tx, payout));
  }
}

/** The processor said no: whoever asked may ask again, for what is there then. */
async function giveUp(tx: Tx, { id, operation_id: operationId, inbox_room_id: inbox, error }: Pending): Promise<void> {
  const ended = await tx.query(
    `update money_operations set state = 'failed', settled_at = $2 where id = $1 and state = 'waiting' returning 1 as one`,
    [operationId, tx.now],
  );
  if (ended.length > 0) await settlePayout(tx, inbox, id, 'failed', error);
}
