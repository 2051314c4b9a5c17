import { isWithout, strike } from '../../../kernel/faults.ts';
import type { OperationResult, Processor, Sought } from '../../../kernel/ports/processor.ts';
import { isTestMoney } from '../../../kernel/ports/test-money.ts';
import { query, queryOne, type Em } from '../../../kernel/sql.ts';
import type { Tx } from '../../../kernel/transact.ts';
import { Hold, Payment } from '../entity.ts';
import { keepSavedCards } from './methods.ts';
import { advancePayment } from './advancing.ts';
import { lockedHold, type MoneyDeps, type Working } from './owner.ts';
import { findPayoutAccount, lookAtAccount, openTestAccount } from './payout-accounts.ts';
import { operationColumns, type OperationRow } from './queue.ts';
import { keyOf, lockTaken } from './taking.ts';
import { isAgain, returnRefund } from './returning.ts';
import { isStopped } from './stops.ts';
import { settle } from './settling.ts';
import { arrivalsRound } from './together.ts';
import { freezeUnsent, isToWait } from './withholding.ts';

/** What was sent and has no answer after this long is read back from the processor. */
const doubtSeconds = 30;
/** Processors keep keys for a day. */
const keyHours = 23;

/**
 * Takes up to `limit` operations that are due, so that nobody else does: committed before anything is sent. One in flight
 * for too long is due again, in doubt. What another processor holds is left to it.
 */
export async function claimDue(em: Em, processor: string, limit: number): Promise<OperationRow[]> {
  return query<OperationRow>(
    em,
    `with due as (
       select id, state in ('in_flight', 'unknown') as in_doubt,
         first_sent_at < product_now() - interval '${keyHours} hours' as key_is_old
       from money_operations d
       where state in ('queued', 'in_flight', 'waiting', 'pending', 'unknown') and next_at <= product_now()
         and $2 in (select h.processor from holds h where h.id = d.hold_id
                    union all select p.processor from payouts p where p.id = d.payout_id)
       order by next_at limit $1 for update of d skip locked)
     update money_operations o set state = 'in_flight', attempts = attempts + 1, sent_at = product_now(),
       first_sent_at = coalesce(first_sent_at, product_now()), next_at = product_now() + interval '${doubtSeconds} seconds'
     from due where o.id = due.id returning ${operationColumns}, due.in_doubt, coalesce(due.key_is_old, false) as key_is_old`,
    [limit, processor],
  );
}

/** Takes one operation at once, when nobody has it. */
export async function claimOne(em: Em, operationId: string): Promise<OperationRow | null> {
  return queryOne<OperationRow>(
    em,
    `update money_operations o set state = 'in_flight', attempts = attempts + 1, sent_at = product_now(),
       first_sent_at = coalesce(first_sent_at, product_now()), next_at = product_now() + interval '${doubtSeconds} seconds'
     where o.id = $1 and o.state = 'queued' returning ${operationColumns}, false as in_doubt, false as key_is_old`,
    [operationId],
  );
}

/** Sends a claimed operation, or reads it back when its answer may be lost, and writes down the result. */
export async function execute(deps: Working, operation: OperationRow): Promise<void> {
  strike('claimed');
  if (operation.kind === 'payment') {
    const paid = await advancePayment(deps, operation);
    if (paid !== null) await keepSavedCards(deps, paid);
    return;
  }
  const result = await ask(deps, operation);
  strike('answered');
  await deps.transact({ id: null }, (tx) => record(tx, deps, operation, result));
  if (result.status === 'waiting' && result.reason === 'account') await lookAtReceiver(deps, operation);
  strike('recorded');
}

