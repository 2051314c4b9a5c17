import { testMoneyPart, type TestMoneyPart } from '@safesend/shared/escrow/wallet.ts';
import { Failure } from '@safesend/shared/failure.ts';
import type { AccountState, Processor } from '../../../kernel/ports/processor.ts';
import type { TestMoney } from '../../../kernel/ports/test-money.ts';
import { oneByOne } from '../../../kernel/one-by-one.ts';
import { query, queryOne, type Em } from '../../../kernel/sql.ts';
import type { Tx } from '../../../kernel/transact.ts';
import { requireVerified } from '../access.ts';
import type { PayoutAccountRow } from '../present.ts';
import { noteGone } from './gone-accounts.ts';
import { owes, schedulesRound } from './held-schedules.ts';
import type { MoneyDeps, Working } from './owner.ts';
import { forgetKeys } from './taking.ts';
import { operationsRound } from './queue.ts';

const columns = 'account_id, processor, status, country, schedule, requirements';

export async function findPayoutAccount(
  em: Em,
  userId: string,
  name: Processor['name'],
): Promise<PayoutAccountRow | null> {
  const text = `select ${columns} from payout_accounts where user_id = $1 and processor = $2`;
  return queryOne<PayoutAccountRow>(em, text, [userId, name]);
}

/** As the processor has it now, as long as money does not reach it; while nobody answers, as it was heard of last. */
export async function readPayoutAccount(deps: Working, em: Em, userId: string): Promise<PayoutAccountRow | null> {
  const { processor, log } = deps;
  const known = await findPayoutAccount(em, userId, processor.name);
  if (!known || known.status === 'active') return known;
  await refreshAccount(deps, known.account_id).catch((err: unknown) => log.warn({ err }, 'an account was not read'));
  return findPayoutAccount(em, userId, processor.name);
}

export async function accessPayoutAccount(em: Em, userId: string, name: Processor['name']): Promise<PayoutAccountRow> {
  const account = await findPayoutAccount(em, userId, name);
  if (!account) throw new Failure('conflict', 'Set up payouts first.');
  return account;
}

/** A page of the processor: to set payouts up, or, once they are, to look at them. */
export async function openOnboarding(deps: Working, userId: string, country: string | undefined, back: string) {
  await deps.transact({ id: userId }, requireVerified);
  const accountId = await ensureAccount(deps, userId, country);
  const { url, expiresAt } = await deps.processor.onboardingLink(accountId, {
    returnUrl: `${back}?setup=returned`,
    // Links live for minutes and work once: whoever comes from a dead one is given another.
    refreshUrl: `${back}?setup=expired`,
  });
  return { url, expiresAt: expiresAt?.toISOString() ?? null };
}

/** My account at the processor, made when there is none or that one is gone: asked again, it is the same one. */
async function ensureAccount(deps: Working, userId: string, country: string | undefined): Promise<string> {
  const em = deps.orm.em.fork() as Em;
  const known = await findPayoutAccount(em, userId, deps.processor.name);
  const isGone = known !== null && (await refreshAccount(deps, known.account_id)) === 'gone';
  if (known && !isGone) return known.account_id;
  const instead = known?.account_id ?? null;
  const person = await queryOne<{ email: string; name: string }>(
    em,
    'select u.email, p.display_name as name from users u join profiles p on p.user_id = u.id where u.id = $1',
    [userId],
  );
  const { email = '', name = '' } = person ?? {};
  const where = country ?? known?.country ?? 'US';
  const state = await deps.processor.account({ userId, email, name, country: where, instead });
  if (instead !== null) await replaceAccount(deps, userId, instead, state);
  else await keepAccount(em, userId, deps.processor.name, state);
  await wakeTransfers(em, userId);
  return (await accessPayoutAccount(em, userId, deps.processor.name)).account_id;
}

/**
 * Test money pays whoever has not begun to set payouts up, to an account that it opens itself: a trial and a script need no form.
 * Whoever has begun waits until he is through, as with a real processor.
 */
export async function openTestAccount(em: Em, processor: TestMoney, userId: string): Promise<PayoutAccountRow | null> {
  const { accountId } = await processor.account({ userId, email: '', name: '', country: 'US', instead: null });
  for (const part of testMoneyPart.options) await processor.answer(accountId, part);
  const state = await processor.readAccount(accountId);
  if (state) await keepAccount(em, userId, processor.name, state);
  return findPayoutAccount(em, userId, processor.name);
}

/** The first one stays: whoever opens one beside it is given that. */
async function keepAccount(em: Em, userId: string, name: Processor['name'], state: AccountState): Promise<void> {
  await query(
    em,
    `insert into payout_accounts (user_id, processor, account_id, status, country, schedule, requirements, updated_at)
     values ($1, $2, $3, $4, $5, $6, $7, product_now()) on conflict (user_id, processor) do nothing`,
    [userId, name, ...rowOf(state.status === 'restricted' ? { ...state, status: 'onboarding' } : state)],
  );
}

/**
 * In the place of one that is gone, unless another one is there by now; when what he chose pays out goes with him. What waits for him was
 * asked for of the one before, if it was.
 */
