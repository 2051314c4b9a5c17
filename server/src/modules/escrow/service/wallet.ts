import type { Currency } from '@safesend/shared/money.ts';
import type { PayoutAccount, Wallet } from '@safesend/shared/escrow/wallet.ts';
import type { Processor } from '../../../kernel/ports/processor.ts';
import { query, queryOne, type Em } from '../../../kernel/sql.ts';

interface BalanceRow {
  readonly currency: Currency;
  readonly client_held: string;
  readonly refunding: string;
  readonly spent: string;
  readonly refunded: string;
  readonly credit: string;
  readonly taken_back: string;
  readonly undecided: string;
  readonly client_frozen: string;
  readonly freelancer_frozen: string;
  readonly at_risk: string;
  readonly lost: string;
  readonly withheld: string;
  readonly freelancer_held: string;
  readonly pending: string;
  readonly transferred: string;
  readonly owed: string;
  readonly earned: string;
  readonly paid_out: string;
}

const sumOf = (side: 'client' | 'freelancer', account: string, sign: '' | '-', booked?: string) =>
  `coalesce(${sign}sum(amount_minor) filter (where side = '${side}' and account = '${account}'${booked ? ` and booked = '${booked}'` : ''}), 0)`;

/**
 * From the entries of the books: what is shown is what they say. What a bank took back for good was not spent: all of the
 * chargeback goes off it but the part that was still held, which never came to it, and what was taken off his credit for
 * it, which did not reach him another way. Frozen money stays booked as held, so
 * what is frozen, and what a chargeback may still take from the freelancer, is told by the holds themselves.
 */
const balancesText = `
  with lines as (
    select s.side, h.currency, t.kind as booked, a.kind as account, e.amount_minor
    from holds h cross join (values ('client'), ('freelancer')) as s (side)
      join ledger_transactions t on t.hold_id = h.id
      join ledger_entries e on e.transaction_id = t.id join ledger_accounts a on a.id = e.account_id
    where (s.side = 'client' and h.client_id = $1) or (s.side = 'freelancer' and h.freelancer_id = $1)),
  sums as (
    select currency, ${sumOf('client', 'hold', '-')} as client_held,
      ${sumOf('client', 'refund_clearing', '-')} as refunding,
      ${sumOf('client', 'hold', '', 'release')} + ${sumOf('client', 'service_fee', '-')}
        + ${sumOf('client', 'hold', '', 'chargeback_lost')} + ${sumOf('client', 'hold', '', 'chargeback_won')}
        + ${sumOf('client', 'dispute_suspense', '', 'chargeback_lost')}
        + ${sumOf('client', 'hold', '', 'chargeback_appealed')} + ${sumOf('client', 'processor_balance', '', 'chargeback_appealed')}
        + ${sumOf('client', 'client_credit', '', 'chargeback_lost')} + ${sumOf('client', 'client_credit', '', 'chargeback_appealed')}
        + ${sumOf('client', 'client_credit', '', 'credit_covered')}
        + ${sumOf('client', 'chargeback_loss', '-', 'refund_returned')} + ${sumOf('client', 'chargeback_loss', '-', 'refund_credited')}
        as spent,
      ${sumOf('client', 'dispute_suspense', '', 'chargeback')} + ${sumOf('client', 'dispute_suspense', '', 'chargeback_won')}
        - ${sumOf('client', 'processor_balance', '', 'chargeback_appealed')} as taken_back,
      ${sumOf('client', 'dispute_suspense', '')} as undecided,
      ${sumOf('client', 'refund_clearing', '', 'refunded')} + ${sumOf('client', 'client_credit', '', 'refunded_again')}
        + ${sumOf('client', 'client_credit', '', 'credit_paid')} + ${sumOf('client', 'processor_balance', '-', 'refund_returned')}
        as refunded,
      ${sumOf('client', 'client_credit', '-')} as credit,
      ${sumOf('freelancer', 'hold', '-')} as freelancer_held,
      ${sumOf('freelancer', 'release_clearing', '-')} as pending,
      ${sumOf('freelancer', 'release_clearing', '', 'transfer')} as transferred,
      ${sumOf('freelancer', 'receivable', '')} as owed,
      ${sumOf('freelancer', 'receivable', '', 'chargeback_lost')} + ${sumOf('freelancer', 'receivable', '', 'chargeback_won')}
        + ${sumOf('freelancer', 'receivable', '', 'chargeback_appealed')} as lost,
      ${sumOf('freelancer', 'release_clearing', '', 'chargeback_lost')}
        + ${sumOf('freelancer', 'release_clearing', '', 'chargeback_won')}
        + ${sumOf('freelancer', 'release_clearing', '', 'chargeback_appealed')} as withheld,
      ${sumOf('freelancer', 'release_clearing', '-', 'release')} as earned
    from lines group by currency),
  claims as (
    select h.currency, coalesce(sum(h.frozen_minor) filter (where h.client_id = $1), 0) as client_frozen,
      coalesce(sum(h.frozen_minor) filter (where h.freelancer_id = $1), 0) as freelancer_frozen,
      coalesce(sum(h.at_risk_minor) filter (where h.freelancer_id = $1), 0) as at_risk
    from holds h where h.client_id = $1 or h.freelancer_id = $1 group by h.currency),
  paid as (
    select currency, sum(amount_minor) as paid_out from payouts where user_id = $1 and status <> 'failed' group by currency)
  select sums.*, claims.*, coalesce(paid.paid_out, 0) as paid_out
  from sums join claims using (currency) left join paid using (currency) order by sums.currency`;