async function ask(deps: Working, operation: OperationRow): Promise<OperationResult> {
  const em = deps.orm.em.fork() as Em;
  const hold = operation.hold_id === null ? null : await em.findOneOrFail(Hold, operation.hold_id);
  try {
    const isKnown = operation.in_doubt || operation.key_is_old || operation.object_id !== null;
    if (!isWithout('read-back') && isKnown) {
      const found = await deps.processor.findOperation(await soughtFor(em, operation, hold));
      if (found) return found;
      if (await isToWait(em, operation))
        return { ...unsent, reason: 'busy', message: 'The bank of its payment decides.' };
    }
    // Nobody received it: only then may an old key be replaced.
    const isForgotten = operation.key_is_old || (operation.in_doubt && isWithout('read-back'));
    const key = await keyOf(em, operation, isForgotten);
    if (key === null) return { status: 'unknown', message: 'Another worker took it over.' };
    return await dispatch(em, deps.processor, operation, key, hold);
  } catch (error) {
    deps.log.warn({ err: error, operationId: operation.id }, 'a money operation has no answer');
    return { status: 'unknown', message: error instanceof Error ? error.message : 'no answer' };
  }
}

async function dispatch(
  em: Em,
  processor: Processor,
  operation: OperationRow,
  idempotencyKey: string,
  hold: Hold | null,
): Promise<OperationResult> {
  const money = { amountMinor: BigInt(operation.amount_minor), currency: operation.currency };
  const base = { ...money, operationId: operation.id, idempotencyKey };
  if (operation.kind === 'payout') {
    return processor.payout({ ...base, accountId: await payoutAccountOf(em, operation) });
  }
  if (!hold) throw new Error('an operation without a hold');
  const order = { ...base, holdId: hold.id, milestoneId: hold.milestoneId };
  const source = await sourceOf(em, operation);
  if (operation.kind === 'refund') {
    const processorPaymentId = source?.processorPaymentId ?? '';
    return processor.refund({ ...order, processorPaymentId, reason: operation.reason });
  }
  if (operation.kind === 'reversal') {
    const accountId = await accountOf(em, processor, hold.freelancerId);
    return processor.reverse({ ...order, transferId: operation.reason, accountId });
  }
  if (await isStopped(em, processor.name, hold.freelancerId)) {
    return { ...unsent, reason: 'busy', message: 'The books and the processor differ; a person looks.' };
  }
  const account = await findActiveAccount(em, processor, hold.freelancerId);
  if (account === null) return { ...unsent, reason: 'account', message: 'Payouts are not set up yet.' };
  // What a charge brought left with the first transfer of it; the bank gave this back.
  const chargeId = isAgain(operation) ? null : (source?.chargeId ?? '');
  return processor.transfer({ ...order, accountId: account, chargeId });
}

const unsent = { status: 'waiting', isUnsent: true } as const;

async function accountOf(em: Em, processor: Processor, userId: string): Promise<string> {
  const text = 'select account_id from payout_accounts where user_id = $1 and processor = $2';
  const row = await queryOne<{ account_id: string }>(em, text, [userId, processor.name]);
  if (!row) throw new Error('a transfer without an account');
  return row.account_id;
}

/** The freelancer's account at the processor, when money may go there. */
async function findActiveAccount(em: Em, processor: Processor, userId: string): Promise<string | null> {
  const known = await findPayoutAccount(em, userId, processor.name);
  const account = known ?? (isTestMoney(processor) ? await openTestAccount(em, processor, userId) : null);
  return account?.status === 'active' ? account.account_id : null;
}

/** It was ready when it was heard of last, and is not: its owner is told what is missing. */
async function lookAtReceiver(deps: Working, { kind, hold_id: holdId }: OperationRow): Promise<void> {
  const em = deps.orm.em.fork() as Em;
  const hold = kind === 'transfer' && holdId !== null ? await em.findOne(Hold, holdId) : null;
  const account = hold && (await findPayoutAccount(em, hold.freelancerId, deps.processor.name));
  if (account?.status !== 'active') return;
  await lookAtAccount(deps, account.account_id).catch((err: unknown) =>
    deps.log.warn({ err }, 'an account was not read'),
  );
}

/** The payment whose money it moves. */
async function sourceOf(em: Em, { payment_id: id }: OperationRow): Promise<Payment | null> {
  return id === null ? null : em.findOne(Payment, id);
}

export async function soughtFor(em: Em, operation: OperationRow, hold: Hold | null): Promise<Sought> {
  return {
    kind: operation.kind,
    operationId: operation.id,
    objectId: operation.object_id,
    holdId: hold?.id ?? null,
    processorPaymentId: (await sourceOf(em, operation))?.processorPaymentId ?? null,
    accountId: operation.payout_id === null ? null : await payoutAccountOf(em, operation),
  };
}

