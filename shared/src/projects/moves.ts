import type { Chargeback, Hold } from '../escrow/hold.ts';
import type { Milestone, MilestoneStatus } from './milestone.ts';

const working: readonly MilestoneStatus[] = ['funded', 'started', 'submitted', 'changes_requested'];

/**
 * From which states each move about the work and its money is made: the server refuses it from any other, and pages offer
 * it from no other. While a bank has frozen money the work waits, and so does everything both sides would have to agree
 * on; what is not frozen is decided about by one of them all the same.
 */
const origins = {
  start: ['funded'],
  submit: working,
  /** Approving what was handed in, or asking for changes. */
  answer: ['submitted'],
  /** Agreeing on other terms. */
  propose: working,
  /** Asking to end it, and agreeing to that. */
  end: working,
  /** Of the client: a part to the freelancer, before the work is done or without its approval. */
  release: [...working, 'disputed'],
  /** Of the freelancer: a part back to the client. */
  refund: [...working, 'disputed'],
} as const satisfies Record<string, readonly MilestoneStatus[]>;
export type MilestoneMove = keyof typeof origins;

/** Only with money that is free. */
const spends: ReadonlySet<MilestoneMove> = new Set(['release', 'refund', 'end']);

export function originsOf(move: MilestoneMove): readonly MilestoneStatus[] {
  return origins[move];
}

/** Nobody has paid for it; somebody may be about to. */
export function isUnfunded({ status }: Pick<Milestone, 'status'>): boolean {
  return status === 'planned' || status === 'funding';
}

/** What of the money can be decided about: neither frozen nor on its way. */
export function freeOf(hold: Pick<Hold, 'heldMinor'> | null | undefined): number {
  return hold?.heldMinor ?? 0;
}

/** What went back to the client: not what came back of it and is kept for him. */
export function backOf({ refundedMinor, creditMinor }: Pick<Hold, 'refundedMinor' | 'creditMinor'>): number {
  return refundedMinor - creditMinor;
}

/** The least that both sides can agree a funded milestone to be: what that gives back is no more than what is free. */
export function leastAmountOf({ amountMinor, hold }: Pick<Milestone, 'amountMinor'> & Kept): number {
  return amountMinor - freeOf(hold);
}
interface Kept {
  readonly hold?: Pick<Hold, 'heldMinor'> | null | undefined;
}

/** Is there such a move from where it stands? Whose it is, is asked elsewhere. */
export function isMove({ status, hold }: Pick<Milestone, 'status' | 'hold'>, move: MilestoneMove): boolean {
  return originsOf(move).includes(status) && (!spends.has(move) || freeOf(hold) > 0);
}

/** Money is held and the work is not over. */
export function isAtWork({ status }: Pick<Milestone, 'status'>): boolean {
  return working.includes(status);
}

/** What of a chargeback concerns whoever did not pay: how much the client had paid on top is his own affair. */
export function disputedShareOf({ shareMinor, amountMinor }: Pick<Chargeback, 'shareMinor' | 'amountMinor'>): number {
  return shareMinor ?? amountMinor;
}
