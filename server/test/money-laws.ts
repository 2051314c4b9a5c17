import { advanceClock } from '@safesend/shared/clock.ts';
import { requestPayout } from '@safesend/shared/escrow/calls.ts';
import { newId } from '@safesend/shared/ids.ts';
import { milestoneOf } from '@safesend/shared/rooms/about.ts';
import type { FactType } from '@safesend/shared/rooms/event.ts';
import { listEvents } from '@safesend/shared/rooms/calls.ts';
import * as projects from '@safesend/shared/projects/calls.ts';
import * as calls from '@safesend/shared/projects/money-calls.ts';
import { expect, vi } from 'vitest';
import { recordCreditPaid } from '../src/modules/escrow/service/crediting.ts';
import { milestonesHold } from '../src/modules/projects/service/holding.ts';
import type { Person, TestApp } from './harness.ts';
import * as m from './money.ts';

interface Scenario {
  readonly viewer: Person;
  readonly roomId: string;
  happen(): Promise<unknown>;
}
type Scenarios<Type extends FactType> = Readonly<Record<Type, () => Promise<Scenario>>>;
type MoneyFact = Extract<
  FactType,
  `milestone.${string}` | `payment.${string}` | `chargeback.${string}` | `payout.${string}`
>;
type OwnFact = Exclude<MoneyFact, 'milestone.planned' | 'milestone.changed' | 'milestone.cancelled'>;

const day = 86_400;
const advance = ({ client }: m.Deal, advanceSeconds: number) => client.must(advanceClock, { body: { advanceSeconds } });

/** Waits until a fact of this kind about this milestone is in the log. */
export async function told({ client, roomId }: m.Deal, type: FactType, milestoneId: string): Promise<void> {
  await vi.waitFor(
    async () => {
      const { events } = await client.must(listEvents, { params: { roomId }, query: { after: 0, limit: 500 } });
      expect(events.filter((it) => it.type === type && milestoneOf(it)?.id === milestoneId)).not.toHaveLength(0);
    },
    { timeout: 20_000, interval: 50 },
  );
}

