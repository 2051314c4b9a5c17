import { answerTestMoney, driveTestMoney, getWallet, openPayoutOnboarding } from '@safesend/shared/escrow/calls.ts';
import { newId } from '@safesend/shared/ids.ts';
import * as projects from '@safesend/shared/projects/calls.ts';
import * as calls from '@safesend/shared/projects/money-calls.ts';
import type { ChangeProposal, Milestone, MilestoneStatus } from '@safesend/shared/projects/milestone.ts';
import type { Payment } from '@safesend/shared/escrow/hold.ts';
import { getRoom } from '@safesend/shared/rooms/calls.ts';
import { afterAll, beforeAll, expect, vi } from 'vitest';
import { findBroken } from '../src/modules/escrow/service/checks.ts';
import { projectOf, signUp, startTestApp, type Person, type TestApp } from './harness.ts';

/** Two people who proved their addresses, in an active project; with test money the freelancer has set up payouts. */
export interface Deal {
  readonly client: Person;
  readonly freelancer: Person;
  readonly projectId: string;
  readonly roomId: string;
}

export async function verify(app: Pick<TestApp, 'sql'>, ...people: readonly Person[]): Promise<void> {
  await app.sql('update users set email_verified_at = now() where id = any($1)', [people.map(({ id }) => id)]);
}

export async function makeDeal(app: Pick<TestApp, 'sql' | 'port'>): Promise<Deal> {
  const deal = await meet(app);
  // At Stripe it is the double that says how far somebody has come.
  if ((await deal.freelancer.must(getWallet)).processor === 'test-money') await setUpPayouts(deal.freelancer);
  return deal;
}

/** What is released to him waits from now on until he has finished. */
export function beginPayouts(person: Person): Promise<{ readonly url: string }> {
  return person.must(openPayoutOnboarding, { body: { commandId: newId() } });
}

export async function setUpPayouts(person: Person): Promise<void> {
  await beginPayouts(person);
  for (const part of ['person', 'bank'] as const) await person.must(answerTestMoney, { body: { part } });
}

/** The same two people, and nobody has said where the money is to go. */
export async function meet(app: Pick<TestApp, 'sql' | 'port'>): Promise<Deal> {
  const [client, freelancer] = await Promise.all([signUp(app), signUp(app, 'freelancer')]);
  await verify(app, client, freelancer);
  const { id: projectId, roomId } = await projectOf(client, freelancer);
  return { client, freelancer, projectId, roomId };
}

export const half = { title: 'Design', criteria: 'Three screens, signed off' };

export async function plan({ client, projectId }: Deal, amountMinor = 100_000, dueAt?: string): Promise<Milestone> {
  const body = { ...half, amountMinor, ...(dueAt !== undefined && { dueAt }) };
  return (await client.must(projects.planMilestone, { params: { projectId }, body })).milestone;
}

/** Asks to pay; it is under way. */
export async function beginFunding(deal: Deal, milestoneId: string): Promise<Payment> {
  const body = { commandId: newId() };
  return (await deal.client.must(calls.fundMilestone, { params: { milestoneId }, body })).payment;
}

export type Outcome =
  'succeed' | 'decline' | 'challenge' | 'chargeback' | 'chargeback_won' | 'chargeback_lost' | 'refund_returned';

export async function drive({ client }: Deal, paymentId: string, outcome: Outcome): Promise<Payment> {
  return (await client.must(driveTestMoney, { body: { paymentId, outcome } })).payment;
}

/** It was given up; now it succeeds at the processor all the same. */
export async function succeedLate(app: Pick<TestApp, 'sql'>, deal: Deal, paymentId: string): Promise<void> {
  await app.sql(`update test_money_objects set status = 'processing' where kind = 'payment' and parent_id = $1`, [
    paymentId,
  ]);
  await drive(deal, paymentId, 'succeed');
}

export interface Funded {
  readonly milestoneId: string;
  readonly paymentId: string;
}

export async function fund(deal: Deal, amountMinor = 100_000, dueAt?: string): Promise<Funded> {
  const { id: milestoneId } = await plan(deal, amountMinor, dueAt);
  const { id: paymentId } = await beginFunding(deal, milestoneId);
  await drive(deal, paymentId, 'succeed');
  return { milestoneId, paymentId };
}

