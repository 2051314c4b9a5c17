import { defineEntity, p } from '@mikro-orm/core';
import { Failure } from '@safesend/shared/failure.ts';
import type { Hold, Waiting } from '@safesend/shared/escrow/hold.ts';
import type { Currency } from '@safesend/shared/money.ts';
import { invitationDays } from '@safesend/shared/projects/invitation.ts';
import type {
  CancellationRequest,
  ChangeProposal,
  Clock,
  MilestoneChange,
  MilestoneStatus,
  Submission,
} from '@safesend/shared/projects/milestone.ts';
import type { ProjectChange, ProjectStatus } from '@safesend/shared/projects/project.ts';
import type { RoomRole } from '@safesend/shared/rooms/member.ts';
import { sha256 } from '../../kernel/chain.ts';

const ProjectSchema = defineEntity({
  name: 'Project',
  tableName: 'projects',
  properties: {
    id: p.uuid().primary(),
    roomId: p.uuid(),
    title: p.text(),
    description: p.text(),
    currency: p.text().$type<Currency>(),
    status: p.text().$type<ProjectStatus>(),
    ownerId: p.uuid(),
    clientId: p.uuid().nullable(),
    freelancerId: p.uuid().nullable(),
    platformFeeBps: p.integer(),
    serviceFeeBps: p.integer(),
    createdAt: p.datetime(3),
    activatedAt: p.datetime(3).nullable(),
    completedAt: p.datetime(3).nullable(),
    cancelledAt: p.datetime(3).nullable(),
    deletedAt: p.datetime(3).nullable(),
  },
});

export class Project extends ProjectSchema.class {
  change({ title, description }: ProjectChange): void {
    this.requireOpen();
    this.title = title ?? this.title;
    this.description = description ?? this.description;
  }

  /** Who has the money side that goes with a role, whether or not he is in the room now. */
  partyOf(role: RoomRole): string | null {
    return (role === 'client' ? this.clientId : this.freelancerId) ?? null;
  }

  /**
   * The first newcomer on the other side of the owner becomes the second money party; with both the work begins. The next
   * one takes over from a party who is gone, which nobody is while money is held for him.
   */
  welcome(userId: string, role: RoomRole, isVacant: boolean, now: Date): 'activated' | 'changed' | 'unchanged' {
    this.requireOpen();
    if (!isVacant || this.partyOf(role) === userId) return 'unchanged';
    this[role === 'client' ? 'clientId' : 'freelancerId'] = userId;
    if (this.status === 'active') return 'changed';
    move(this, ['draft'], 'active');
    this.activatedAt = now;
    return 'activated';
  }

  complete(now: Date): void {
    move(this, ['active'], 'completed');
    this.completedAt = now;
  }

  cancel(now: Date): void {
    move(this, ['draft', 'active'], 'cancelled');
    this.cancelledAt = now;
  }

  delete(now: Date): void {
    if (this.status !== 'draft' && this.status !== 'cancelled') {
      throw new Failure('conflict', `Only a draft or cancelled project can be deleted; this one is ${this.status}.`);
    }
    this.deletedAt = now;
  }

  requireOpen(): void {
    if (this.status !== 'draft' && this.status !== 'active') {
      throw new Failure('conflict', `This project is ${this.status} and no longer changes.`);
    }
  }
}
ProjectSchema.setClass(Project);

