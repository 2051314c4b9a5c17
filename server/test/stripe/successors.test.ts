import { reauthenticate } from '@safesend/shared/accounts/calls.ts';
import { closeAccount } from '@safesend/shared/accounts/departure-calls.ts';
import { requestPayout } from '@safesend/shared/escrow/calls.ts';
import { newId } from '@safesend/shared/ids.ts';
import { completeProject, createProject } from '@safesend/shared/projects/calls.ts';
import * as calls from '@safesend/shared/projects/money-calls.ts';
import { listNotifications } from '@safesend/shared/notifications/calls.ts';
import { removeMember } from '@safesend/shared/rooms/calls.ts';
import { expect, test } from 'vitest';
import { joinProject, signUp, type Person, type TestApp } from '../harness.ts';
import { look, makeDeal, proposeAmount, release, settled, verify, type Deal } from '../money.ts';
import type { StripeDouble } from './double.ts';
import { onboard, paid, paidAndReturned, until } from './product.ts';
import { onStage } from './stage.ts';
import type { Thing } from './state.ts';

let double: StripeDouble, app: TestApp;
onStage((stage) => ({ double, app } = stage));

const status = async (milestoneId: string) =>
  (
    await app.sql<{ status: string }>(
      'select c.status from chargebacks c join holds h on h.id = c.hold_id where h.milestone_id = $1',
      [milestoneId],
    )
  )[0]?.status;

const password = 'correct horse battery staple';

async function leave(person: Person): Promise<void> {
  await person.must(reauthenticate, { body: { password } });
  await person.must(closeAccount);
}

/** On appeal; such a charge can be given back again. */
function win(dispute: Thing): void {
  double.things.get(dispute['charge'], 'charge')['disputed'] = false;
  double.payments.closeDispute(dispute, 'won');
}

/** Minor units that went back to whoever paid, at Stripe. */
const refunded = (intent: string) =>
  double.things.of('refund', { payment_intent: intent }).reduce((sum, it) => sum + Number(it['amount']), 0);

/** Held, disputed, lost: nothing is held any more. */
async function lost(deal: Deal) {
  const it = await paid(double, deal);
  const dispute = double.payments.openDispute(it.intent, {});
  await until(async () => expect(await status(it.milestoneId)).toBe('open'));
  double.payments.closeDispute(dispute, 'lost');
  await until(async () => expect(await status(it.milestoneId)).toBe('lost'));
  return { ...it, dispute };
}

test('J15 X22 what is won on appeal after the freelancer has left goes back to the client, and nobody works for it', async () => {
  const deal = await makeDeal(app);
  const account = await onboard(double, app, deal.freelancer);
  const { milestoneId, dispute, intent } = await lost(deal);
  await deal.client.must(removeMember, { params: { roomId: deal.roomId, userId: deal.freelancer.id } });
  const next = await signUp(app, 'freelancer');
  await verify(app, next);
  await joinProject(deal.client, next, deal.projectId);
  win(dispute);
  await until(async () => expect((await look(deal, milestoneId)).hold?.refundedMinor).toBe(100_000));
  expect(await look(deal, milestoneId)).toMatchObject({ status: 'refunded', hold: { heldMinor: 0 } });
  expect(refunded(intent.id)).toBe(100_000);
  expect(double.things.balance(account, 'eur')).toBe(0);
  const body = { note: 'For it', files: [], commandId: newId() };
  const answer = await next.call(calls.submitMilestone, { params: { milestoneId }, body });
  expect(answer.status).toBe(409);
});

test('J15 X22 what is won on appeal after the client has left goes back to him, and his successor decides about nothing', async () => {
  const [freelancer, client, next] = [await signUp(app, 'freelancer'), await signUp(app), await signUp(app)];
  await verify(app, freelancer, client, next);
  const { project } = await freelancer.must(createProject, {
    body: { title: 'Of the freelancer', description: '', currency: 'EUR', milestones: [] },
  });
  await joinProject(freelancer, client, project.id);
  const deal: Deal = { client, freelancer, projectId: project.id, roomId: project.roomId };
  await onboard(double, app, freelancer);
  const { milestoneId, dispute, intent } = await lost(deal);
  await client.must(removeMember, { params: { roomId: deal.roomId, userId: client.id } });
  await joinProject(freelancer, next, project.id);
  win(dispute);
  const now = { ...deal, client: next };
  await until(async () => expect((await look(now, milestoneId)).hold?.refundedMinor).toBe(100_000));
  expect(refunded(intent.id)).toBe(100_000);
  const body = { amountMinor: 100_000, commandId: newId() };
  const answer = await next.call(calls.releaseMilestone, { params: { milestoneId }, body });
  expect(answer.status).toBe(409);
  const told = (await client.must(listNotifications, {})).items.map(({ kind, roomId }) => [kind, roomId]);
  expect(told).toContainEqual(['milestone.refunded', null]);
});

