import { login, reauthenticate } from '@safesend/shared/accounts/calls.ts';
import { advanceClock } from '@safesend/shared/clock.ts';
import { addPaymentMethod, driveTestMoney, getCardSetup } from '@safesend/shared/escrow/calls.ts';
import { newId } from '@safesend/shared/ids.ts';
import * as projects from '@safesend/shared/projects/calls.ts';
import * as calls from '@safesend/shared/projects/money-calls.ts';
import { expect, test, vi } from 'vitest';
import { Person, joinProject, send, signUp, type TestApp } from '../../../../test/harness.ts';
import * as m from '../../../../test/money.ts';

let app: TestApp;
m.onBooks((started) => (app = started));

const day = 86_400;
const password = 'correct horse battery staple';
const command = () => ({ commandId: newId() });
const advance = ({ client }: m.Deal, advanceSeconds: number) => client.must(advanceClock, { body: { advanceSeconds } });
const until = (look: () => Promise<void>) => vi.waitFor(look, { timeout: 20_000, interval: 50 });
const unverified = { status: 403, body: { code: 'email_unverified' } };
const asksAgain = { status: 403, body: { code: 'reauthentication_required' } };
const pay = ({ client }: m.Deal, milestoneId: string, paymentMethodId?: string) =>
  client.call(calls.fundMilestone, {
    params: { milestoneId },
    body: { ...command(), ...(paymentMethodId !== undefined && { paymentMethodId }) },
  });
const retry = ({ client }: m.Deal, paymentId: string, paymentMethodId?: string) =>
  client.call(calls.retryPayment, {
    params: { paymentId },
    body: { ...command(), ...(paymentMethodId !== undefined && { paymentMethodId }) },
  });
const accept = (who: Person, milestoneId: string, hash: string) =>
  who.call(calls.acceptProposal, { params: { milestoneId, hash }, body: command() });
const askEnd = ({ client }: m.Deal, milestoneId: string) =>
  client.call(projects.cancelMilestone, { params: { milestoneId }, body: { reason: 'Plans changed' } });
const reviewOf = async (deal: m.Deal, milestoneId: string) =>
  (await m.look(deal, milestoneId)).clocks.find(({ kind }) => kind === 'review');

async function agreedOnMore(deal: m.Deal): Promise<m.Funded & { readonly hash: string }> {
  const it = await m.fund(deal);
  const { hash } = await m.proposeAmount(deal.freelancer, it.milestoneId, 130_000);
  expect((await accept(deal.client, it.milestoneId, hash)).status).toBe(201);
  return { ...it, hash };
}

test('every door through which money leaves asks for a proven address', async () => {
  const deal = await m.makeDeal(app);
  const { client, freelancer } = deal;
  const [held, ending, returned] = [await m.fund(deal), await m.fund(deal), await m.fund(deal)];
  const lowered = await m.fund(deal);
  const { hash } = await m.proposeAmount(client, lowered.milestoneId, 60_000);
  const submissionId = await m.submit(deal, held.milestoneId);
  expect((await askEnd(deal, ending.milestoneId)).status).toBe(201);
  await m.refund(deal, returned.milestoneId, 40_000);
  await m.settled(deal, returned.milestoneId);
  await m.drive(deal, returned.paymentId, 'refund_returned');
  const declined = await m.beginFunding(deal, (await m.plan(deal)).id);
  await m.drive(deal, declined.id, 'decline');
  await app.sql('update users set email_verified_at = null where id = any($1)', [[client.id, freelancer.id]]);
  const [answering, again] = [{ accept: true, ...command() }, command()];
  const asked = {
    release: m.release(deal, held.milestoneId, 1_000),
    approve: m.approve(deal, held.milestoneId, submissionId),
    refund: m.refund(deal, held.milestoneId, 1_000),
    end: freelancer.call(calls.answerCancellation, { params: { milestoneId: ending.milestoneId }, body: answering }),
    again: client.call(calls.retryRefund, { params: { milestoneId: returned.milestoneId }, body: again }),
    retry: retry(deal, declined.id),
    less: accept(freelancer, lowered.milestoneId, hash),
  };
  for (const [door, answer] of Object.entries(asked)) expect(await answer, door).toMatchObject(unverified);
});

