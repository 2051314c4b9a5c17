import { createApiToken, reauthenticate } from '@safesend/shared/accounts/calls.ts';
import { advanceClock } from '@safesend/shared/clock.ts';
import { addPaymentMethod } from '@safesend/shared/escrow/calls.ts';
import { newId } from '@safesend/shared/ids.ts';
import { listNotifications } from '@safesend/shared/notifications/calls.ts';
import * as projects from '@safesend/shared/projects/calls.ts';
import * as calls from '@safesend/shared/projects/money-calls.ts';
import { listEvents, removeMember } from '@safesend/shared/rooms/calls.ts';
import { getFile } from '@safesend/shared/files/calls.ts';
import { expect, test, vi } from 'vitest';
import { mustDrop } from '../../../../test/drops.ts';
import { joinProject, projectOf, signUp, startTestApp, type TestApp } from '../../../../test/harness.ts';
import * as m from '../../../../test/money.ts';
import { told } from '../../../../test/money-laws.ts';

let app: TestApp;
m.onBooks((started) => (app = started));

const day = 86_400;
const advance = ({ client }: m.Deal, advanceSeconds: number) => client.must(advanceClock, { body: { advanceSeconds } });
const command = () => ({ commandId: newId() });

test('X11 I04 I05 a submission pins exact bytes, and an approval of an older one is refused with the newer named', async () => {
  const deal = await m.makeDeal(app);
  const { client, freelancer, roomId } = deal;
  const { milestoneId } = await m.fund(deal);
  const { fileId } = await mustDrop(freelancer, { roomId });
  const { sha256, version } = (await freelancer.must(getFile, { params: { fileId } })).file.current;
  const submit = (hash: string) =>
    freelancer.call(calls.submitMilestone, {
      params: { milestoneId },
      body: { note: 'Here', files: [{ fileId, version, sha256: hash }] },
    });
  expect((await submit('0'.repeat(64))).status).toBe(422);
  const { submission } = (await submit(sha256)).body.milestone;
  expect(submission?.files).toMatchObject([{ fileId, version, sha256 }]);
  const second = await m.submit(deal, milestoneId, 'A better one');
  const stale = await m.approve(deal, milestoneId, submission?.id ?? '');
  expect(stale.status).toBe(409);
  expect(stale.body).toMatchObject({
    detail: expect.stringContaining('changed since you looked') as string,
    winner: { type: 'milestone.submitted' },
  });
  expect((await m.approve(deal, milestoneId, second)).status).toBe(201);
  const { submissions } = await client.must(calls.getMilestone, { params: { milestoneId } });
  expect(submissions.map(({ number, status }) => [number, status])).toEqual([
    [2, 'approved'],
    [1, 'superseded'],
  ]);
  await m.settled(deal, milestoneId, 'released');
});

test('X18 after funding nothing changes alone: the other side accepts exactly the hash, older texts stay readable', async () => {
  const deal = await m.makeDeal(app);
  const { client, freelancer } = deal;
  const { milestoneId } = await m.fund(deal);
  const params = { milestoneId };
  expect((await client.call(projects.changeMilestone, { params, body: { amountMinor: 1 } })).status).toBe(409);
  const propose = (body: object) => freelancer.call(calls.proposeChange, { params, body });
  const first = (await propose({ title: 'Two screens' })).body.milestone.proposal;
  const second = (await propose({ title: 'Two screens', amountMinor: 70_000 })).body.milestone.proposal;
  const accept = (who: typeof client, hash: string) =>
    who.call(calls.acceptProposal, { params: { milestoneId, hash }, body: command() });
  expect((await accept(freelancer, second?.hash ?? '')).status).toBe(403);
  expect((await accept(client, first?.hash ?? '')).status).toBe(409);
  const { milestone } = (await accept(client, second?.hash ?? '')).body;
  expect(milestone).toMatchObject({ revision: 2, title: 'Two screens', amountMinor: 70_000, proposal: null });
  const { hold } = await m.settled(deal, milestoneId);
  expect(hold).toMatchObject({ heldMinor: 70_000, refundedMinor: 30_000 });
  const { versions } = await client.must(calls.getMilestone, { params });
  expect(versions.map(({ revision, terms }) => [revision, terms.title])).toEqual([
    [1, 'Design'],
    [2, 'Two screens'],
  ]);
});