test('J15 A18 what is won on appeal after both have closed their accounts goes back to the client', async () => {
  const deal = await makeDeal(app);
  await onboard(double, app, deal.freelancer);
  const { dispute, intent } = await lost(deal);
  await deal.client.must(completeProject, { params: { projectId: deal.projectId } });
  for (const person of [deal.client, deal.freelancer]) await leave(person);
  win(dispute);
  await until(() => expect(refunded(intent.id)).toBe(100_000));
});

test('J16 A18 an account whose payout is on its way is not closed before it has arrived', async () => {
  const deal = await makeDeal(app);
  const accountId = await onboard(double, app, deal.freelancer);
  const { milestoneId } = await paid(double, deal);
  await release(deal, milestoneId, 100_000);
  await settled(deal, milestoneId, 'released');
  await deal.client.must(completeProject, { params: { projectId: deal.projectId } });
  const body = { amountMinor: 90_000, currency: 'EUR' as const, commandId: newId() };
  await deal.freelancer.must(requestPayout, { body });
  const payout = await until(() => {
    const [made] = double.of('payout', { account: accountId });
    if (!made) throw new Error('not yet');
    return made;
  });
  await deal.freelancer.must(reauthenticate, { body: { password } });
  const answer = await deal.freelancer.call(closeAccount);
  expect(answer).toMatchObject({ status: 409, body: { detail: expect.stringContaining('on its way to your bank') } });
  double.moves.finishPayout(payout, 'paid');
  await until(async () => expect((await deal.freelancer.call(closeAccount)).status).toBeLessThan(300));
});

test('J09 X18 a change that is given up leaves the refund that came back with its next step', async () => {
  const deal = await makeDeal(app);
  const { milestoneId } = await paidAndReturned(double, deal);
  await until(async () => expect((await look(deal, milestoneId)).waiting).toMatchObject({ reason: 'refund_returned' }));
  const { hash } = await proposeAmount(deal.freelancer, milestoneId, 130_000);
  await deal.client.must(calls.acceptProposal, { params: { milestoneId, hash }, body: { commandId: newId() } });
  await deal.freelancer.must(calls.declineProposal, { params: { milestoneId, hash }, body: { commandId: newId() } });
  expect((await look(deal, milestoneId)).waiting).toMatchObject({ reason: 'refund_returned', on: 'client' });
});

test('J15 J04 N02 who has left and is sent again what a bank had taken back is told that it waits for his payouts', async () => {
  const deal = await makeDeal(app);
  const accountId = await onboard(double, app, deal.freelancer);
  const { milestoneId, intent } = await paid(double, deal);
  expect((await release(deal, milestoneId, 100_000)).status).toBe(201);
  await settled(deal, milestoneId, 'released');
  const dispute = double.payments.openDispute(intent, {});
  await until(async () => expect(await status(milestoneId)).toBe('open'));
  double.payments.closeDispute(dispute, 'lost');
  await until(async () => expect((await look(deal, milestoneId)).hold?.recoveredMinor).toBe(90_000));
  await deal.client.must(removeMember, { params: { roomId: deal.roomId, userId: deal.freelancer.id } });
  double.moves.setAccount(double.things.get(accountId, 'v2.core.account'), 'restricted');
  win(dispute);
  await until(async () => expect((await look(deal, milestoneId)).waiting?.reason).toBe('payout_onboarding'));
  const told = (await deal.freelancer.must(listNotifications, {})).items.map(({ kind, roomId }) => [kind, roomId]);
  expect(told).toContainEqual(['waiting.payouts', null]);
});