test('a password that was given ten minutes ago, or in another session, releases nothing large', async () => {
  const deal = await m.makeDeal(app);
  const { milestoneId } = await m.fund(deal, 600_000);
  const body = { email: deal.client.user.email, password };
  const { headers } = await send(deal.client.base, login, { body });
  const cookie = (headers.getSetCookie()[0] ?? '').split(';', 1)[0] ?? '';
  const elsewhere = new Person(deal.client.base, deal.client.user, deal.client.inboxRoomId, cookie);
  await elsewhere.must(reauthenticate, { body: { password } });
  expect(await m.release(deal, milestoneId, 600_000), 'it was in the other session').toMatchObject(asksAgain);
  await deal.client.must(reauthenticate, { body: { password } });
  await advance(deal, 10 * 60 + 1);
  expect(await m.release(deal, milestoneId, 600_000), 'it is too long ago').toMatchObject(asksAgain);
  await deal.client.must(reauthenticate, { body: { password } });
  expect((await m.release(deal, milestoneId, 600_000)).status).toBe(201);
  await m.settled(deal, milestoneId);
});

test('a payment that is over is neither given up nor tried again, and one under way is not tried twice', async () => {
  const deal = await m.makeDeal(app);
  const { paymentId } = await m.fund(deal);
  const giveUp = (id: string) => deal.client.call(calls.cancelPayment, { params: { paymentId: id }, body: command() });
  expect([(await giveUp(paymentId)).status, (await retry(deal, paymentId)).status]).toEqual([409, 409]);
  const { id: milestoneId } = await m.plan(deal);
  const { id } = await m.beginFunding(deal, milestoneId);
  expect((await retry(deal, id)).status, 'it is on its way').toBe(409);
  await m.drive(deal, id, 'decline');
  expect((await giveUp(id)).status).toBe(201);
  expect((await retry(deal, id)).status, 'it was given up').toBe(409);
  expect((await deal.freelancer.call(calls.cancelPayment, { params: { paymentId: id }, body: command() })).status).toBe(
    404,
  );
});

test('T-A15 nobody pays with another’s card or one that was removed, and learns nothing of how it was saved', async () => {
  const deal = await m.makeDeal(app);
  const card = async (userId: string, removed: boolean, processor = 'test-money') => {
    const id = newId();
    await app.sql(
      `insert into payment_methods (id, user_id, processor, method_id, brand, last4, expires_month, expires_year, created_at, removed_at)
       values ($1::uuid, $2, $4, $1::text, 'visa', '4242', 1, 2040, now(), case when $3 then now() end)`,
      [id, userId, removed, processor],
    );
    return id;
  };
  const cards = [
    await card(deal.freelancer.id, false),
    await card(deal.client.id, true),
    await card(deal.client.id, false, 'stripe'),
  ];
  const { id: milestoneId } = await m.plan(deal);
  for (const id of cards) expect((await pay(deal, milestoneId, id)).status).toBe(404);
  const { id: paymentId } = await m.beginFunding(deal, milestoneId);
  await m.drive(deal, paymentId, 'decline');
  for (const id of cards) expect((await retry(deal, paymentId, id)).status).toBe(404);
  const { setup } = await deal.client.must(addPaymentMethod, { body: command() });
  expect((await deal.freelancer.call(getCardSetup, { params: { setupId: setup.id } })).status).toBe(404);
});

test('what another processor holds is left to it: nothing is added to it here, and nothing of it is moved', async () => {
  const deal = await m.makeDeal(app);
  const { milestoneId } = await agreedOnMore(deal);
  const holder = (name: string) =>
    app.sql('update holds set processor = $2 where milestone_id = $1', [milestoneId, name]);
  await holder('stripe');
  expect((await pay(deal, milestoneId)).status).toBe(409);
  expect((await m.release(deal, milestoneId, 40_000)).status).toBe(201);
  const later = await m.fund(deal);
  await m.release(deal, later.milestoneId, 40_000);
  await m.settled(deal, later.milestoneId);
  const [row] = await app.sql(
    `select o.attempts from money_operations o join holds h on h.id = o.hold_id where h.milestone_id = $1 and o.kind = 'transfer'`,
    [milestoneId],
  );
  expect(row, 'nobody has touched it').toEqual({ attempts: 0 });
  await holder('test-money');
  await m.settled(deal, milestoneId);
});

test('T-M22 what the currency cannot pay to the last unit is neither funded nor released', async () => {
  const [client, freelancer] = await Promise.all([signUp(app), signUp(app, 'freelancer')]);
  await m.verify(app, client, freelancer);
  const body = { title: 'In dinars', description: '', currency: 'KWD' as const };
  const { project } = await client.must(projects.createProject, { body });
  await joinProject(client, freelancer, project.id);
  const deal = { client, freelancer, projectId: project.id, roomId: project.roomId };
  const odd = await m.plan(deal, 100_000);
  // Planned before that was refused.
  await app.sql('update milestones set amount_minor = 100005 where id = $1', [odd.id]);
  expect((await pay(deal, odd.id)).status).toBe(422);
  const { milestoneId } = await m.fund(deal, 100_000);
  expect((await m.release(deal, milestoneId, 1_005)).status).toBe(422);
  expect((await m.refund(deal, milestoneId, 1_005)).status).toBe(422);
});

