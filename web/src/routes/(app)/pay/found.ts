import type { Payment } from '@safesend/shared/escrow/hold.ts';
import { id } from '@safesend/shared/ids.ts';
import { getMilestone, getPayment } from '@safesend/shared/projects/money-calls.ts';
import { ApiProblem } from '#lib/api/problem.ts';
import { send } from '#lib/api/send.ts';

/** A payment of mine, and where it goes on. */
export interface Found {
  readonly payment: Payment;
  readonly roomId: string;
  readonly title: string;
}

/** Null where there is none of mine: somebody else's is as one that never was (L6). */
export async function findPayment(paymentId: string, fetch: typeof globalThis.fetch): Promise<Found | null> {
  if (!isPaymentId(paymentId)) return null;
  try {
    const { payment } = await send(getPayment, { params: { paymentId }, fetch });
    const { milestone, roomId } = await send(getMilestone, { params: { milestoneId: payment.milestoneId }, fetch });
    return { payment, roomId, title: milestone.title };
  } catch (problem) {
    if (isMissing(problem)) return null;
    throw problem;
  }
}

export const isPaymentId = (text: string | undefined) => id.safeParse(text).success;

export const isMissing = (problem: unknown) => problem instanceof ApiProblem && problem.code === 'missing';
