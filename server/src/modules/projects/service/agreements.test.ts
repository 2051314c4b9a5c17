import { removeMember } from '@safesend/shared/rooms/calls.ts';
import { newId } from '@safesend/shared/ids.ts';
import { listNotifications } from '@safesend/shared/notifications/calls.ts';
import * as projects from '@safesend/shared/projects/calls.ts';
import * as calls from '@safesend/shared/projects/money-calls.ts';
import type { MilestoneChange } from '@safesend/shared/projects/milestone.ts';
import { agreedAnew } from '@safesend/shared/projects/reasons.ts';
import { expect, test } from 'vitest';
import { joinProject, signUp, type Person, type TestApp } from '../../../../test/harness.ts';
import * as m from '../../../../test/money.ts';

let app: TestApp;
m.onBooks((started) => (app = started));

const command = () => ({ commandId: newId() });
const propose = (who: Person, milestoneId: string, body: MilestoneChange) =>
  who.call(calls.proposeChange, { params: { milestoneId }, body });
const accept = (who: Person, milestoneId: string, hash: string) =>
  who.call(calls.acceptProposal, { params: { milestoneId, hash }, body: command() });
const decline = (who: Person, milestoneId: string, hash: string) =>
  who.call(calls.declineProposal, { params: { milestoneId, hash } });
const askEnd = (who: Person, milestoneId: string) =>
  who.call(projects.cancelMilestone, { params: { milestoneId }, body: { reason: 'Plans changed' } });
const answerEnd = (who: Person, milestoneId: string, accept: boolean) =>
  who.call(calls.answerCancellation, { params: { milestoneId }, body: { accept, ...command() } });
const pay = ({ client }: m.Deal, milestoneId: string, more: object = {}) =>
  client.call(calls.fundMilestone, { params: { milestoneId }, body: { ...command(), ...more } });
const saying = (words: string) => ({ status: 409, body: { detail: expect.stringContaining(words) as string } });

/** 1,300.00 that came with two payments. */
async function toppedUp(deal: m.Deal): Promise<m.Funded> {
  const it = await m.fund(deal);
  const { hash } = await m.proposeAmount(deal.freelancer, it.milestoneId, 130_000);
  expect((await accept(deal.client, it.milestoneId, hash)).status).toBe(201);
  await m.drive(deal, (await pay(deal, it.milestoneId)).body.payment.id, 'succeed');
  return it;
}
async function proposed(deal: m.Deal, milestoneId: string, change: MilestoneChange = { title: 'Two screens' }) {
  const { body, status } = await propose(deal.freelancer, milestoneId, change);
  expect(status).toBe(201);
  return body.milestone.proposal?.hash ?? '';
}

test('X18 a change is proposed by one side at a time, and only where it changes something', async () => {
  const deal = await m.makeDeal(app);
  const { client, freelancer } = deal;
  const { milestoneId } = await m.fund(deal);
  for (const answer of [
    await accept(client, milestoneId, 'a'.repeat(64)),
    await decline(client, milestoneId, 'a'.repeat(64)),
  ])
    expect(answer, 'nobody has').toMatchObject(saying('Nothing is proposed'));
  expect(await propose(freelancer, milestoneId, { amountMinor: 100_000 })).toMatchObject(saying('changes nothing'));
  const first = await proposed(deal, milestoneId);
  expect(await propose(client, milestoneId, { title: 'Four screens' })).toMatchObject(saying('Answer that first'));
  const second = await proposed(deal, milestoneId, { amountMinor: 130_000 });
  expect((await accept(client, milestoneId, first)).status, 'he has changed his mind').toBe(409);
  expect((await accept(client, milestoneId, second)).status).toBe(201);
  const more = await propose(freelancer, milestoneId, { amountMinor: 140_000 });
  expect(more, 'it was agreed on').toMatchObject(saying('waits for its payment'));
});

test('X18 I09 no less is proposed than was released or given back, and the refusal names the least', async () => {
  const deal = await m.makeDeal(app);
  const { client, freelancer } = deal;
  const { milestoneId } = await m.fund(deal);
  await m.release(deal, milestoneId, 40_000);
  await m.refund(deal, milestoneId, 25_000);
  await m.settled(deal, milestoneId);
  const message = 'It cannot be less than €650.00: that much is not held any more.';
  const refused = { status: 409, body: { detail: message, errors: [{ path: 'amountMinor', message }] } };
  for (const who of [client, freelancer])
    expect(await propose(who, milestoneId, { amountMinor: 64_999 })).toMatchObject(refused);
  expect((await m.look(deal, milestoneId)).proposal).toBeNull();
  const hash = await proposed(deal, milestoneId, { amountMinor: 70_000 });
  await m.release(deal, milestoneId, 10_000);
  await m.settled(deal, milestoneId);
  expect(await accept(client, milestoneId, hash), 'a part went meanwhile').toMatchObject(
    saying('Less than that is held'),
  );
  const least = await proposed(deal, milestoneId, { amountMinor: 75_000 });
  expect((await accept(client, milestoneId, least)).status).toBe(201);
  const { hold } = await m.settled(deal, milestoneId, 'released');
  expect(hold).toMatchObject({ releasedMinor: 50_000, refundedMinor: 50_000, heldMinor: 0 });
});