/** What it was asked of: there may be another one in its place by now. */
async function payoutAccountOf(em: Em, { payout_id: id }: OperationRow): Promise<string> {
  const row = await queryOne<{ account_id: string }>(em, 'select account_id from payouts where id = $1', [id]);
  if (!row) throw new Error('no such payout');
  return row.account_id;
}

/** The second transaction. Whoever comes second finds the operation settled, or taken over, and changes nothing. */
export async function record(tx: Tx, deps: MoneyDeps, operation: OperationRow, result: OperationResult): Promise<void> {
  const hold = operation.hold_id === null ? null : await lockedHold(tx, deps, operation.hold_id);
  if (!(await lockTaken(tx, operation))) return;
  // What the processor had accepted and could not do, or would never do, is over: it is not sent again.
  if (hold && operation.kind === 'refund' && result.status === 'failed')
    return returnRefund(tx, deps.owner, hold, operation, result);
  const isDone = result.status === 'succeeded';
  await tx.query(
    `update money_operations set state = $2, object_id = coalesce($3, object_id), error = $4, waiting_reason = $5,
       settled_at = case when $6 then $7::timestamptz end, idempotency_key = coalesce($9, idempotency_key),
       first_sent_at = case when $9::text is null then first_sent_at end,
       next_at = $7::timestamptz + make_interval(secs => $8) where id = $1`,
    [operation.id, ...outcomeOf(operation, result, isDone, tx.now)],
  );
  if (!hold) return;
  // It may be days until it ends: what has arrived beside it is not told with it.
  if (result.status === 'pending') tx.wake(arrivalsRound);
  if (result.status === 'succeeded') await settle(tx, deps.owner, hold, operation, result.objectId);
  else if (result.status === 'waiting' || result.status === 'failed') {
    if (await isFrozenNow(tx, hold, operation)) return deps.owner.frozen(tx, hold);
    await deps.owner.waits(tx, hold, waitingFor(operation, result));
  }
}

/** Its payment may have been charged back since it was sent: until the bank has decided it is not sent again. */
async function isFrozenNow(tx: Tx, hold: Hold, operation: OperationRow): Promise<boolean> {
  const { id, kind, payment_id: paymentId } = operation;
  if (kind !== 'transfer' || isAgain(operation) || paymentId === null) return false;
  if (!(await freezeUnsent(tx, hold, paymentId))) return false;
  const text = `select 1 as one from money_operations where id = $1 and state = 'frozen'`;
  return (await tx.query(text, [id])).length > 0;
}

function outcomeOf(operation: OperationRow, result: OperationResult, isDone: boolean, now: Date): unknown[] {
  const backoff = Math.min(600, 2 ** Math.min(operation.attempts, 9));
  const again = { waiting: backoff, failed: Math.max(30, backoff), pending: 60, unknown: doubtSeconds, succeeded: 0 };
  const state = result.status === 'failed' ? 'waiting' : result.status;
  const objectId = result.status === 'succeeded' || result.status === 'pending' ? result.objectId : null;
  const reason = result.status === 'waiting' ? result.reason : result.status === 'failed' ? 'processor' : null;
  // A refusal is kept under its key for ever: asking again needs another one. What was not asked for keeps its own, because
  // somebody who was overtaken may still be about to ask for it.
  const isRefused = result.status === 'failed' || (result.status === 'waiting' && result.isUnsent !== true);
  const key = isRefused ? `op_${operation.id}.${operation.attempts}` : null;
  const error = 'message' in result ? result.message : null;
  return [state, objectId, error, reason, isDone, now, again[result.status], key];
}

function waitingFor({ kind }: OperationRow, result: Extract<OperationResult, { status: 'waiting' | 'failed' }>) {
  if (kind === 'reversal') return { reason: 'recovery', on: 'freelancer', paymentId: null } as const;
  const isAccount = result.status === 'waiting' && result.reason === 'account';
  return isAccount
    ? ({ reason: 'payout_onboarding', on: 'freelancer', paymentId: null } as const)
    : ({ reason: 'processor', on: 'product', paymentId: null } as const);
}