test('I13 a funded milestone ends when the other side agrees: what is held goes back, and what stays was said before', async () => {
  const deal = await m.makeDeal(app);
  const { client, freelancer } = deal;
  const { milestoneId } = await m.fund(deal);
  const params = { milestoneId };
  const { milestone } = await client.must(projects.cancelMilestone, { params, body: { reason: 'Plans changed' } });
  expect(milestone).toMatchObject({ status: 'funded', cancellation: { refundMinor: 100_000, keptFeeMinor: 3_535 } });
  const answer = (who: typeof client, accept: boolean) =>
    who.call(calls.answerCancellation, { params, body: { accept, ...command() } });
  expect((await answer(client, true)).status).toBe(403);
  expect((await answer(freelancer, true)).status).toBe(201);
  const ended = await m.settled(deal, milestoneId, 'cancelled');
  expect(ended.hold).toMatchObject({ refundedMinor: 100_000, heldMinor: 0, status: 'refunded' });
  expect((await answer(freelancer, true)).status).toBe(409);
  expect((await m.factTypes(deal)).slice(-4), 'asked, agreed, out of the plan, arrived').toEqual([
    'milestone.cancellation.requested',
    'milestone.refunding',
    'milestone.cancelled',
    'milestone.refunded',
  ]);
});

test('I13 an end is agreed for the amount that was seen: when less is held by then, it is asked for again', async () => {
  const deal = await m.makeDeal(app);
  const { client, freelancer } = deal;
  const { milestoneId } = await m.fund(deal);
  const params = { milestoneId };
  await client.must(projects.cancelMilestone, { params, body: { reason: 'Plans changed' } });
  expect((await m.refund(deal, milestoneId, 40_000)).status).toBe(201);
  await m.settled(deal, milestoneId);
  const answer = (who: typeof client, accept: boolean) =>
    who.call(calls.answerCancellation, { params, body: { accept, ...command() } });
  expect((await answer(freelancer, true)).status).toBe(409);
  expect((await answer(client, false)).status, 'taken back').toBe(201);
  const { milestone } = await client.must(projects.cancelMilestone, { params, body: { reason: 'Plans changed' } });
  expect(milestone.cancellation).toMatchObject({ refundMinor: 60_000 });
  expect((await answer(freelancer, true)).status).toBe(201);
  expect((await m.settled(deal, milestoneId, 'cancelled')).hold).toMatchObject({ refundedMinor: 100_000 });
});

test('X12 I11 the review approves by itself once, over two workers; a request for changes pauses it', async () => {
  const other = await startTestApp({ databaseUrl: app.databaseUrl, dataDir: app.dataDir });
  const deal = await m.makeDeal(app);
  const { client, freelancer } = deal;
  const { milestoneId } = await m.fund(deal);
  const submissionId = await m.submit(deal, milestoneId);
  await advance(deal, 2 * day);
  const body = { submissionId, reason: 'The second screen' };
  const { milestone: paused } = await client.must(calls.requestChanges, { params: { milestoneId }, body });
  const [review] = paused.clocks.filter(({ kind }) => kind === 'review');
  expect(review).toMatchObject({ dueAt: null });
  expect(review?.remainingSeconds).toBeGreaterThan(4.9 * day);
  await advance(deal, 10 * day);
  expect((await m.look(deal, milestoneId)).status).toBe('changes_requested');
  await m.submit(deal, milestoneId, 'Again');
  const dueAt = (await m.look(deal, milestoneId)).clocks.find(({ kind }) => kind === 'review')?.dueAt ?? '';
  const { now } = await advance(deal, 0);
  const left = Math.ceil((new Date(dueAt).getTime() - new Date(now).getTime()) / 1_000);
  await advance(deal, left - day / 2);
  const reminded = async () =>
    (await client.must(listNotifications, { query: { limit: 50 } })).items.filter(({ kind }) => kind === 'review.1d');
  const once = [{ amountMinor: 100_000, currency: 'EUR' }];
  await vi.waitFor(async () => expect(await reminded()).toMatchObject(once), { timeout: 20_000 });
  await advance(deal, day / 2);
  const released = await m.settled(deal, milestoneId, 'released');
  expect(released.submission).toMatchObject({ number: 2, status: 'approved', answeredBy: null });
  expect(await m.objectsOf(app, milestoneId, 'transfer')).toEqual([90_000]);
  const types = await m.factTypes(deal);
  expect(types.filter((type) => type === 'milestone.approved')).toHaveLength(1);
  expect(await reminded()).toMatchObject(once);
  expect((await freelancer.must(listNotifications)).items.map(({ kind }) => kind)).toContain('milestone.released');
  await other.close();
});

