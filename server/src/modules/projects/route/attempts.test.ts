import { addPaymentMethod } from '@safesend/shared/escrow/calls.ts';
import { newId } from '@safesend/shared/ids.ts';
import { fundMilestone, retryPayment } from '@safesend/shared/projects/money-calls.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestApp, type TestApp } from '../../../../test/harness.ts';
import * as m from '../../../../test/money.ts';

let app: TestApp;
let deal: m.Deal;
beforeAll(async () => {
  app = await startTestApp({ environment: { RATE_LIMITS: 'on' } });
  deal = await m.makeDeal(app);
});
afterAll(() => app.close());

const inWords = { code: 'throttled', detail: expect.stringMatching(/^Too many attempts\. Try again in \d+ s\.$/) };

test('T-S9 cards are not tried by the hundred: twenty an hour are begun, and the next is refused in words', async () => {
  const add = (commandId = newId()) => deal.client.call(addPaymentMethod, { body: { commandId } });
  const first = newId();
  expect((await add(first)).status).toBe(201);
  const answers = await Promise.all(Array.from({ length: 19 }, () => add()));
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 201));
  const refused = await add();
  expect(refused).toMatchObject({ status: 429, body: inWords });
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  expect((await add(first)).status, 'what was answered is answered again').toBe(201);
  expect((await deal.freelancer.call(addPaymentMethod, { body: { commandId: newId() } })).status).toBe(201);
});

test('T-S9 a declined payment is tried again thirty times an hour, and then not before the hour is over', async () => {
  const { id } = await m.plan(deal);
  const payment = await m.beginFunding(deal, id);
  await m.drive(deal, payment.id, 'decline');
  const retry = (commandId = newId()) =>
    deal.client.call(retryPayment, { params: { paymentId: payment.id }, body: { commandId } });
  const commandId = newId();
  for (let tries = 2; tries <= 30; tries++) {
    expect((await retry(tries === 2 ? commandId : newId())).status, `try ${tries}`).toBe(201);
    await m.drive(deal, payment.id, 'decline');
  }
  expect(await retry()).toMatchObject({ status: 429, body: inWords });
  const fresh = await m.plan(deal);
  const body = { commandId: newId() };
  const another = await deal.client.call(fundMilestone, { params: { milestoneId: fresh.id }, body });
  expect(another, 'nor is another milestone').toMatchObject({ status: 429, body: inWords });
  expect((await retry(commandId)).status, 'what was answered is answered again').toBe(201);
});
