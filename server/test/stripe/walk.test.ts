import { getStatements, getWallet } from '@safesend/shared/escrow/calls.ts';
import { expect, test } from 'vitest';
import { createLog } from '../../src/kernel/log.ts';
import { openStripe } from '../../src/kernel/ports/stripe.ts';
import { findBroken } from '../../src/modules/escrow/service/checks.ts';
import { reconcile } from '../../src/modules/escrow/service/reconcile.ts';
import { lookAtReturned } from '../../src/modules/escrow/service/returns.ts';
import { milestonesHold } from '../../src/modules/projects/service/holding.ts';
import type { TestApp } from '../harness.ts';
import { look } from '../money.ts';
import { patience, trials } from '../tier.ts';
import type { StripeDouble } from './double.ts';
import { secrets } from './product.ts';
import { onStage } from './stage.ts';
import { Walker } from './walker.ts';

let double: StripeDouble, app: TestApp;
onStage((stage) => ({ double, app } = stage));

/** What differs once refunds that came back unheard were looked at, as every comparison does. */
async function differences(): Promise<readonly object[]> {
  const processor = openStripe({
    ...{ secretKey: double.secretKey, publishableKey: undefined, apiBase: double.url, secrets },
  });
  const log = createLog({ level: 'silent', pretty: false });
  const deps = { orm: app.orm, transact: app.transact, owner: milestonesHold, processor, log };
  const since = new Date(Date.now() - 3_600_000);
  const first = await reconcile(deps, since);
  return (await lookAtReturned(deps, first.differences))
    ? (await reconcile(deps, since)).differences
    : first.differences;
}

type Row = Readonly<Record<string, string>>;

/** What each milestone must be when nothing is under way any more: each word is a complaint. */
async function complaints({ deal }: Walker, hold: Row): Promise<string[]> {
  const { status, waiting, clocks } = await look(deal, hold['milestone_id'] ?? '');
  const minor = (...names: string[]) => names.reduce((sum, name) => sum + Number(hold[`${name}_minor`]), 0);
  const isOver = ['released', 'refunded', 'cancelled', 'planned'].includes(status);
  const hasMoney = minor('held', 'frozen', 'releasing', 'refunding') > 0;
  const isMachine = ['processor', 'payout_onboarding', 'recovery'].includes(waiting?.reason ?? '');
  const isReviewed = clocks.some(({ kind, dueAt }) => kind === 'review' && dueAt !== null);
  const complaint = (is: boolean, words: string) =>
    is ? [`${status}, ${waiting?.reason ?? 'nothing'}: ${words}`] : [];
  return [
    ...complaint(!hasMoney && minor('funded') > 0 && !isOver, 'no money is left'),
    ...complaint(minor('held') > 0 && isOver, 'money is held for nothing'),
    ...complaint(minor('frozen') > 0, 'frozen, and no bank decides'),
    ...complaint(minor('credit') === 0 && waiting?.reason === 'refund_returned', 'no refund came back'),
    ...complaint(minor('credit') > 0 && waiting === null, 'nobody is asked about what came back'),
    ...complaint(isMachine && minor('releasing', 'refunding', 'owed', 'credit') === 0, 'nothing is to come'),
    ...complaint(isReviewed && status !== 'submitted', 'a review of nothing'),
  ];
}

const seeds = Array.from({ length: trials(50) }, (_, at) => 7 + at);

test.each(seeds)(
  'T-M1 J09 J15 X22 whatever people, banks and a Stripe in trouble do, in whatever order: it comes to an end, and the books are what Stripe says (seed %i)',
  { timeout: patience(120_000) },
  async (seed) => {
    const walker = await Walker.start({ app, double }, seed);
    await walker.walk(100);
    const open = await walker.end();
    const why = walker.log.join(' · ');
    expect([walker.faults, open], why).toEqual([[], []]);
    expect(await findBroken(app.orm.em.fork()), why).toEqual([]);
    expect(await differences(), why).toEqual([]);
    const holds = await app.sql<Row>(
      `select h.*, (select coalesce(sum(amount_minor), 0) from credit_payments where hold_id = h.id) as otherwise_minor
       from holds h where milestone_id = any($1)`,
      [walker.milestoneIds],
    );
    for (const hold of holds) {
      const minor = (name: string) => Number(hold[`${name}_minor`]);
      const books = {
        paid: minor('paid') - minor('recovered'),
        refunded: minor('refunded') - minor('credit') - minor('otherwise'),
      };
      expect(books, `${JSON.stringify(hold)} ${why}`).toEqual(walker.given(hold['id'] ?? ''));
      expect(await complaints(walker, hold), `${JSON.stringify(hold)} ${why}`).toEqual([]);
    }
    const holdIds = holds.map((hold) => hold['id'] ?? '');
    const [booked] = await app.sql<{ minor: string }>(
      `select coalesce(sum(e.amount_minor), 0)::text as minor from ledger_entries e
         join ledger_accounts a on a.id = e.account_id and a.kind = 'processor_balance'
         join ledger_transactions t on t.id = e.transaction_id where t.hold_id = any($1)`,
      [holdIds],
    );
    expect(Number(booked?.minor), why).toBe(walker.balance(holdIds));
    const ever = { from: '2020-01-01T00:00:00.000Z', until: '2100-01-01T00:00:00.000Z' };
    const spending = (await walker.deal.client.must(getWallet)).balances[0]?.spending;
    const [statement] = (await walker.deal.client.must(getStatements, { query: ever })).items;
    if (!spending) return;
    const { heldMinor, refundingMinor, spentMinor, creditMinor, undecidedMinor } = spending;
    expect(heldMinor + refundingMinor + spentMinor + creditMinor - undecidedMinor, why).toBe(
      0 - (statement?.closingMinor ?? 0),
    );
  },
);