/** Hands something in; answers the submission's id. */
export async function submit({ freelancer }: Deal, milestoneId: string, note = 'Done'): Promise<string> {
  const { milestone } = await freelancer.must(calls.submitMilestone, {
    params: { milestoneId },
    body: { note, files: [] },
  });
  return milestone.submission?.id ?? '';
}

export function approve({ client }: Deal, milestoneId: string, submissionId: string, commandId = newId()) {
  return client.call(calls.approveMilestone, { params: { milestoneId }, body: { submissionId, commandId } });
}

export function release({ client }: Deal, milestoneId: string, amountMinor: number, commandId = newId()) {
  return client.call(calls.releaseMilestone, { params: { milestoneId }, body: { amountMinor, commandId } });
}

export function refund({ freelancer }: Deal, milestoneId: string, amountMinor: number, commandId = newId()) {
  const body = { amountMinor, reason: 'As agreed', commandId };
  return freelancer.call(calls.refundMilestone, { params: { milestoneId }, body });
}

/** Proposes another amount; answers what was proposed. */
export async function proposeAmount(by: Person, milestoneId: string, amountMinor: number): Promise<ChangeProposal> {
  const { milestone } = await by.must(calls.proposeChange, { params: { milestoneId }, body: { amountMinor } });
  if (!milestone.proposal) throw new Error('nothing was proposed');
  return milestone.proposal;
}

export async function look({ client }: Deal, milestoneId: string): Promise<Milestone> {
  return (await client.must(calls.getMilestone, { params: { milestoneId } })).milestone;
}

/** Waits until the processor's answers are in the room. */
export async function settled(deal: Deal, milestoneId: string, status?: MilestoneStatus): Promise<Milestone> {
  return vi.waitFor(
    async () => {
      const milestone = await look(deal, milestoneId);
      if (status) expect(milestone.status).toBe(status);
      expect(milestone.hold).toMatchObject({ releasingMinor: 0, refundingMinor: 0 });
      return milestone;
    },
    { timeout: 20_000, interval: 50 },
  );
}

/** Every invariant of the books, and what rooms were told last against what is held. */
export async function expectSoundBooks(app: TestApp): Promise<void> {
  expect(await findBroken(app.orm.em.fork())).toEqual([]);
  const stale = await app.sql(
    `select m.id from milestones m join holds h on h.milestone_id = m.id
     where (m.hold ->> 'heldMinor')::bigint <> h.held_minor or (m.hold ->> 'releasedMinor')::bigint <> h.released_minor
       or (m.hold ->> 'refundedMinor')::bigint <> h.refunded_minor or (m.hold ->> 'frozenMinor')::bigint <> h.frozen_minor
       or (m.hold ->> 'releasingMinor')::bigint <> h.releasing_minor`,
  );
  expect(stale).toEqual([]);
}

/** One product for all tests of a file; at the end its books are sound. */
export function onBooks(take: (app: TestApp) => void): void {
  let app: TestApp | undefined;
  beforeAll(async () => {
    app = await startTestApp();
    take(app);
  });
  afterAll(async () => {
    if (!app) return;
    await expectSoundBooks(app);
    await app.close();
  });
}

export async function factTypes(deal: Deal): Promise<string[]> {
  return (await factsOf(deal)).map(({ type }) => type);
}

interface ToldFact {
  readonly seq: number;
  readonly type: string;
  readonly actorId: string | null;
  readonly data: Record<string, unknown>;
}

export async function factsOf({ client, roomId }: Deal): Promise<ToldFact[]> {
  const { headSeq } = await client.must(getRoom, { params: { roomId } });
  const response = await fetch(`${client.base}/api/v1/rooms/${roomId}/events?after=0&limit=${Math.max(1, headSeq)}`, {
    headers: { cookie: client.cookie },
  });
  const { events } = (await response.json()) as { events: ToldFact[] };
  return events;
}

/** What the processor of test money did for a milestone. */
export async function objectsOf(app: TestApp, milestoneId: string, kind: 'transfer' | 'refund'): Promise<number[]> {
  const rows = await app.sql<{ amount: number }>(
    `select o.amount_minor::float8 as amount from test_money_objects o join holds h on h.id::text = o.parent_id
     where h.milestone_id = $1 and o.kind = $2 order by o.created_at`,
    [milestoneId, kind],
  );
  return rows.map(({ amount }) => amount);
}