async function replaceAccount(deps: Working, userId: string, gone: string, state: AccountState): Promise<void> {
  await deps.transact({ id: null }, async (tx) => {
    const { accountId, status, country, requirements } = state;
    const replaced = await tx.query(
      `update payout_accounts set account_id = $3, status = $4, country = $5, requirements = $6, is_held = false,
         is_schedule_due = true, updated_at = $7 where account_id = $1 and user_id = $2 returning 1 as one`,
      [gone, userId, accountId, status, country, JSON.stringify(requirements), tx.now],
    );
    if (replaced.length === 0) return;
    await forgetKeys(tx, `kind = 'transfer' and hold_id in (select id from holds where freelancer_id = $1)`, [userId]);
  });
}

/** What somebody says on the form of test money; what waited for him goes on as soon as he is through. */
export async function answerTestMoney(
  deps: MoneyDeps & { readonly processor: TestMoney },
  userId: string,
  part: TestMoneyPart,
): Promise<PayoutAccountRow> {
  const em = deps.orm.em.fork() as Em;
  const { account_id: accountId } = await accessPayoutAccount(em, userId, deps.processor.name);
  if (!(await deps.processor.answer(accountId, part))) throw new Failure('conflict', 'Say who you are first.');
  await refreshAccount(deps, accountId);
  return accessPayoutAccount(em, userId, deps.processor.name);
}

function rowOf({ accountId, status, country, schedule, requirements }: AccountState): unknown[] {
  return [accountId, status, country, schedule, JSON.stringify(requirements)];
}

/** Until money could reach him once he is still setting up, however far he is. */
const notYet = `case when status = 'onboarding' then 'onboarding' else 'restricted' end`;

/** What is decided about a schedule. */
const stand = `concat_ws(' ', schedule, is_held, is_schedule_due)`;

type Stand = { readonly userId: string; readonly status: AccountState['status'] } | 'gone';

/** Reads it at the processor; what waited for it goes on at once. Null: it is nobody's here. */
export async function refreshAccount(deps: Working, accountId: string): Promise<Stand | null> {
  const stand = await lookAtAccount(deps, accountId);
  if (stand !== null && stand !== 'gone' && stand.status === 'active') {
    await wakeTransfers(deps.orm.em.fork(), stand.userId);
    deps.wake?.(operationsRound);
  }
  return stand;
}

/** Reads it at the processor and writes down what it is; null: it is nobody's here. */
export async function lookAtAccount(deps: Working, accountId: string): Promise<Stand | null> {
  const em = deps.orm.em.fork() as Em;
  const before = await queryOne<{ stand: string }>(
    em,
    `select ${stand} as stand from payout_accounts where account_id = $1`,
    [accountId],
  );
  const state = await deps.processor.readAccount(accountId);
  if (!state) return (await noteGone(em, accountId)) ? 'gone' : null;
  const [row] = await query<{ user_id: string; is_schedule_due: boolean }>(
    em,
    // What was decided while it was read is newer. While it is held back there, or is just about to be, what he chose is what it was;
    // what somebody made of it at Stripe itself, he or a call that had been given up, is mended.
    `update payout_accounts a set status = case when $2 = 'restricted' then ${notYet} else $2 end, country = coalesce($3, country),
       schedule = case when is_held or is_schedule_due or ${owes} or ${stand} is distinct from $6 then schedule else $4 end,
       is_schedule_due = is_schedule_due or (is_held and $4 <> 'manual' and ${stand} is not distinct from $6),
       requirements = $5, updated_at = product_now() where account_id = $1 returning user_id, is_schedule_due`,
    [...rowOf(state), before?.stand ?? null],
  );
  if (row?.is_schedule_due) deps.wake?.(schedulesRound);
  return row ? { userId: row.user_id, status: state.status } : null;
}

async function wakeTransfers(em: Em, userId: string): Promise<void> {
  await query(
    em,
    `update money_operations o set next_at = product_now() from holds h
     where h.id = o.hold_id and h.freelancer_id = $1 and o.state = 'waiting' and o.waiting_reason = 'account'`,
    [userId],
  );
}

/** Those that are not ready or whose schedule is held back are looked at again, in case nobody told us. */
export async function refreshWatched(deps: Working): Promise<void> {
  const watched = await query<{ account_id: string }>(
    deps.orm.em.fork(),
    // Looked at in turn: one that cannot be read is behind the others next time.
    `with next as (
       select account_id from payout_accounts where processor = $1 and (status <> 'active' or is_held) order by updated_at limit 20)
     update payout_accounts a set updated_at = product_now() from next where a.account_id = next.account_id returning a.account_id`,
    [deps.processor.name],
  );
  await oneByOne(watched, ({ account_id: accountId }) => refreshAccount(deps, accountId), {
    ...{ log: deps.log, about: ({ account_id: accountId }) => ({ accountId }) },
    why: 'a payout account could not be read',
  });
}

/**
 * What he chose. Where the processor was told of it, it is not held back there any more. Where it was not, because he owed, he
 * may owe nothing any more by now, and the processor was told what he had chosen before.
 */
export async function noteSchedule(
  tx: Tx,
  name: Processor['name'],
  { schedule, isTold }: { readonly schedule: AccountState['schedule']; readonly isTold: boolean },
): Promise<void> {
  const text = `update payout_accounts set schedule = $3, is_held = is_held and not $5,
       is_schedule_due = is_schedule_due or not $5, updated_at = $4
     where user_id = $1 and processor = $2`;
  await tx.query(text, [tx.me, name, schedule, tx.now, isTold]);
  tx.wake(schedulesRound);
}