test('X18 J09 what goes back because less was agreed is told as nobody’s doing: whoever accepted gives nothing', async () => {
  const deal = await m.makeDeal(app);
  const { milestoneId } = await m.fund(deal);
  const hash = await proposed(deal, milestoneId, { amountMinor: 80_000 });
  expect((await accept(deal.client, milestoneId, hash)).status).toBe(201);
  const { items } = await deal.freelancer.must(listNotifications);
  const told = (kind: string) => items.find((it) => it.kind === kind);
  expect(told('milestone.change.accepted')?.actorName).not.toBe('');
  expect(told('milestone.refunding')).toMatchObject({ actorName: '', amountMinor: 20_000 });
});

test('X18 J09 what is said of a lower amount that was agreed is nobody’s own reason to give money back or to end', async () => {
  const deal = await m.makeDeal(app);
  const { milestoneId } = await m.fund(deal);
  const refusal = { status: 422, body: { errors: [{ path: 'reason' }] } };
  for (const reason of [
    agreedAnew,
    ` ${agreedAnew}\n`,
    `${agreedAnew}\u200b`,
    agreedAnew.replaceAll(' ', '\u2003\u2060'),
  ]) {
    const body = { amountMinor: 10_000, reason, ...command() };
    expect(await deal.freelancer.call(calls.refundMilestone, { params: { milestoneId }, body })).toMatchObject(refusal);
    for (const who of [deal.client, deal.freelancer])
      expect(await who.call(projects.cancelMilestone, { params: { milestoneId }, body: { reason } })).toMatchObject(
        refusal,
      );
  }
  expect((await m.look(deal, milestoneId)).hold).toMatchObject({ heldMinor: 100_000, refundingMinor: 0 });
  expect((await m.factsOf(deal)).filter(({ type }) => type === 'milestone.refunding')).toEqual([]);
});

test('X18 I13 a change or an end is spoken of only while there is work, and the refusal names the state', async () => {
  const deal = await m.makeDeal(app);
  const { client, freelancer } = deal;
  const { id: planned } = await m.plan(deal);
  expect(await propose(freelancer, planned, { title: 'x' })).toMatchObject(saying('planned cannot be changed'));
  const { milestoneId, paymentId } = await toppedUp(deal);
  expect((await askEnd(client, milestoneId)).status).toBe(201);
  // The other payment stays held: only the state speaks against it.
  await m.drive(deal, paymentId, 'chargeback');
  expect((await m.look(deal, milestoneId)).hold).toMatchObject({ frozenMinor: 100_000, heldMinor: 30_000 });
  for (const answer of [
    await propose(freelancer, milestoneId, { title: 'x' }),
    await answerEnd(freelancer, milestoneId, true),
  ])
    expect(answer).toMatchObject(saying('disputed cannot be changed'));
  expect((await answerEnd(freelancer, milestoneId, false)).status).toBe(201);
  expect(await askEnd(client, milestoneId)).toMatchObject(saying('disputed cannot be changed'));
});

test('I13 nobody answers what nobody asked', async () => {
  const deal = await m.makeDeal(app);
  const { milestoneId } = await m.fund(deal);
  for (const isYes of [true, false])
    expect(await answerEnd(deal.freelancer, milestoneId, isYes)).toMatchObject(saying('Nobody asked to end this'));
});

