import * as calls from '@safesend/shared/escrow/calls.ts';
import type { Door } from '../../../kernel/http.ts';
import type { OwnOrigin } from '../../../kernel/origin.ts';
import { presentPayout, presentPayoutAccount } from '../present.ts';
import { requireProcessor } from '../service/configured.ts';
import { refuseGone } from '../service/gone-accounts.ts';
import { isHeldBack } from '../service/held-schedules.ts';
import type { MoneyDeps } from '../service/owner.ts';
import * as accounts from '../service/payout-accounts.ts';
import { findAvailable, findPayouts, requestPayout } from '../service/payouts.ts';

const nothing = () => null;

export function payoutRoutes(door: Door, deps: MoneyDeps, origin: OwnOrigin): void {
  door(calls.getPayoutAccount, async ({ em, me }) => {
    const { processor } = deps;
    const row = processor && (await accounts.readPayoutAccount({ ...deps, processor }, em, me));
    return { payoutAccount: presentPayoutAccount(row, processor?.isTest ?? false) };
  });
  door(calls.openPayoutOnboarding, async ({ body, me, c, transact }) => {
    const back = `${origin.whereIs(c.env.incoming.headers)}/payments/payouts`;
    const link = await accounts.openOnboarding(requireProcessor(deps), me, body.country, back);
    return transact(
      async () => link,
      () => link,
    );
  });
  door(calls.setPayoutSchedule, async ({ em, me, body, transact }) => {
    const { processor } = requireProcessor(deps);
    const { account_id: accountId } = await accounts.accessPayoutAccount(em, me, processor.name);
    const isTold = !(await isHeldBack(processor, em, accountId));
    if (isTold && !(await processor.setSchedule(accountId, body.schedule))) await refuseGone(em, accountId);
    return transact((tx) => accounts.noteSchedule(tx, processor.name, { ...body, isTold }), nothing);
  });
  door(calls.listPayouts, async ({ em, me, query }) => {
    const { rows, next } = await findPayouts(em, me, query);
    return { items: rows.map(presentPayout), nextCursor: next };
  });
  door(calls.requestPayout, async ({ body, me, transact }) => {
    const working = requireProcessor(deps);
    const available = await findAvailable(working, me);
    const wanted = { amountMinor: BigInt(body.amountMinor), currency: body.currency };
    return transact(
      (tx) => requestPayout(tx, working.processor.name, available, wanted),
      ({ result }) => ({ payout: presentPayout(result) }),
    );
  });
}
