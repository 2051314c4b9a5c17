import { cancelMilestone, cancelProject, changeMilestone, completeProject } from '@safesend/shared/projects/calls.ts';
import { newId } from '@safesend/shared/ids.ts';
import { acceptProposal, cancelPayment, declineProposal } from '@safesend/shared/projects/money-calls.ts';
import { expect, test, vi } from 'vitest';
import type { TestApp } from '../../../../test/harness.ts';
import * as m from '../../../../test/money.ts';

let app: TestApp;
m.onBooks((started) => (app = started));

const objectOf = async (paymentId: string) => {
  const [object] = await app.sql<{ id: string; status: string }>(
    `select id, status from test_money_objects where kind = 'payment' and parent_id = $1`,
    [paymentId],
  );
  return object;
};

/** An attempt that has reached the processor. */
async function begin(deal: m.Deal, milestoneId: string): Promise<string> {
  const { id } = await m.beginFunding(deal, milestoneId);
  await vi.waitFor(async () => {
    const rows = await app.sql(
      `select 1 from money_operations where payment_id = $1 and kind = 'payment' and state = 'succeeded'`,
      [id],
    );
    expect(rows).toHaveLength(1);
  }, 20_000);
  return id;
}

const giveUp = ({ client }: m.Deal, paymentId: string) =>
  client.must(cancelPayment, { params: { paymentId }, body: { commandId: newId() } });

const planned = (deal: m.Deal, milestoneId: string) =>
  vi.waitFor(async () => expect((await m.look(deal, milestoneId)).status).toBe('planned'), 20_000);

test('T-M18 T-M24 an attempt that is given up before its answer came is ended at the processor, too', async () => {
  const deal = await m.makeDeal(app);
  const { id: milestoneId } = await m.plan(deal);
  const paymentId = await begin(deal, milestoneId);
  await app.sql('update payments set processor_payment_id = null where id = $1', [paymentId]);
  await giveUp(deal, paymentId);
  await planned(deal, milestoneId);
  expect(await objectOf(paymentId)).toMatchObject({ status: 'cancelled' });
});

test('T-M24 the late money of an attempt that was given up pays no other plan: it goes back, and the new attempt goes on', async () => {
  const deal = await m.makeDeal(app);
  const { id: milestoneId } = await m.plan(deal, 1_000);
  const early = await begin(deal, milestoneId);
  await giveUp(deal, early);
  await planned(deal, milestoneId);
  await deal.client.must(changeMilestone, { params: { milestoneId }, body: { amountMinor: 90_000 } });
  const { id: paymentId } = await m.beginFunding(deal, milestoneId);
  await m.succeedLate(app, deal, early);
  expect(await m.settled(deal, milestoneId, 'funding')).toMatchObject({
    hold: { fundedMinor: 1_000, heldMinor: 0, refundedMinor: 1_000 },
    clocks: [expect.objectContaining({ kind: 'payment' })],
  });
  expect(await m.objectsOf(app, milestoneId, 'refund')).toEqual([1_000]);
  await m.drive(deal, paymentId, 'succeed');
  expect(await m.look(deal, milestoneId)).toMatchObject({ status: 'funded', hold: { heldMinor: 90_000 } });
});

test('T-M24 the late money of an attempt that was given up pays the same plan, and the attempt beside it is ended, at the processor as well', async () => {
  const deal = await m.makeDeal(app);
  const { id: milestoneId } = await m.plan(deal, 1_000);
  const early = await begin(deal, milestoneId);
  await giveUp(deal, early);
  await planned(deal, milestoneId);
  const second = await begin(deal, milestoneId);
  await m.drive(deal, second, 'challenge');
  await m.succeedLate(app, deal, early);
  await m.settled(deal, milestoneId, 'funded');
  await vi.waitFor(async () => expect(await objectOf(second)).toMatchObject({ status: 'cancelled' }), 20_000);
  await vi.waitFor(
    async () =>
      expect(await m.look(deal, milestoneId)).toMatchObject({
        ...{ status: 'funded', waiting: null, clocks: [] },
        hold: { heldMinor: 1_000, refundedMinor: 0 },
      }),
    20_000,
  );
  expect((await m.release(deal, milestoneId, 1_000)).status).toBe(201);
  await m.settled(deal, milestoneId, 'released');
  await deal.client.must(completeProject, { params: { projectId: deal.projectId } });
});

test('T-M24 E03 the late money of a project that is over goes back', async () => {
  const deal = await m.makeDeal(app);
  const { id: milestoneId } = await m.plan(deal, 1_000);
  const early = await begin(deal, milestoneId);
  await giveUp(deal, early);
  await planned(deal, milestoneId);
  await deal.client.must(cancelProject, { params: { projectId: deal.projectId } });
  await m.succeedLate(app, deal, early);
  expect(await m.settled(deal, milestoneId, 'planned')).toMatchObject({ hold: { heldMinor: 0, refundedMinor: 1_000 } });
});

test('T-M24 the late money of a milestone that is cancelled, or that another attempt has paid, goes back', async () => {
  const deal = await m.makeDeal(app);
  for (const end of ['cancelled', 'funded'] as const) {
    const { id: milestoneId } = await m.plan(deal, 1_000);
    const early = await begin(deal, milestoneId);
    await giveUp(deal, early);
    await planned(deal, milestoneId);
    if (end === 'cancelled') await deal.client.must(cancelMilestone, { params: { milestoneId } });
    else await m.drive(deal, (await m.beginFunding(deal, milestoneId)).id, 'succeed');
    await m.succeedLate(app, deal, early);
    const heldMinor = end === 'funded' ? 1_000 : 0;
    expect(await m.settled(deal, milestoneId, end)).toMatchObject({ hold: { heldMinor, refundedMinor: 1_000 } });
  }
});

test('T-M24 X18 the late money of a change that was declined pays for no other change', async () => {
  const deal = await m.makeDeal(app);
  const { milestoneId } = await m.fund(deal);
  const agreeOn = async (amountMinor: number): Promise<string> => {
    const { hash } = await m.proposeAmount(deal.freelancer, milestoneId, amountMinor);
    await deal.client.must(acceptProposal, { params: { milestoneId, hash }, body: { commandId: newId() } });
    return hash;
  };
  const first = await agreeOn(130_000);
  const early = await begin(deal, milestoneId);
  await giveUp(deal, early);
  await vi.waitFor(
    async () => expect((await m.look(deal, milestoneId)).waiting).toMatchObject({ reason: 'top_up' }),
    20_000,
  );
  await deal.client.must(declineProposal, { params: { milestoneId, hash: first } });
  const second = await agreeOn(140_000);
  await m.succeedLate(app, deal, early);
  expect(await m.settled(deal, milestoneId)).toMatchObject({
    ...{ amountMinor: 100_000, proposal: { hash: second } },
    hold: { heldMinor: 100_000, refundedMinor: 30_000 },
  });
});