test('T-A1 who is in the room and on neither side of the money agrees on nothing', async () => {
  const deal = await m.makeDeal(app);
  const { client, freelancer, projectId, roomId } = deal;
  const other = await signUp(app, 'freelancer');
  await m.verify(app, other);
  await joinProject(client, other, projectId);
  const { milestoneId } = await m.fund(deal);
  const hash = await proposed(deal, milestoneId);
  const answers = {
    propose: await propose(other, milestoneId, { title: 'Mine' }),
    accept: await accept(other, milestoneId, hash),
    decline: await decline(other, milestoneId, hash),
    ask: await askEnd(other, milestoneId),
  };
  expect((await askEnd(freelancer, milestoneId)).status).toBe(201);
  for (const isYes of [true, false])
    Object.assign(answers, { [`end ${isYes}`]: await answerEnd(other, milestoneId, isYes) });
  for (const [door, answer] of Object.entries(answers)) expect(answer.status, door).toBe(403);
  expect(await m.look(deal, milestoneId)).toMatchObject({ proposal: { hash }, hold: { heldMinor: 100_000 } });
  const leave = await other.call(removeMember, { params: { roomId, userId: other.id } });
  expect(leave.status, 'no money is held for him').toBe(204);
});

test('X18 T-M22 an amount that the currency cannot pay to the last unit is not agreed on', async () => {
  const [client, freelancer] = await Promise.all([signUp(app), signUp(app, 'freelancer')]);
  await m.verify(app, client, freelancer);
  const body = { title: 'In dinars', description: '', currency: 'KWD' as const };
  const { project } = await client.must(projects.createProject, { body });
  await joinProject(client, freelancer, project.id);
  const deal = { client, freelancer, projectId: project.id, roomId: project.roomId };
  const { milestoneId } = await m.fund(deal, 100_000);
  expect((await propose(freelancer, milestoneId, { amountMinor: 90_005 })).status).toBe(422);
});

test('I17 X18 a date that is agreed while something waits for an answer is no deadline for it', async () => {
  const deal = await m.makeDeal(app);
  const { milestoneId } = await m.fund(deal);
  await m.submit(deal, milestoneId);
  const dueAt = new Date(Date.now() + 30 * 86_400_000).toISOString();
  expect((await accept(deal.client, milestoneId, await proposed(deal, milestoneId, { dueAt }))).status).toBe(201);
  const { clocks, ...milestone } = await m.look(deal, milestoneId);
  expect([milestone.dueAt, clocks.map(({ kind }) => kind)]).toEqual([dueAt, ['review']]);
});

test('I02 J11 nothing is paid that is over, or of which the payer saw another amount', async () => {
  const deal = await m.makeDeal(app);
  const { id: milestoneId } = await m.plan(deal);
  expect(await pay(deal, milestoneId, { amountMinor: 99_999 })).toMatchObject(saying('The amount changed'));
  const paid = await m.fund(deal);
  expect(await pay(deal, paid.milestoneId)).toMatchObject({
    ...{ status: 409, body: { winner: { type: 'milestone.funded' } } },
  });
  await m.refund(deal, paid.milestoneId, 100_000);
  await m.settled(deal, paid.milestoneId, 'refunded');
  await deal.client.must(projects.cancelProject, { params: { projectId: deal.projectId } });
  expect(await pay(deal, milestoneId)).toMatchObject(saying('once a client and a freelancer are in the project'));
});

test('E03 E05 money that is being paid, frozen or on its way keeps its project and its people as well', async () => {
  const deal = await m.makeDeal(app);
  const { client, freelancer, projectId, roomId } = deal;
  const params = { projectId };
  const stays = async (why: string) => {
    const answers = [
      await client.call(projects.completeProject, { params }),
      await client.call(projects.cancelProject, { params }),
      await freelancer.call(removeMember, { params: { roomId, userId: freelancer.id } }),
      await client.call(removeMember, { params: { roomId, userId: freelancer.id } }),
    ];
    expect(
      answers.map(({ status }) => status),
      why,
    ).toEqual([409, 409, 409, 409]);
  };
  const { id: milestoneId } = await m.plan(deal);
  const { id: paymentId } = await m.beginFunding(deal, milestoneId);
  await stays('it is being paid');
  await m.drive(deal, paymentId, 'succeed');
  await m.drive(deal, paymentId, 'chargeback');
  expect((await m.look(deal, milestoneId)).hold).toMatchObject({ heldMinor: 0, frozenMinor: 100_000 });
  await stays('it is frozen');
  await m.drive(deal, paymentId, 'chargeback_won');
  await app.sql(`insert into processor_differences (processor, kind, object_id, what, freelancer_id, since, found_at)
    values ('test-money', 'transfer', 'tm_stop', 'missing', null, now() - interval '1 day', now())`);
  expect((await m.release(deal, milestoneId, 100_000)).status).toBe(201);
  await stays('it is on its way');
  await app.sql('delete from processor_differences');
  await app.sql(`update money_operations set next_at = product_now() where state = 'waiting'`);
  await m.settled(deal, milestoneId, 'released');
  await client.must(projects.completeProject, { params });
});