test('an attempt that nobody finishes expires, is seen, and can be made again', async () => {
  const deal = await m.makeDeal(app);
  const { id: milestoneId } = await m.plan(deal);
  const { id: paymentId } = await m.beginFunding(deal, milestoneId);
  await m.drive(deal, paymentId, 'challenge');
  expect((await m.look(deal, milestoneId)).waiting).toMatchObject({ reason: 'challenge', on: 'client' });
  await advance(deal, day + 1);
  await vi.waitFor(
    async () =>
      expect(await m.look(deal, milestoneId)).toMatchObject({ status: 'planned', waiting: { reason: 'expired' } }),
    { timeout: 20_000 },
  );
  const again = await m.beginFunding(deal, milestoneId);
  await m.drive(deal, again.id, 'decline');
  expect((await m.look(deal, milestoneId)).waiting).toMatchObject({ reason: 'declined', paymentId: again.id });
  const params = { paymentId: again.id };
  expect((await deal.client.call(calls.retryPayment, { params, body: command() })).status).toBe(201);
  await m.drive(deal, again.id, 'succeed');
  expect((await m.look(deal, milestoneId)).status).toBe('funded');
  const cancelled = await m.plan(deal);
  const third = await m.beginFunding(deal, cancelled.id);
  await deal.client.must(calls.cancelPayment, { params: { paymentId: third.id }, body: command() });
  await told(deal, 'payment.failed', cancelled.id);
  expect(await m.look(deal, cancelled.id)).toMatchObject({ status: 'planned', waiting: null });
});

test('I05 L6 why a card was declined is told to its owner, and to nobody else by any door', async () => {
  const deal = await m.makeDeal(app);
  const { client, freelancer } = deal;
  const { id: milestoneId } = await m.plan(deal);
  const { id: paymentId } = await m.beginFunding(deal, milestoneId);
  await m.drive(deal, paymentId, 'decline');
  const params = { milestoneId };
  const { payments } = await client.must(calls.getMilestone, { params });
  expect(payments).toMatchObject([{ status: 'declined', declineMessage: 'The card was declined.' }]);
  expect((await freelancer.must(calls.getMilestone, { params })).payments).toEqual([]);
  expect((await freelancer.call(calls.getPayment, { params: { paymentId } })).status).toBe(404);
  const query = { after: 0, limit: 500 };
  const { events } = await freelancer.must(listEvents, { params: { roomId: deal.roomId }, query });
  expect(events.find(({ type }) => type === 'payment.failed')?.data, 'the room hears that, not why').toMatchObject({
    payment: { id: paymentId, status: 'declined', declineCode: null, declineMessage: null },
  });
});

test('X22 J15 a chargeback freezes what is held; won it goes on, lost it is over', async () => {
  const deal = await m.makeDeal(app);
  const { milestoneId, paymentId } = await m.fund(deal);
  await m.release(deal, milestoneId, 30_000);
  await m.settled(deal, milestoneId);
  await m.drive(deal, paymentId, 'chargeback');
  expect(await m.look(deal, milestoneId)).toMatchObject({
    status: 'disputed',
    hold: { frozenMinor: 70_000, heldMinor: 0 },
  });
  expect((await m.release(deal, milestoneId, 1)).status).toBe(409);
  await m.drive(deal, paymentId, 'chargeback_won');
  expect(await m.look(deal, milestoneId)).toMatchObject({
    status: 'funded',
    hold: { frozenMinor: 0, heldMinor: 70_000 },
  });
  const lost = await m.fund(deal);
  await m.drive(deal, lost.paymentId, 'chargeback');
  await m.drive(deal, lost.paymentId, 'chargeback_lost');
  expect(await m.look(deal, lost.milestoneId)).toMatchObject({
    status: 'refunded',
    hold: { chargedBackMinor: 100_000, status: 'charged_back' },
  });
});

