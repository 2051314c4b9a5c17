import * as calls from '@safesend/shared/escrow/calls.ts';
import type { Door, StreamDoor } from '../../kernel/http.ts';
import { isTestMoney, type TestMoney } from '../../kernel/ports/test-money.ts';
import { isFromHere, type OwnOrigin } from '../../kernel/origin.ts';
import { presentPayment, presentPayoutAccount } from './present.ts';
import { methodRoutes } from './route/methods.ts';
import { payoutRoutes } from './route/payouts.ts';
import { webhookRoutes } from './route/webhooks.ts';
import { driveTestMoney, requirePayer } from './service/driving.ts';
import type { MoneyDeps } from './service/owner.ts';
import { answerTestMoney } from './service/payout-accounts.ts';

/** The hand that drives test money; there is no such door beside a real processor. */
export function escrowRoutes(door: Door, stream: StreamDoor, deps: MoneyDeps, origin: OwnOrigin): void {
  const { processor } = deps;
  methodRoutes(door, deps);
  payoutRoutes(door, deps, origin);
  webhookRoutes(stream, deps);
  if (processor && isTestMoney(processor)) testMoneyDoor(door, { ...deps, processor });
}

function testMoneyDoor(door: Door, deps: MoneyDeps & { readonly processor: TestMoney }): void {
  door(calls.driveTestMoney, async ({ body, commandId, identity, c }) => {
    if (!isFromHere(c.env.incoming)) await requirePayer(deps, body.paymentId, identity?.userId);
    const { paymentId, outcome } = body;
    const { payment, hold } = await driveTestMoney(deps, paymentId, outcome, { userId: identity?.userId, commandId });
    return { payment: presentPayment(payment, hold) };
  });
  door(calls.answerTestMoney, async ({ body, me }) => {
    const account = await answerTestMoney(deps, me, body.part);
    return { payoutAccount: presentPayoutAccount(account, true) };
  });
}