test('T-M22 what the currency cannot be charged for to the last unit is not planned either', async () => {
  const deal = await m.makeDeal(app);
  const message = 'This amount cannot be charged to the last unit in this currency.';
  const refused = (path: string) => ({ status: 422, body: { errors: [{ path, message }] } });
  const body = { title: 'In dinars', description: '', currency: 'KWD' as const };
  const odd = { ...m.half, amountMinor: 123_455 };
  const made = await deal.client.call(projects.createProject, {
    body: { ...body, milestones: [{ ...odd, amountMinor: 123_450 }, odd] },
  });
  expect(made).toMatchObject(refused('milestones.1.amountMinor'));
  const { project } = await deal.client.must(projects.createProject, { body });
  const params = { projectId: project.id };
  expect(await deal.client.call(projects.planMilestone, { params, body: odd })).toMatchObject(refused('amountMinor'));
  const even = await m.plan({ ...deal, projectId: project.id }, 123_450);
  expect((Number(even.quote.clientPaysMinor) / 10) % 1, 'with the service fee as well').toBe(0);
  const change = (terms: object) =>
    deal.client.call(projects.changeMilestone, { params: { milestoneId: even.id }, body: terms });
  expect(await change({ amountMinor: 123_455 })).toMatchObject(refused('amountMinor'));
  await app.sql('update milestones set amount_minor = 100005 where id = $1', [even.id]);
  expect((await change({ title: 'Screens' })).status, 'what is left alone is not asked about').toBe(200);
  expect((await change({ amountMinor: 123_460 })).status).toBe(200);
  expect((await deal.client.must(projects.getProject, { params })).milestones).toHaveLength(1);
});

test('T-M22 what one payment cannot bring with its service fee is neither planned nor agreed on, nor paid where it was planned before', async () => {
  const deal = await m.makeDeal(app);
  const refused = {
    status: 422,
    body: { detail: expect.stringContaining('more than can be charged at once') as string },
  };
  const planned = (projectId: string, amountMinor: number) =>
    deal.client.call(projects.planMilestone, { params: { projectId }, body: { ...m.half, amountMinor } });
  // 3.5 % and 0.35 on top: 999,999.99 is charged for 966,183.22.
  expect(await planned(deal.projectId, 96_618_323)).toMatchObject(refused);
  const most = await m.plan(deal, 96_618_322);
  expect(most.quote.clientPaysMinor).toBe(99_999_999);
  const change = { params: { milestoneId: most.id }, body: { amountMinor: 96_618_323 } };
  expect(await deal.client.call(projects.changeMilestone, change)).toMatchObject(refused);
  const krona = { title: 'In krónur', description: '', currency: 'ISK' as const };
  const inKrona = (amountMinor: number) =>
    deal.client.call(projects.createProject, { body: { ...krona, milestones: [{ ...m.half, amountMinor }] } });
  expect(await inKrona(1_000_000), 'which Stripe counts in hundredths').toMatchObject(refused);
  expect((await inKrona(900_000)).status).toBe(201);
  const { milestoneId } = await m.fund(deal, 1_000);
  const body = { amountMinor: 98_000_000 };
  expect(await deal.freelancer.call(calls.proposeChange, { params: { milestoneId }, body })).toMatchObject(refused);
  await app.sql('update milestones set amount_minor = 99999999 where id = $1', [most.id]);
  expect(await pay(deal, most.id)).toMatchObject(refused);
});

test('X18 I14 an agreement is made once, only while there is work, and for no more than is held by then', async () => {
  const deal = await m.makeDeal(app);
  const more = await agreedOnMore(deal);
  expect(await accept(deal.client, more.milestoneId, more.hash)).toMatchObject({
    ...{ status: 409, body: { detail: expect.stringContaining('waits for its payment') as string } },
  });
  const less = await m.fund(deal);
  const { hash } = await m.proposeAmount(deal.freelancer, less.milestoneId, 70_000);
  await m.release(deal, less.milestoneId, 80_000);
  expect(await accept(deal.client, less.milestoneId, hash)).toMatchObject({
    ...{ status: 409, body: { winner: { type: expect.stringContaining('milestone.releas') as string } } },
  });
  await m.settled(deal, less.milestoneId);
  const other = await m.fund(deal);
  const params = { milestoneId: other.milestoneId };
  const { milestone } = await deal.freelancer.must(calls.proposeChange, { params, body: { title: 'Two screens' } });
  await m.drive(deal, other.paymentId, 'chargeback');
  expect((await accept(deal.client, other.milestoneId, milestone.proposal?.hash ?? '')).status).toBe(409);
  await m.drive(deal, other.paymentId, 'chargeback_won');
});

