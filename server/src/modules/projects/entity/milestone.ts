import { defineEntity, p } from '@mikro-orm/core';
import type { Hold, Waiting } from '@safesend/shared/escrow/hold.ts';
import { Failure } from '@safesend/shared/failure.ts';
import type { Currency } from '@safesend/shared/money.ts';
import type {
  CancellationRequest,
  ChangeProposal,
  Clock,
  MilestoneChange,
  MilestoneStatus,
  Submission,
} from '@safesend/shared/projects/milestone.ts';
import { originsOf, type MilestoneMove } from '@safesend/shared/projects/moves.ts';
import { Project } from './project.ts';

const MilestoneSchema = defineEntity({
  name: 'Milestone',
  tableName: 'milestones',
  properties: {
    id: p.uuid().primary(),
    project: () => p.manyToOne(Project).ref(),
    title: p.text(),
    amountMinor: p.bigint('number'),
    currency: p.text().$type<Currency>(),
    dueAt: p.datetime(3).nullable(),
    criteria: p.text(),
    status: p.text().$type<MilestoneStatus>(),
    position: p.integer(),
    createdAt: p.datetime(3),
    platformFeeBps: p.integer(),
    serviceFeeBps: p.integer(),
    revision: p.integer(),
    hold: p.json<Hold>().nullable(),
    submission: p.json<Submission>().nullable(),
    proposal: p.json<ChangeProposal>().nullable(),
    cancellation: p.json<CancellationRequest>().nullable(),
    waiting: p.json<Waiting>().nullable(),
    clocks: p.json<readonly Clock[]>(),
    disputedFrom: p.text().$type<MilestoneStatus>().nullable(),
  },
});

export class Milestone extends MilestoneSchema.class {
  /** While it is planned; afterwards only what both sides agreed on. */
  change({ title, amountMinor, dueAt, criteria }: MilestoneChange, by: 'planner' | 'agreed' = 'planner'): void {
    if (by === 'planner') this.requirePlanned();
    this.title = title ?? this.title;
    this.amountMinor = amountMinor ?? this.amountMinor;
    this.criteria = criteria ?? this.criteria;
    if (dueAt !== undefined) this.dueAt = dueAt === null ? null : new Date(dueAt);
  }

  cancel(): void {
    this.requirePlanned();
    this.status = 'cancelled';
  }

  beginFunding(): void {
    moveMilestone(this, ['planned'], 'funding');
    this.waiting = null;
  }

  /** Nothing was paid: it can be planned anew. */
  unfund(): void {
    if (this.status === 'funding') this.status = 'planned';
  }

  /** Also when the money comes after the attempt to pay had ended: the plan is paid all the same. */
  fund(): void {
    moveMilestone(this, ['funding', 'planned'], 'funded');
    this.waiting = null;
  }

  /** It may be the money of an attempt that had ended, from when the plan was another. */
  isPaidBy(amountMinor: number): boolean {
    return (this.status === 'funding' || this.status === 'planned') && this.amountMinor === amountMinor;
  }

  isToppedUpBy(amountMinor: number): boolean {
    return this.awaitsTopUp() && this.proposal?.money.topUpMinor === amountMinor;
  }

  /** A higher amount that both sides want and nobody has paid yet. */
  awaitsTopUp(): boolean {
    return (this.proposal?.acceptedBy ?? null) !== null && originsOf('release').includes(this.status);
  }

  start(): void {
    moveMilestone(this, originsOf('start'), 'started');
  }

  submit(submission: Submission): void {
    moveMilestone(this, originsOf('submit'), 'submitted');
    this.submission = submission;
  }

  requestChanges(submission: Submission): void {
    moveMilestone(this, originsOf('answer'), 'changes_requested');
    this.submission = submission;
  }

  approve(submission: Submission): void {
    moveMilestone(this, originsOf('answer'), 'approved');
    this.submission = submission;
  }

  /** May this part of its money still be released or given back by a decision of one side, or its terms or end be agreed? */
  requireMove(move: Extract<MilestoneMove, 'release' | 'refund' | 'propose' | 'end'>): void {
    requireMilestone(
      this,
      originsOf(move),
      move === 'propose' || move === 'end' ? 'be changed' : 'be paid or refunded',
    );
  }

  /** Nothing is left to decide about its money. */
  settle(to: 'approved' | 'released' | 'refunded' | 'cancelled'): void {
    this.status = to;
    this.endProposal();
    this.cancellation = null;
    this.disputedFrom = null;
  }

  /** Without it nobody waits for the difference it asked for; what waited before that, a refund that came back, does again. */
  endProposal(): void {
    this.proposal = null;
    if (!this.waiting || !this.awaitsPayer()) return;
    const { since } = this.waiting;
    const hasCredit = (this.hold?.creditMinor ?? 0) > 0;
    this.waiting = hasCredit ? { reason: 'refund_returned', on: 'client', paymentId: null, since } : null;
  }

  /** Is the client the one who pays next, or his card or bank? */
  awaitsPayer(): boolean {
    return this.waiting ? payersReasons.has(this.waiting.reason) : false;
  }

  /** Is he asked for something about an attempt to pay that is not over? */
  isBeingPaid(): boolean {
    return this.awaitsPayer() && this.waiting?.reason !== 'expired' && (this.waiting?.paymentId ?? null) !== null;
  }

  /** Money that had gone back is held again. */
  reopen(): void {
    if (['approved', 'released', 'refunded', 'cancelled'].includes(this.status)) this.status = 'funded';
  }

  dispute(): void {
    if (this.status === 'disputed') return;
    this.disputedFrom = this.status;
    this.status = 'disputed';
  }

  endDispute(): void {
    if (this.status !== 'disputed') return;
    this.status = this.disputedFrom ?? 'funded';
    this.disputedFrom = null;
  }

  requirePlanned(): void {
    if (this.status !== 'planned')
      throw new Failure('conflict', `A milestone that is ${said(this.status)} no longer changes.`);
  }
}
MilestoneSchema.setClass(Milestone);

const payersReasons: ReadonlySet<Waiting['reason']> = new Set(['card', 'challenge', 'declined', 'expired', 'top_up']);

function moveMilestone(milestone: Milestone, from: readonly MilestoneStatus[], to: keyof typeof moves): void {
  requireMilestone(milestone, from, moves[to]);
  milestone.status = to;
}

const moves = {
  funding: 'be paid for',
  funded: 'be funded',
  started: 'be started',
  submitted: 'be handed in',
  changes_requested: 'be sent back for changes',
  approved: 'be approved',
} satisfies Partial<Record<MilestoneStatus, string>>;

function requireMilestone({ status }: Milestone, states: readonly MilestoneStatus[], what: string): void {
  if (!states.includes(status)) throw new Failure('conflict', `A milestone that is ${said(status)} cannot ${what}.`);
}

const saidOtherwise: Partial<Record<MilestoneStatus, string>> = {
  funding: 'being paid for',
  submitted: 'handed in',
  changes_requested: 'waiting for changes',
};

function said(status: MilestoneStatus): string {
  return saidOtherwise[status] ?? status;
}