test('money asks for a proven address, the scope, and above 5,000.00 for the password again', async () => {
  const [client, freelancer] = await Promise.all([signUp(app), signUp(app, 'freelancer')]);
  const { id: projectId, roomId } = await projectOf(client, freelancer);
  const deal = { client, freelancer, projectId, roomId };
  const { id: milestoneId } = await m.plan(deal, 600_000);
  const fund = () => client.call(calls.fundMilestone, { params: { milestoneId }, body: command() });
  expect(await fund()).toMatchObject({ status: 403, body: { code: 'email_unverified' } });
  await m.verify(app, client, freelancer);
  await m.setUpPayouts(freelancer);
  const { token } = await client.must(createApiToken, { body: { name: 'x', scopes: ['read', 'write'] } });
  const byToken = await fetch(`${client.base}/api/v1/milestones/${milestoneId}/funding`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(command()),
  });
  expect(byToken.status).toBe(403);
  await m.drive(deal, (await fund()).body.payment.id, 'succeed');
  expect((await m.release(deal, milestoneId, 500_000)).status).toBe(201);
  const asksAgain = { status: 403, body: { code: 'reauthentication_required' } };
  expect(await m.release(deal, milestoneId, 1), 'in parts it is as much').toMatchObject(asksAgain);
  expect(await m.approve(deal, milestoneId, await m.submit(deal, milestoneId))).toMatchObject(asksAgain);
  const large = await m.fund(deal, 600_000);
  expect(await m.release(deal, large.milestoneId, 500_001)).toMatchObject(asksAgain);
  await client.must(reauthenticate, { body: { password: 'correct horse battery staple' } });
  expect((await m.release(deal, large.milestoneId, 500_001)).status).toBe(201);
  await m.settled(deal, large.milestoneId);
});

test('T-M23 T-M24 T-A14 J11 another currency, another amount and other fields move nothing', async () => {
  const deal = await m.makeDeal(app);
  const { id: milestoneId } = await m.plan(deal);
  const fund = (more: object) =>
    deal.client.call(calls.fundMilestone, { params: { milestoneId }, body: { ...command(), ...more } });
  for (const more of [{ currency: 'USD' }, { amount: 1 }, { state: 'funded' }, { heldMinor: 1 }, { createdAt: 'now' }])
    expect((await fund(more)).status, JSON.stringify(more)).toBe(422);
  expect((await fund({ totalMinor: 103_534 })).status).toBe(409);
  const { payment } = (await fund({ amountMinor: 100_000, totalMinor: 103_535 })).body;
  await vi.waitFor(async () => {
    const [row] = await app.sql<{ n: number }>(
      `select count(*)::int as n from test_money_objects where parent_id = $1`,
      [payment.id],
    );
    expect(row?.n).toBe(1);
  });
  await app.sql(`update test_money_objects set amount_minor = amount_minor - 1 where parent_id = $1`, [payment.id]);
  await m.drive(deal, payment.id, 'succeed');
  const left = await m.look(deal, milestoneId);
  expect(left).toMatchObject({ status: 'funding', hold: { heldMinor: 0, fundedMinor: 0 } });
  expect(await app.sql(`select mismatch is not null as flagged from payments where id = $1`, [payment.id])).toEqual([
    { flagged: true },
  ]);
});

test('T-M25 hostile amounts are refused at every door of money, and write nothing', async () => {
  const deal = await m.makeDeal(app);
  const { milestoneId } = await m.fund(deal);
  const hostile = [
    '-1',
    '0',
    '-0',
    '0.1',
    '1e309',
    'NaN',
    '"100"',
    '"1e2"',
    '9007199254740993',
    '9223372036854775808',
    '[100]',
    '{}',
    'null',
  ];
  const people = { funding: deal.client, release: deal.client, refund: deal.freelancer };
  for (const [door, who] of Object.entries(people)) {
    for (const amount of hostile) {
      const response = await fetch(`${who.base}/api/v1/milestones/${milestoneId}/${door}`, {
        method: 'POST',
        headers: { cookie: who.cookie, 'content-type': 'application/json' },
        body: `{"commandId":"${newId()}",${door === 'refund' ? '"reason":"x",' : ''}"amountMinor":${amount}}`,
      });
      expect([400, 422], `${door} ${amount}`).toContain(response.status);
    }
  }
  expect((await m.look(deal, milestoneId)).hold).toMatchObject({ heldMinor: 100_000, status: 'funded' });
});

