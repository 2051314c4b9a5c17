import { createHash } from 'node:crypto';
import type { Currency } from '@safesend/shared/money.ts';
import { query, queryOne, type Em } from '../../../kernel/sql.ts';
import type { Tx } from '../../../kernel/transact.ts';
import { schedulesRound } from './held-schedules.ts';

/** Whose an account is tells which way it grows; hold and client_credit have an owner, and so has receivable. */
const types = {
  processor_balance: 'asset',
  bank: 'asset',
  dispute_suspense: 'asset',
  receivable: 'asset',
  hold: 'liability',
  client_credit: 'liability',
  refund_clearing: 'liability',
  release_clearing: 'liability',
  platform_fee: 'income',
  service_fee: 'income',
  processor_fee: 'expense',
  dispute_fee: 'expense',
  chargeback_loss: 'expense',
} as const;
export type AccountKind = keyof typeof types;

/** Debit is positive, credit negative. An amount of nothing is left out. */
export interface Entry {
  readonly account: AccountKind;
  readonly ownerId?: string;
  readonly amountMinor: bigint;
}

export interface Booking {
  readonly id: string;
  readonly kind: string;
  readonly currency: Currency;
  readonly holdId: string | null;
  readonly operationId: string | null;
  /** The processor's object that this books; the same object is booked once per kind. */
  readonly objectId: string | null;
  readonly factId: string | null;
}

/** Accounts are named, not looked up: the id says which one it is. */
export function accountId(kind: AccountKind, ownerId: string | undefined, currency: Currency): string {
  const hex = createHash('sha256')
    .update(`safesend.ledger ${kind} ${ownerId ?? ''} ${currency}`)
    .digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** Books one transaction. What does not balance, or was booked before, ends the whole database transaction. */
export async function book(tx: Tx, booking: Booking, entries: readonly Entry[]): Promise<void> {
  const { currency } = booking;
  const sums = new Map<string, { kind: AccountKind; ownerId: string | null; amountMinor: bigint }>();
  for (const { account: kind, ownerId, amountMinor } of entries) {
    const id = accountId(kind, ownerId, currency);
    const known = sums.get(id)?.amountMinor ?? 0n;
    sums.set(id, { kind, ownerId: ownerId ?? null, amountMinor: known + amountMinor });
  }
  const rows = [...sums].filter(([, { amountMinor }]) => amountMinor !== 0n).sort(([a], [b]) => (a < b ? -1 : 1));
  const column = <Value>(pick: (row: (typeof rows)[number]) => Value) => rows.map(pick);
  await query(
    tx.em,
    `with input as (
       select * from unnest($1::uuid[], $2::text[], $3::text[], $4::uuid[], $5::bigint[]) as t (account_id, kind, type, owner_id, amount_minor)),
     opened as (
       insert into ledger_accounts (id, kind, type, owner_id, currency)
       select account_id, kind, type, owner_id, $6 from input on conflict do nothing),
     headed as (
       insert into ledger_transactions (id, kind, hold_id, operation_id, object_id, fact_id, at)
       values ($7, $8, $9, $10, $11, $12, $13))
     insert into ledger_entries (transaction_id, account_id, amount_minor, currency)
     select $7, account_id, amount_minor, $6 from input`,
    [
      column(([id]) => id),
      column(([, { kind }]) => kind),
      column(([, { kind }]) => types[kind]),
      column(([, { ownerId }]) => ownerId),
      column(([, { amountMinor }]) => String(amountMinor)),
      currency,
      booking.id,
      booking.kind,
      booking.holdId,
      booking.operationId,
      booking.objectId,
      booking.factId,
      tx.now,
    ],
  );
  if (rows.some(([, { kind }]) => kind === 'receivable')) tx.wake(schedulesRound);
}

export async function isBooked(tx: Tx, objectId: string, kind: string): Promise<boolean> {
  const text = 'select 1 as one from ledger_transactions where object_id = $1 and kind = $2';
  return (await queryOne(tx.em, text, [objectId, kind])) !== null;
}

/** What an account has, debit positive: the sum of its entries, in a few rows however many there are. */
export async function findBalance(
  em: Em,
  kind: AccountKind,
  ownerId: string | undefined,
  currency: Currency,
): Promise<bigint> {
  const row = await queryOne<{ balance: string }>(em, 'select ledger_balance($1)::text as balance', [
    accountId(kind, ownerId, currency),
  ]);
  return BigInt(row?.balance ?? 0);
}
