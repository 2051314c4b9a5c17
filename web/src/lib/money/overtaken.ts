import type { Milestone } from '@safesend/shared/projects/milestone.ts';
import { freeOf } from '@safesend/shared/projects/moves.ts';
import { milestoneOf } from '@safesend/shared/rooms/about.ts';
import type { RoomEvent } from '@safesend/shared/rooms/event.ts';
import type { FactEvent } from '#lib/rooms/timeline.ts';
import { nextOf, type Standpoint } from './next.ts';
import { otherSteps } from './other-steps.ts';
import type { MoneyStep } from './step.ts';
import type { Offer } from './steps.ts';
import { askedOf } from './way.ts';

/** What a panel is about: the step, and the milestone as it was when the panel opened. */
export interface Opened {
  readonly step: MoneyStep;
  readonly milestone: Milestone;
}

/** The fact that decided otherwise, and what it changed. */
export interface Decided {
  readonly event: FactEvent;
  readonly before: Milestone;
}

/** Is what the panel offers still there to be done, and about the same thing? */
export function stands({ step, milestone: seen }: Opened, now: Milestone, at: Standpoint): boolean {
  switch (step) {
    case 'details':
      return true;
    case 'proposal':
      return now.proposal?.hash === seen.proposal?.hash && now.proposal?.acceptedBy === seen.proposal?.acceptedBy;
    case 'ending':
      return now.cancellation?.requestedAt === seen.cancellation?.requestedAt;
    case 'finish':
      return now.waiting?.reason === seen.waiting?.reason && now.waiting?.paymentId === seen.waiting?.paymentId;
    // It was handed in meanwhile: another one would be a newer version.
    case 'submit':
      return isOffered(step, now, at) && now.submission?.id === seen.submission?.id;
    case 'fund':
      return isOffered(step, now, at) && JSON.stringify(askedOf(now)) === JSON.stringify(askedOf(seen));
    // A part of what the panel counted with has moved since.
    case 'release':
    case 'refund':
      return isOffered(step, now, at) && freeOf(now.hold) === freeOf(seen.hold);
    default:
      return isOffered(step, now, at);
  }
}

function isOffered(step: MoneyStep, milestone: Milestone, at: Standpoint): boolean {
  return offerOf(step, milestone, at) !== null;
}

/** The step, where it can be taken now. */
export function offerOf(step: MoneyStep, milestone: Milestone, at: Standpoint): Offer | null {
  const offers = [nextOf(milestone, at).offer, ...otherSteps(milestone, at)];
  return offers.find((offer) => offer?.step === step) ?? null;
}

/** What the room is told where a step is taken. */
const deeds: Readonly<Record<MoneyStep, readonly RoomEvent['type'][]>> = {
  details: [],
  fund: ['milestone.funding'],
  finish: ['milestone.funding'],
  start: ['milestone.started'],
  submit: ['milestone.submitted'],
  approve: ['milestone.approved'],
  changes: ['milestone.changes.requested'],
  release: ['milestone.releasing'],
  refund: ['milestone.refunding'],
  again: ['milestone.waiting'],
  propose: ['milestone.change.proposed'],
  proposal: ['milestone.change.accepted', 'milestone.change.agreed', 'milestone.change.declined'],
  end: ['milestone.cancellation.requested'],
  ending: ['milestone.refunding', 'milestone.cancelled', 'milestone.cancellation.declined'],
};

/** Was it what the panel was for, and not something else that left nothing to do in it? */
export function isDeedOf(step: MoneyStep, type: RoomEvent['type']): boolean {
  return deeds[step].includes(type);
}

/** The attempt to pay that this fact tells of, or waits for. */
export function paymentOf(event: RoomEvent): string | null {
  switch (event.type) {
    case 'milestone.funding':
    case 'payment.failed':
      return event.data.payment.id;
    case 'milestone.waiting':
      return event.data.waiting?.paymentId ?? null;
    default:
      return null;
  }
}

/** Of the facts since the panel opened the first that left nothing to do in it; `winner` is the one a refusal named. */
export function decidedBy(
  opened: Opened,
  since: readonly RoomEvent[],
  at: Standpoint,
  winner?: number,
): Decided | null {
  let before = opened.milestone;
  let named: Decided | null = null;
  for (const event of since) {
    const now = milestoneOf(event);
    if (now?.id !== opened.milestone.id) continue;
    const told = { event: event as FactEvent, before };
    if (!stands(opened, now, at)) return told;
    if (event.seq === winner) named = told;
    before = now;
  }
  return named;
}