/** How every fact of milestones and money comes about, through the doors. */
export function moneyScenarios(app: () => TestApp): Scenarios<OwnFact> {
  const scene = async (prepare: (deal: m.Deal) => Promise<() => Promise<unknown>>): Promise<Scenario> => {
    const deal = await m.makeDeal(app());
    return { viewer: deal.freelancer, roomId: deal.roomId, happen: await prepare(deal) };
  };
  const funded = (happen: (deal: m.Deal, funded: m.Funded) => Promise<unknown>, dueAt?: string) =>
    scene(async (deal) => {
      const it = await m.fund(deal, 100_000, dueAt);
      return () => happen(deal, it);
    });
  const planned = (happen: (deal: m.Deal, milestoneId: string) => Promise<unknown>) =>
    scene(async (deal) => {
      const { id } = await m.plan(deal);
      return () => happen(deal, id);
    });
  const submitted = (happen: (deal: m.Deal, milestoneId: string, submissionId: string) => Promise<unknown>) =>
    scene(async (deal) => {
      const { milestoneId } = await m.fund(deal);
      const submissionId = await m.submit(deal, milestoneId);
      return () => happen(deal, milestoneId, submissionId);
    });
  const propose = ({ freelancer }: m.Deal, milestoneId: string) =>
    freelancer.must(calls.proposeChange, {
      params: { milestoneId },
      body: { title: 'Two screens', amountMinor: 80_000 },
    });
  const proposed = (happen: (deal: m.Deal, params: { milestoneId: string; hash: string }) => Promise<unknown>) =>
    scene(async (deal) => {
      const { milestoneId } = await m.fund(deal);
      const { milestone } = await propose(deal, milestoneId);
      return () => happen(deal, { milestoneId, hash: milestone.proposal?.hash ?? '' });
    });
  const requestEnd = ({ client }: m.Deal, milestoneId: string) =>
    client.must(projects.cancelMilestone, { params: { milestoneId }, body: { reason: 'No longer needed' } });
  const answer = ({ freelancer }: m.Deal, milestoneId: string, accept: boolean) =>
    freelancer.must(calls.answerCancellation, { params: { milestoneId }, body: { accept, commandId: newId() } });
  const payout = {
    id: newId(),
    amountMinor: 500,
    currency: 'EUR',
    createdAt: '2026-11-01T00:00:00.000Z',
    arrivesAt: null,
  } as const;
  const inInbox = (status: 'paid' | 'failed') => async () => {
    const { freelancer } = await m.makeDeal(app());
    const data = { ...payout, status, failureMessage: null };
    const happen = () =>
      app().transact({ id: null }, async (tx) => tx.append(freelancer.inboxRoomId, { type: `payout.${status}`, data }));
    return { viewer: freelancer, roomId: freelancer.inboxRoomId, happen };
  };
  return {
    'milestone.funding': () => planned((deal, id) => m.beginFunding(deal, id)),
    'milestone.funded': () =>
      planned(async (deal, id) => m.drive(deal, (await m.beginFunding(deal, id)).id, 'succeed')),
    'payment.failed': () => planned(async (deal, id) => m.drive(deal, (await m.beginFunding(deal, id)).id, 'decline')),
    'milestone.waiting': () =>
      planned(async (deal, id) => m.drive(deal, (await m.beginFunding(deal, id)).id, 'challenge')),
    'milestone.started': () =>
      funded(({ freelancer }, { milestoneId }) => freelancer.must(calls.startMilestone, { params: { milestoneId } })),
    'milestone.submitted': () => funded((deal, { milestoneId }) => m.submit(deal, milestoneId)),
    'milestone.changes.requested': () =>
      submitted(({ client }, milestoneId, submissionId) =>
        client.must(calls.requestChanges, {
          params: { milestoneId },
          body: { submissionId, reason: 'The second one' },
        }),
      ),
    'milestone.approved': () => submitted((deal, id, submissionId) => m.approve(deal, id, submissionId)),
    'milestone.releasing': () => funded((deal, { milestoneId }) => m.release(deal, milestoneId, 40_000)),
    'milestone.released': () =>
      funded(async (deal, { milestoneId }) => {
        await m.release(deal, milestoneId, 40_000);
        await m.settled(deal, milestoneId);
      }),
    'milestone.refunding': () => funded((deal, { milestoneId }) => m.refund(deal, milestoneId, 40_000)),
    'milestone.refunded': () =>
      funded(async (deal, { milestoneId }) => {
        await m.refund(deal, milestoneId, 100_000);
        await m.settled(deal, milestoneId);
      }),
    'milestone.refund.returned': () =>
      funded(async (deal, { milestoneId, paymentId }) => {
        await m.refund(deal, milestoneId, 40_000);
        await m.settled(deal, milestoneId);
        await m.drive(deal, paymentId, 'refund_returned');
      }),
    'milestone.credit.paid': () =>
      funded(async (deal, { milestoneId, paymentId }) => {
        await m.refund(deal, milestoneId, 40_000);
        await m.settled(deal, milestoneId);
        await m.drive(deal, paymentId, 'refund_returned');
        const paid = { milestoneId, amountMinor: 40_000n, currency: 'EUR', reference: 'Transfer 4711' } as const;
        await app().transact({ id: null }, (tx) => recordCreditPaid(tx, { owner: milestonesHold }, paid));
      }),
    'milestone.change.proposed': () => funded((deal, { milestoneId }) => propose(deal, milestoneId)),
    'milestone.change.accepted': () =>
      proposed(({ client }, params) => client.must(calls.acceptProposal, { params, body: { commandId: newId() } })),
    'milestone.change.agreed': () =>
      funded(async (deal, { milestoneId }) => {
        const { hash } = await m.proposeAmount(deal.freelancer, milestoneId, 130_000);
        await deal.client.must(calls.acceptProposal, {
          params: { milestoneId, hash },
          body: { commandId: newId() },
        });
      }),
    'milestone.change.declined': () => proposed(({ client }, params) => client.must(calls.declineProposal, { params })),
    'milestone.cancellation.requested': () => funded((deal, { milestoneId }) => requestEnd(deal, milestoneId)),
    'milestone.cancellation.declined': () =>
      funded(async (deal, { milestoneId }) => {
        await requestEnd(deal, milestoneId);
        await answer(deal, milestoneId, false);
      }),
    'chargeback.opened': () => funded((deal, { paymentId }) => m.drive(deal, paymentId, 'chargeback')),
    'chargeback.closed': () =>
      funded(async (deal, { paymentId }) => {
        await m.drive(deal, paymentId, 'chargeback');
        await m.drive(deal, paymentId, 'chargeback_lost');
      }),
    'chargeback.recovered': () =>
      funded(async (deal, { milestoneId, paymentId }) => {
        await m.release(deal, milestoneId, 100_000);
        await m.settled(deal, milestoneId);
        await m.drive(deal, paymentId, 'chargeback');
        await m.drive(deal, paymentId, 'chargeback_lost');
        await told(deal, 'chargeback.recovered', milestoneId);
      }),
    'milestone.reminded': () =>
      submitted(async (deal, milestoneId) => {
        await advance(deal, 4 * day + 60);
        await told(deal, 'milestone.reminded', milestoneId);
      }),
    'milestone.overdue': () =>
      scene(async (deal) => {
        const { now } = await advance(deal, 0);
        const dueAt = new Date(new Date(now).getTime() + 3 * day * 1_000).toISOString();
        const { milestoneId } = await m.fund(deal, 100_000, dueAt);
        return async () => {
          await advance(deal, 3 * day + 1);
          await told(deal, 'milestone.overdue', milestoneId);
        };
      }),
    'payout.requested': async () => {
      const deal = await m.makeDeal(app());
      const { milestoneId } = await m.fund(deal);
      await m.release(deal, milestoneId, 100_000);
      await m.settled(deal, milestoneId, 'released');
      const { freelancer } = deal;
      const body = { amountMinor: 500, currency: 'EUR', commandId: newId() } as const;
      return {
        viewer: freelancer,
        roomId: freelancer.inboxRoomId,
        happen: () => freelancer.must(requestPayout, { body }),
      };
    },
    'payout.paid': inInbox('paid'),
    'payout.failed': inInbox('failed'),
  };
}
