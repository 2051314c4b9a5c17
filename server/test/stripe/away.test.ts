import { getPayoutAccount, requestPayout } from '@safesend/shared/escrow/calls.ts';
import { newId } from '@safesend/shared/ids.ts';
import { getPayment } from '@safesend/shared/projects/money-calls.ts';
import { expect, test } from 'vitest';
import type { TestApp } from '../harness.ts';
import { makeDeal } from '../money.ts';
import type { StripeDouble } from './double.ts';
import { onboard, paying } from './product.ts';
import { onStage } from './stage.ts';

let double: StripeDouble, app: TestApp;
onStage((stage) => ({ double, app } = stage));

test('J16 T-S13 while Stripe does not answer, whoever asks for something of his is told to try again', async () => {
  const it = await makeDeal(app);
  await onboard(double, app, it.freelancer);
  const { paymentId } = await paying(double, it);
  const body = { amountMinor: 500, currency: 'EUR', commandId: newId() } as const;
  for (const [doors, ask] of [
    [['GET /v1/balance'], () => it.freelancer.call(requestPayout, { body })],
    [
      double.of('payment_intent').map(({ id }) => `GET /v1/payment_intents/${id}`),
      () => it.client.call(getPayment, { params: { paymentId } }),
    ],
  ] as const) {
    for (const door of doors) double.trouble(door, 'drop', 'drop');
    const { status, body: said } = await ask();
    expect([status, said]).toMatchObject([503, { code: 'unavailable' }]);
  }
  expect((await it.freelancer.must(getPayoutAccount)).payoutAccount.status).toBe('active');
});