test('E03 E05 money that is held keeps its project and its people; money that moved keeps the project for ever', async () => {
  const deal = await m.makeDeal(app);
  const { client, freelancer, projectId, roomId } = deal;
  const { milestoneId } = await m.fund(deal);
  const params = { projectId };
  expect((await client.call(projects.completeProject, { params })).status).toBe(409);
  expect((await client.call(projects.cancelProject, { params })).status).toBe(409);
  const leave = () => freelancer.call(removeMember, { params: { roomId, userId: freelancer.id } });
  expect((await leave()).status).toBe(409);
  expect((await client.call(removeMember, { params: { roomId, userId: freelancer.id } })).status).toBe(409);
  await m.refund(deal, milestoneId, 100_000);
  await m.settled(deal, milestoneId, 'refunded');
  expect((await leave()).status).toBe(204);
  await client.must(projects.cancelProject, { params });
  expect((await client.call(projects.deleteProject, { params })).status).toBe(409);
});

test('no money is held for a freelancer who left or was removed: only he could give it back', async () => {
  for (const gone of ['left', 'removed'] as const) {
    const deal = await m.makeDeal(app);
    const { client, freelancer, projectId, roomId } = deal;
    const { id: milestoneId } = await m.plan(deal);
    const who = gone === 'left' ? freelancer : client;
    await who.must(removeMember, { params: { roomId, userId: freelancer.id } });
    const fund = () => client.call(calls.fundMilestone, { params: { milestoneId }, body: command() });
    expect((await fund()).status).toBe(409);
    await joinProject(client, freelancer, projectId);
    expect((await fund()).status).toBe(201);
  }
});

test('who joins in the place of a freelancer who is gone works for the money from then on', async () => {
  const deal = await m.makeDeal(app);
  const { client, freelancer, projectId, roomId } = deal;
  const { id: milestoneId } = await m.plan(deal);
  const next = await signUp(app, 'freelancer');
  await joinProject(client, next, projectId);
  const party = async () => (await client.must(projects.getProject, { params: { projectId } })).project.freelancerId;
  expect(await party()).toBe(freelancer.id);
  for (const { id: userId } of [freelancer, next]) await client.must(removeMember, { params: { roomId, userId } });
  await joinProject(client, next, projectId);
  await joinProject(client, freelancer, projectId);
  expect(await party()).toBe(next.id);
  await client.must(calls.fundMilestone, { params: { milestoneId }, body: command() });
  const facts = await app.sql<{ type: string }>(
    `select type from facts where room_id = $1 and type like 'project.%' order by seq`,
    [roomId],
  );
  expect(facts.map(({ type }) => type)).toEqual(['project.created', 'project.activated', 'project.changed']);
});

test('T-A15 nobody learns another’s payment, an object of the processor, or an address', async () => {
  const deal = await m.makeDeal(app);
  const { milestoneId, paymentId } = await m.fund(deal);
  expect((await deal.freelancer.call(calls.getPayment, { params: { paymentId } })).status).toBe(404);
  const seen = await deal.freelancer.must(calls.getMilestone, { params: { milestoneId } });
  expect(seen.payments).toEqual([]);
  expect(JSON.stringify(seen)).not.toMatch(/tm_|@example|secret/);
});

test('production without a key answers 503 payments_not_configured, and has no door to test money', async () => {
  const production = await startTestApp({
    databaseUrl: app.databaseUrl,
    dataDir: app.dataDir,
    environment: {
      ...{ NODE_ENV: 'production', PUBLIC_URL: 'http://127.0.0.1:1', DATABASE_URL: app.databaseUrl },
      SAFESEND_TEST_CLOCK: '',
    },
  });
  const deal = await m.makeDeal(app);
  const { id: milestoneId } = await m.plan(deal);
  const declined = await m.beginFunding(deal, (await m.plan(deal)).id);
  await m.drive(deal, declined.id, 'decline');
  const there = deal.client.at(`http://127.0.0.1:${production.port}`);
  for (const answer of [
    await there.call(calls.fundMilestone, { params: { milestoneId }, body: command() }),
    await there.call(calls.retryPayment, { params: { paymentId: declined.id }, body: command() }),
    await there.call(addPaymentMethod, { body: command() }),
  ])
    expect(answer).toMatchObject({ status: 503, body: { code: 'payments_not_configured' } });
  expect((await m.look(deal, milestoneId)).status).toBe('planned');
  expect(production.api.routes.map(({ path }) => path)).not.toContain('/api/v1/test/money');
  await production.close();
});