test('I13 an end is asked for once', async () => {
  const deal = await m.makeDeal(app);
  const { milestoneId } = await m.fund(deal);
  expect([(await askEnd(deal, milestoneId)).status, (await askEnd(deal, milestoneId)).status]).toEqual([201, 409]);
});

test('I01 I03 each step is taken from the state before it, and from no other', async () => {
  const deal = await m.makeDeal(app);
  const { client, freelancer } = deal;
  const { id: planned } = await m.plan(deal);
  const start = (milestoneId: string) => freelancer.call(calls.startMilestone, { params: { milestoneId } });
  const handIn = (milestoneId: string) =>
    freelancer.call(calls.submitMilestone, { params: { milestoneId }, body: { note: 'Done', files: [] } });
  const change = (milestoneId: string, submissionId: string) =>
    client.call(calls.requestChanges, { params: { milestoneId }, body: { submissionId, reason: 'The second one' } });
  expect([(await start(planned)).status, (await handIn(planned)).status], 'nobody has paid').toEqual([409, 409]);
  const { milestoneId } = await m.fund(deal);
  expect([(await start(milestoneId)).status, (await start(milestoneId)).status]).toEqual([201, 409]);
  const submissionId = await m.submit(deal, milestoneId);
  expect((await start(milestoneId)).status, 'it was handed in').toBe(409);
  expect((await change(milestoneId, newId())).status, 'of another submission').toBe(409);
  expect((await change(milestoneId, submissionId)).status).toBe(201);
  expect((await change(milestoneId, submissionId)).status, 'they were asked for').toBe(409);
  expect((await m.approve(deal, milestoneId, submissionId)).status, 'changes were asked for').toBe(409);
  const second = await m.submit(deal, milestoneId, 'Again');
  expect((await m.approve(deal, milestoneId, second)).status).toBe(201);
  await m.settled(deal, milestoneId, 'released');
  for (const answer of [await m.release(deal, milestoneId, 1), await m.refund(deal, milestoneId, 1)])
    expect(answer.body, 'the refusal names the state').toMatchObject({
      detail: expect.stringContaining('released cannot be paid or refunded') as string,
    });
  const late = [
    await start(milestoneId),
    await handIn(milestoneId),
    await change(milestoneId, second),
    await m.approve(deal, milestoneId, second),
    await m.release(deal, milestoneId, 1),
    await m.refund(deal, milestoneId, 1),
    await askEnd(deal, milestoneId),
    await pay(deal, milestoneId),
  ];
  expect(late.map(({ status }) => status)).toEqual(late.map(() => 409));
});

test('which side decides: the client pays and approves, the freelancer works and gives back', async () => {
  const deal = await m.makeDeal(app);
  const { client, freelancer } = deal;
  const swapped = { ...deal, client: freelancer, freelancer: client };
  const { id: planned } = await m.plan(deal);
  const { milestoneId } = await m.fund(deal);
  const submissionId = await m.submit(deal, milestoneId);
  const answers = [
    await pay(swapped, planned),
    await m.release(swapped, milestoneId, 1_000),
    await m.refund(swapped, milestoneId, 1_000),
    await m.approve(swapped, milestoneId, submissionId),
    await client.call(calls.startMilestone, { params: { milestoneId } }),
    await client.call(calls.submitMilestone, { params: { milestoneId }, body: { note: 'Mine', files: [] } }),
    await freelancer.call(calls.requestChanges, { params: { milestoneId }, body: { submissionId, reason: 'No' } }),
  ];
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 403));
});

test('UX 31 another client of the project is told whose decision it is: his who pays', async () => {
  const deal = await m.makeDeal(app);
  const [{ id: planned }, { milestoneId }] = [await m.plan(deal), await m.fund(deal)];
  const other = await signUp(app);
  await joinProject(deal.client, other, deal.projectId);
  const refused = { status: 403, body: { detail: 'Only the client who pays in this project can do this.' } };
  expect(await pay({ ...deal, client: other }, planned)).toMatchObject(refused);
  expect(await m.release({ ...deal, client: other }, milestoneId, 1_000)).toMatchObject(refused);
});