// A plain function: the ORM builds entities without their constructor, so `#private` members do not exist on them.
function move(project: Project, from: readonly ProjectStatus[], to: ProjectStatus): void {
  if (!from.includes(project.status)) {
    throw new Failure('conflict', `A project that is ${project.status} cannot become ${to}.`);
  }
  project.status = to;
}

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
    return (this.proposal?.acceptedBy ?? null) !== null && [...working, 'disputed'].includes(this.status);
  }

  start(): void {
    moveMilestone(this, ['funded'], 'started');
  }

  submit(submission: Submission): void {
    moveMilestone(this, ['funded', 'started', 'submitted', 'changes_requested'], 'submitted');
    this.submission = submission;
  }

  requestChanges(submission: Submission): void {
    moveMilestone(this, ['submitted'], 'changes_requested');
    this.submission = submission;
  }

  approve(submission: Submission): void {
    moveMilestone(this, ['submitted'], 'approved');
    this.submission = submission;
  }

  /** May parts of its money still be released or given back by a decision of one side? */
  requireWorking(): void {
    requireMilestone(this, [...working, 'disputed'], 'be paid or refunded');
  }

  /** May its text and date still be agreed anew, or its end? */
  requireNegotiable(): void {
    requireMilestone(this, working, 'be changed');
  }

  /** Nothing is left to decide about its money. */
  settle(to: 'approved' | 'released' | 'refunded' | 'cancelled'): void {
    this.status = to;
    this.proposal = null;
    this.cancellation = null;
    this.disputedFrom = null;
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
      throw new Failure('conflict', `A milestone that is ${this.status} no longer changes.`);
  }
}
MilestoneSchema.setClass(Milestone);

const working: readonly MilestoneStatus[] = ['funded', 'started', 'submitted', 'changes_requested'];

function moveMilestone(milestone: Milestone, from: readonly MilestoneStatus[], to: MilestoneStatus): void {
  if (!from.includes(milestone.status)) {
    throw new Failure('conflict', `A milestone that is ${said(milestone.status)} cannot become ${said(to)}.`);
  }
  milestone.status = to;
}

function requireMilestone({ status }: Milestone, states: readonly MilestoneStatus[], what: string): void {
  if (!states.includes(status)) throw new Failure('conflict', `A milestone that is ${said(status)} cannot ${what}.`);
}

function said(status: MilestoneStatus): string {
  return status.replace('_', ' ');
}

const InvitationSchema = defineEntity({
  name: 'Invitation',
  tableName: 'invitations',
  properties: {
    id: p.uuid().primary(),
    project: () => p.manyToOne(Project).ref(),
    inviterId: p.uuid(),
    role: p.text().$type<RoomRole>(),
    email: p.text().nullable(),
    userId: p.uuid().nullable(),
    history: p.text().$type<'whole' | 'join'>(),
    /** Of the token its maker was given. */
    tokenHash: p.text(),
    /** Of the token that went by mail alone: whoever has it reads that mailbox. */
    mailedTokenHash: p.text(),
    status: p.text().$type<'pending' | 'accepted' | 'declined' | 'revoked'>(),
    acceptedBy: p.uuid().nullable(),
    createdAt: p.datetime(3),
    expiresAt: p.datetime(3),
  },
});

export class Invitation extends InvitationSchema.class {
  isExpired(now: Date): boolean {
    return this.status === 'pending' && this.expiresAt <= now;
  }

  opensWith(token: string): boolean {
    return [this.tokenHash, this.mailedTokenHash].includes(sha256(token));
  }

  cameByMail(token: string): boolean {
    return this.mailedTokenHash === sha256(token);
  }

  accept(userId: string, now: Date): void {
    this.requireAnswerable(now);
    this.status = 'accepted';
    this.acceptedBy = userId;
  }

  decline(now: Date): void {
    this.requireAnswerable(now);
    this.status = 'declined';
  }

  revoke(): void {
    this.requirePending();
    this.status = 'revoked';
  }

  renew(token: string, mailedToken: string, now: Date): void {
    this.requirePending();
    this.tokenHash = sha256(token);
    this.mailedTokenHash = sha256(mailedToken);
    this.expiresAt = expiryFrom(now);
  }

  requireAnswerable(now: Date): void {
    this.requirePending();
    if (this.isExpired(now)) throw new Failure('conflict', 'This invitation has expired. Ask for a new one.');
  }

  requirePending(): void {
    if (this.status !== 'pending') throw new Failure('conflict', `This invitation was already ${this.status}.`);
  }
}
InvitationSchema.setClass(Invitation);

const dayMs = 24 * 60 * 60 * 1000;

export function expiryFrom(now: Date): Date {
  return new Date(now.getTime() + invitationDays * dayMs);
}

export const projectEntities = [Project, Milestone, Invitation];