export async function findWallet(em: Em, userId: string, processor: Processor | null): Promise<Wallet> {
  const rows = await query<BalanceRow>(em, balancesText, [userId]);
  return {
    balances: rows.map((row) => ({
      currency: row.currency,
      spending: {
        heldMinor: Number(row.client_held),
        refundingMinor: Number(row.refunding),
        spentMinor: Number(row.spent),
        refundedMinor: Number(row.refunded),
        creditMinor: Number(row.credit),
        takenBackMinor: Number(row.taken_back),
        undecidedMinor: Number(row.undecided),
        frozenMinor: Number(row.client_frozen),
      },
      earning: {
        heldMinor: Number(row.freelancer_held),
        pendingMinor: Number(row.pending),
        availableMinor: Number(BigInt(row.transferred) - BigInt(row.lost) - BigInt(row.paid_out)),
        paidOutMinor: Number(row.paid_out),
        earnedMinor: Number(BigInt(row.earned) - BigInt(row.lost) - BigInt(row.withheld)),
        takenBackMinor: Number(BigInt(row.lost) + BigInt(row.withheld)),
        owedMinor: Number(row.owed),
        frozenMinor: Number(row.freelancer_frozen),
        atRiskMinor: Number(row.at_risk),
      },
    })),
    ...(await findPayoutAccount(em, userId, processor)),
    processor: processor?.name ?? null,
    publishableKey: processor?.publishableKey ?? null,
    testMethods: [...(processor?.testMethods ?? [])],
  };
}

type AccountRow = Pick<PayoutAccount, 'country' | 'schedule' | 'requirements'> & {
  readonly status: Exclude<PayoutAccount['status'], 'none'>;
  readonly account_id: string;
  readonly is_held: boolean;
  readonly now: Date | string;
};

/** As it was heard of last; one that was never opened is `none`. */
async function findPayoutAccount(
  em: Em,
  userId: string,
  processor: Processor | null,
): Promise<Pick<Wallet, 'payoutAccount' | 'nextPayoutAt'>> {
  const row =
    processor &&
    (await queryOne<AccountRow>(
      em,
      `select account_id, status, country, schedule, requirements, is_held, product_now() as now
       from payout_accounts where user_id = $1 and processor = $2`,
      [userId, processor.name],
    ));
  const isTest = processor?.isTest ?? false;
  if (!row)
    return {
      payoutAccount: { status: 'none', country: null, schedule: 'daily', requirements: [], isTest },
      nextPayoutAt: null,
    };
  const { account_id: accountId, is_held: isHeld, now, ...account } = row;
  // While he owes something nothing leaves by itself at Stripe.
  const isKept = account.status === 'active' && !isHeld;
  const next = isKept ? await processor.nextPayout(accountId, account.schedule, new Date(now)) : null;
  return { payoutAccount: { ...account, isTest }, nextPayoutAt: next?.toISOString() ?? null };
}
