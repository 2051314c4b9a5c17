import { z } from 'zod';
import { call } from '../call.ts';
import { payment } from '../escrow/hold.ts';
import { testCard } from '../escrow/wallet.ts';
import { sha256 } from '../files/file.ts';
import { commandId, id } from '../ids.ts';
import { amountMinor, currency } from '../money.ts';
import {
  milestone,
  milestoneChange,
  milestoneVersion,
  newSubmission,
  ownReason,
  reason,
  submission,
} from './milestone.ts';

const ofMilestone = z.strictObject({ milestoneId: id });
/** Needed; in the body or as the `Idempotency-Key` header. */
const withCommand = { commandId: commandId.optional() };
const onlyCommand = z.strictObject(withCommand).optional();
const oneMilestone = z.strictObject({ milestone });

export const getMilestone = call({
  method: 'get',
  path: '/milestones/{milestoneId}',
  summary: 'A milestone with everything handed in, every agreed text and every attempt to pay',
  access: 'read',
  params: ofMilestone,
  answers: {
    200: z.strictObject({
      milestone,
      roomId: id,
      submissions: z.array(submission),
      versions: z.array(milestoneVersion),
      payments: z.array(payment),
      /** What chargebacks that were lost brought back to whoever paid, his service fee included; nothing to anybody else. */
      takenBackMinor: z.int().min(0),
      /** What of that he has instead of a refund that did not arrive: it went back to him once. */
      coveredMinor: z.int().min(0),
    }),
  },
});
export const fundMilestone = call({
  method: 'post',
  path: '/milestones/{milestoneId}/funding',
  summary: 'Pay for a milestone (client): the money is held until it is released; `processing` until confirmed',
  access: 'money',
  params: ofMilestone,
  body: z.strictObject({
    /** The milestone's amount as the payer saw it, and what the button said, with the service fee: refused when they changed. */
    amountMinor: amountMinor.optional(),
    totalMinor: z.int().min(1).optional(),
    currency: currency.optional(),
    /** One of my saved cards; without one the payment is finished in the browser. */
    paymentMethodId: id.optional(),
    /** A named test card to pay with, where no real processor is used or its base is not its own. */
    testCard: testCard.optional(),
    /** Keep the new card that is used, once the payment has gone through. */
    saveMethod: z.boolean().optional(),
    ...withCommand,
  }),
  answers: { 201: z.strictObject({ milestone, payment }) },
  command: 'required',
});
/** The secret lets the payer's browser finish the payment; it is asked for anew each time, kept nowhere, and null without the scope `money`. */
export const getPayment = call({
  method: 'get',
  path: '/payments/{paymentId}',
  summary: 'One attempt of mine to pay, with what the browser needs to finish it',
  access: 'read',
  params: z.strictObject({ paymentId: id }),
  answers: { 200: z.strictObject({ payment, clientSecret: z.string().nullable() }) },
});
export const retryPayment = call({
  method: 'post',
  path: '/payments/{paymentId}/retry',
  summary: 'Try a declined payment again, with the same or another card',
  access: 'money',
  params: z.strictObject({ paymentId: id }),
  body: z.strictObject({
    paymentMethodId: id.optional(),
    testCard: testCard.optional(),
    /** Keeps a new card for the next time; left out, as the attempt was begun. */
    saveMethod: z.boolean().optional(),
    ...withCommand,
  }),
  answers: { 201: z.strictObject({ milestone, payment }) },
  command: 'required',
});
export const cancelPayment = call({
  method: 'post',
  path: '/payments/{paymentId}/cancellation',
  summary: 'Give up an attempt to pay: the milestone is planned again',
  access: 'money',
  params: z.strictObject({ paymentId: id }),
  body: onlyCommand,
  answers: { 201: z.strictObject({ milestone, payment }) },
  command: 'required',
});
export const startMilestone = call({
  method: 'post',
  path: '/milestones/{milestoneId}/start',
  summary: 'Begin the work on a funded milestone (freelancer)',
  access: 'write',
  params: ofMilestone,
  body: onlyCommand,
  answers: { 201: oneMilestone },
  command: 'optional',
});
export const submitMilestone = call({
  method: 'post',
  path: '/milestones/{milestoneId}/submission',
  summary: 'Hand in exactly these versions of files (freelancer); the review begins',
  access: 'write',
  params: ofMilestone,
  body: z.strictObject({ ...newSubmission.shape, ...withCommand }),
  answers: { 201: oneMilestone },
  command: 'optional',
});
export const requestChanges = call({
  method: 'post',
  path: '/milestones/{milestoneId}/changes',
  summary: 'Ask for changes of what was handed in (client); the review pauses',
  access: 'write',
  params: ofMilestone,
  body: z.strictObject({ submissionId: id, reason, ...withCommand }),
  answers: { 201: oneMilestone },
  command: 'optional',
});
export const approveMilestone = call({
  method: 'post',
  path: '/milestones/{milestoneId}/approval',
  summary: 'Approve this submission (client): everything held is released. A newer submission → 409',
  access: 'money',
  params: ofMilestone,
  body: z.strictObject({ submissionId: id, ...withCommand }),
  answers: { 201: oneMilestone },
  command: 'required',
});
export const releaseMilestone = call({
  method: 'post',
  path: '/milestones/{milestoneId}/release',
  summary: 'Release a part of what is held, early (client)',
  access: 'money',
  params: ofMilestone,
  body: z.strictObject({ amountMinor, currency: currency.optional(), ...withCommand }),
  answers: { 201: oneMilestone },
  command: 'required',
});
export const refundMilestone = call({
  method: 'post',
  path: '/milestones/{milestoneId}/refund',
  summary: 'Give a part of what is held back to the client (freelancer)',
  access: 'money',
  params: ofMilestone,
  body: z.strictObject({ amountMinor, currency: currency.optional(), reason: ownReason, ...withCommand }),
  answers: { 201: oneMilestone },
  command: 'required',
});
export const retryRefund = call({
  method: 'post',
  path: '/milestones/{milestoneId}/refund/retry',
  summary: 'Give back once more what the bank sent back (client)',
  access: 'money',
  params: ofMilestone,
  body: onlyCommand,
  answers: { 201: oneMilestone },
  command: 'required',
});
export const answerCancellation = call({
  method: 'post',
  path: '/milestones/{milestoneId}/cancellation/answer',
  summary: 'Accept or decline the end of a funded milestone; whoever asked takes it back by declining',
  access: 'money',
  params: ofMilestone,
  body: z.strictObject({ accept: z.boolean(), ...withCommand }),
  answers: { 201: oneMilestone },
  command: 'required',
});
export const proposeChange = call({
  method: 'post',
  path: '/milestones/{milestoneId}/changes/proposals',
  summary: 'Propose another text, amount or date for a funded milestone; the other side accepts it by its hash',
  access: 'write',
  params: ofMilestone,
  body: z.strictObject({ ...milestoneChange.shape, ...withCommand }),
  answers: { 201: oneMilestone },
  command: 'optional',
});
const ofProposal = z.strictObject({ milestoneId: id, hash: sha256 });
export const acceptProposal = call({
  method: 'post',
  path: '/milestones/{milestoneId}/proposals/{hash}/acceptance',
  summary: 'Accept exactly the proposal with this hash; a smaller amount gives the rest back to the client',
  access: 'money',
  params: ofProposal,
  body: onlyCommand,
  answers: { 201: oneMilestone },
  command: 'required',
});
export const declineProposal = call({
  method: 'post',
  path: '/milestones/{milestoneId}/proposals/{hash}/decline',
  summary: 'Decline a proposal, or take mine back',
  access: 'write',
  params: ofProposal,
  body: onlyCommand,
  answers: { 201: oneMilestone },
  command: 'optional',
});