test('X12 a chargeback pauses the review, a win lets it go on, and after changes there are at least three days', async () => {
  const deal = await m.makeDeal(app);
  const { milestoneId, paymentId } = await m.fund(deal);
  const first = await m.submit(deal, milestoneId);
  await advance(deal, 2 * day);
  await m.drive(deal, paymentId, 'chargeback');
  expect(await reviewOf(deal, milestoneId)).toMatchObject({ dueAt: null });
  await advance(deal, 10 * day);
  await m.drive(deal, paymentId, 'chargeback_won');
  const { now } = await advance(deal, 0);
  const left = (Date.parse((await reviewOf(deal, milestoneId))?.dueAt ?? '') - Date.parse(now)) / 1_000;
  expect([left > 4.9 * day, left <= 5 * day], `${left} s are left`).toEqual([true, true]);
  await advance(deal, 4 * day);
  const body = { submissionId: first, reason: 'The second screen' };
  await deal.client.must(calls.requestChanges, { params: { milestoneId }, body });
  await m.submit(deal, milestoneId, 'Again');
  const after = await advance(deal, 0);
  const rest = (Date.parse((await reviewOf(deal, milestoneId))?.dueAt ?? '') - Date.parse(after.now)) / 1_000;
  expect([rest > 2.9 * day, rest <= 3 * day], `${rest} s are left`).toEqual([true, true]);
  await advance(deal, 3 * day);
  await until(async () => expect((await m.look(deal, milestoneId)).status).toBe('released'));
});

test('X12 a chargeback that is won while changes are awaited leaves the review as the request for them had paused it', async () => {
  const deal = await m.makeDeal(app);
  const { milestoneId, paymentId } = await m.fund(deal);
  const submissionId = await m.submit(deal, milestoneId);
  await advance(deal, 6 * day);
  const body = { submissionId, reason: 'The second screen' };
  await deal.client.must(calls.requestChanges, { params: { milestoneId }, body });
  const paused = await reviewOf(deal, milestoneId);
  expect(paused).toMatchObject({ dueAt: null });
  await m.drive(deal, paymentId, 'chargeback');
  await m.drive(deal, paymentId, 'chargeback_won');
  expect((await m.look(deal, milestoneId)).status).toBe('changes_requested');
  expect(await reviewOf(deal, milestoneId)).toEqual(paused);
  await m.submit(deal, milestoneId, 'Again');
  const { now } = await advance(deal, 0);
  const left = (Date.parse((await reviewOf(deal, milestoneId))?.dueAt ?? '') - Date.parse(now)) / 1_000;
  expect([left > 2.9 * day, left <= 3 * day], `${left} s are left`).toEqual([true, true]);
});

test('T-S11 T-A6 who is not its payer drives test money from this machine alone, not through a proxy on it; nobody drives the clock through one', async () => {
  const deal = await m.makeDeal(app);
  const { id: paymentId } = await m.beginFunding(deal, (await m.plan(deal)).id);
  const knock = async (path: string, body: object, headers: Record<string, string>) => {
    const init = { method: 'POST', headers: { 'content-type': 'application/json', ...headers } };
    const { status } = await fetch(`${deal.client.base}/api/v1${path}`, { ...init, body: JSON.stringify(body) });
    return status;
  };
  for (const name of ['x-forwarded-for', 'forwarded', 'x-real-ip', 'via']) {
    const headers = { [name]: 'for=203.0.113.9' };
    expect(await knock('/test/money', { paymentId, outcome: 'succeed' }, headers), name).toBe(404);
    expect(await knock('/test/clock', { advanceSeconds: 1 }, headers), name).toBe(404);
  }
  const afar = (person: Person) =>
    person.call(driveTestMoney, {
      body: { paymentId, outcome: 'challenge' },
      headers: { 'x-forwarded-for': '203.0.113.9' },
    });
  expect((await afar(deal.freelancer)).status, 'whose payment it is not').toBe(404);
  expect((await afar(deal.client)).status).toBe(201);
  expect(await knock('/test/clock', { advanceSeconds: 1 }, {})).toBe(200);
  expect(await knock('/test/money', { paymentId: newId(), outcome: 'succeed' }, {}), 'there is none').toBe(404);
  expect(await knock('/test/money', { paymentId, outcome: 'chargeback_lost' }, {}), 'nobody disputes it').toBe(409);
  expect(await knock('/test/money', { paymentId, outcome: 'succeed' }, {})).toBe(201);
});
