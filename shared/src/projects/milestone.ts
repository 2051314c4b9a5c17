import { z } from 'zod';
import { quote } from '../escrow/terms.ts';
import { hold, waiting } from '../escrow/hold.ts';
import { sha256 } from '../files/file.ts';
import { id } from '../ids.ts';
import { amountMinor, currency } from '../money.ts';
import { instant, line, moment, prose, visible } from '../values.ts';
import { agreedAnew } from './reasons.ts';

const minor = z.int().min(0);

export const milestoneStatus = z.enum([
  'planned',
  'funding',
  'funded',
  'started',
  'submitted',
  'changes_requested',
  'approved',
  'released',
  'refunded',
  'cancelled',
  'disputed',
]);
export type MilestoneStatus = z.infer<typeof milestoneStatus>;

/** How a milestone counts where it stands beside others: what a bank does about money that was paid is no state of the work. */
export const milestoneStanding = z.enum([...milestoneStatus.options, 'contested', 'charged_back']);
export type MilestoneStanding = z.infer<typeof milestoneStanding>;

/** Exactly these bytes were handed in. */
export const submittedFile = z.strictObject({ fileId: id, version: z.int().positive(), sha256, name: z.string() });
export type SubmittedFile = z.infer<typeof submittedFile>;
export const submission = z.strictObject({
  id,
  /** Counts from 1 within the milestone. */
  number: z.int().positive(),
  note: z.string(),
  files: z.array(submittedFile),
  submittedBy: id,
  submittedAt: moment,
  status: z.enum(['open', 'superseded', 'changes_requested', 'approved']),
  /** What the client asked to change. */
  changes: z.string().nullable(),
  /** Null also where the review's end approved it. */
  answeredBy: id.nullable(),
  answeredAt: moment.nullable(),
});
export type Submission = z.infer<typeof submission>;

/** What both sides agree on: its hash names exactly this text, amount and date. */
export const milestoneTerms = z.strictObject({
  title: z.string(),
  amountMinor,
  currency,
  dueAt: moment.nullable(),
  criteria: z.string(),
});
export type MilestoneTerms = z.infer<typeof milestoneTerms>;

/** A change of a funded milestone that waits for the other side. */
export const changeProposal = z.strictObject({
  /** SHA-256 of the JCS of `{milestoneId, revision, terms}`: accepting it accepts exactly that. */
  hash: sha256,
  /** The revision it starts from. */
  revision: z.int().positive(),
  terms: milestoneTerms,
  /** What it moves, said before anybody agrees: what the client pays on top, with its service fee, or what goes back to him. */
  money: z.strictObject({ topUpMinor: minor, serviceFeeMinor: minor, clientPaysMinor: minor, refundMinor: minor }),
  /** The other side agreed to a higher amount: it is in force when the difference is paid. */
  acceptedBy: id.nullable(),
  proposedBy: id,
  proposedAt: moment,
  answerBy: moment,
});
export type ChangeProposal = z.infer<typeof changeProposal>;

/** One side wants out of a funded milestone; the other answers. */
export const cancellationRequest = z.strictObject({
  requestedBy: id,
  reason: z.string(),
  /** What goes back to the client when it is accepted. */
  refundMinor: z.int().min(0),
  /** The service fee covered the processor's cost and stays with it: the client bears it. */
  keptFeeMinor: z.int().min(0),
  requestedAt: moment,
  answerBy: moment,
});
export type CancellationRequest = z.infer<typeof cancellationRequest>;

/**
 * `review`: released by itself at its end; `deadline`: when the work is due; `payment`: the attempt to pay ends;
 * `proposal` and `cancellation`: lapse without an answer; `evidence`: what speaks against a chargeback must be handed in.
 */
export const clockKind = z.enum(['review', 'deadline', 'payment', 'proposal', 'cancellation', 'evidence']);
export type ClockKind = z.infer<typeof clockKind>;

/**
 * What a countdown says on its way: to the client about the review, to the freelancer about the date and the evidence, to both
 * about money that should not be held for longer.
 */
export const reminder = z.enum([
  'review.3d',
  'review.1d',
  'deadline.2d',
  'evidence.3d',
  'evidence.1d',
  'evidence.0d',
  'funding.3d',
  'funding.1d',
  'held.7d',
  'held.1d',
  'held.0d',
]);
export type Reminder = z.infer<typeof reminder>;

/** A countdown that both sides see. Paused, it keeps what was left of it. */
export const clock = z.strictObject({
  kind: clockKind,
  dueAt: moment.nullable(),
  pausedAt: moment.nullable(),
  remainingSeconds: z.int().min(0).nullable(),
});
export type Clock = z.infer<typeof clock>;

export const milestone = z.strictObject({
  id,
  projectId: id,
  title: z.string(),
  amountMinor,
  currency,
  dueAt: moment.nullable(),
  /** When is it done? Agreed before any money moves. */
  criteria: z.string(),
  status: milestoneStatus,
  /** Place in the plan, from 1. */
  position: z.int().positive(),
  createdAt: moment,
  /** Counts the agreed texts, amounts and dates; older ones can be read. */
  revision: z.int().positive(),
  /** Fees by the project's terms, before and after anything is paid. */
  quote,
  hold: hold.nullable(),
  /** The newest one. */
  submission: submission.nullable(),
  proposal: changeProposal.nullable(),
  cancellation: cancellationRequest.nullable(),
  clocks: z.array(clock),
  waiting: waiting.nullable(),
});
export type Milestone = z.infer<typeof milestone>;

/** An older or the present text of a milestone. */
export const milestoneVersion = z.strictObject({
  revision: z.int().positive(),
  terms: milestoneTerms,
  at: moment,
  proposedBy: id.nullable(),
  acceptedBy: id.nullable(),
});
export type MilestoneVersion = z.infer<typeof milestoneVersion>;

export const newMilestone = z.strictObject({
  title: line(1, 120),
  amountMinor,
  dueAt: instant.nullish(),
  criteria: prose(1, 4_000),
});
export type NewMilestone = z.infer<typeof newMilestone>;

export const milestoneChange = newMilestone.partial();
export type MilestoneChange = z.infer<typeof milestoneChange>;

export const newSubmission = z.strictObject({
  note: prose(1, 4_000),
  files: z
    .array(z.strictObject({ fileId: id, version: z.int().positive(), sha256 }))
    .max(50)
    .default([]),
});
export type NewSubmission = z.output<typeof newSubmission>;

export const reason = prose(1, 2_000);
/** Why somebody gives money back or wants an end: in his own words, not in those of the product. */
export const ownReason = reason.refine((text) => visible(text) !== visible(agreedAnew), 'Say why in your own words.');
