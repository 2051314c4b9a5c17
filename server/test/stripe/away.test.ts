import { changeProfile } from '@safesend/shared/accounts/calls.ts';
import { getPayoutAccount, openPayoutOnboarding, requestPayout } from '@safesend/shared/escrow/calls.ts';
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

test('J05 L5 who changes his name after the answer about his account was lost sets payouts up all the same', async () => {
  const { freelancer } = await makeDeal(app);
  const open = () => freelancer.call(openPayoutOnboarding, { body: { country: 'DE', commandId: newId() } });
  double.trouble('POST /v2/core/accounts', 'drop', 'drop');
  expect((await open()).status).toBe(503);
  await freelancer.must(changeProfile, { body: { displayName: 'Somebody else' } });
  expect((await open()).status).toBe(201);
});
