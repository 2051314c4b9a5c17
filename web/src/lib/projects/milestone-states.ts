import type { MilestoneStanding } from '@safesend/shared/projects/milestone.ts';
import { standingOf } from '@safesend/shared/projects/standing.ts';
import { m } from '#lib/paraglide/messages.js';

export interface StateCount {
  readonly status: MilestoneStanding;
  readonly count: number;
}

interface StateLook {
  /** "3 planned" */
  readonly words: (input: { count: number }) => string;
  /** How a milestone in this state looks in the bar; null where it is no part of the way any more. */
  readonly fill: string | null;
}

/** Every state a milestone can be in, the furthest first: the bar fills from its beginning. */
const looks: Record<MilestoneStanding, StateLook> = {
  released: { words: m.project_state_released, fill: 'bg-positive' },
  approved: { words: m.project_state_approved, fill: 'bg-positive/70' },
  contested: { words: m.project_state_contested, fill: 'bg-danger' },
  charged_back: { words: m.project_state_charged_back, fill: 'bg-danger/40' },
  submitted: { words: m.project_state_submitted, fill: 'bg-accent' },
  changes_requested: { words: m.project_state_changes, fill: 'bg-warning' },
  disputed: { words: m.project_state_disputed, fill: 'bg-danger' },
  started: { words: m.project_state_started, fill: 'bg-accent/70' },
  funded: { words: m.project_state_funded, fill: 'bg-accent/45' },
  funding: { words: m.project_state_funding, fill: 'bg-accent/25' },
  planned: { words: m.project_state_planned, fill: 'bg-border-strong/40' },
  refunded: { words: m.project_state_refunded, fill: null },
  cancelled: { words: m.project_state_cancelled, fill: null },
};
const order = Object.keys(looks) as MilestoneStanding[];

export function countStates(milestones: readonly Parameters<typeof standingOf>[0][]): StateCount[] {
  const states = milestones.map(standingOf);
  return order
    .map((status) => ({ status, count: states.filter((it) => it === status).length }))
    .filter(({ count }) => count > 0);
}

/** "2 planned", "1 cancelled": what the bar shows, in words. */
export function stateWords(states: readonly StateCount[]): string[] {
  return inOrder(states).map(({ status, count }) => looks[status].words({ count }));
}

export interface BarPart {
  readonly status: MilestoneStanding;
  readonly count: number;
  readonly fill: string;
}

/** The parts of the bar, as wide as there are milestones in them. */
export function barParts(states: readonly StateCount[]): BarPart[] {
  return inOrder(states).flatMap(({ status, count }) => {
    const { fill } = looks[status];
    return fill === null ? [] : [{ status, count, fill }];
  });
}

function inOrder(states: readonly StateCount[]): StateCount[] {
  return [...states].sort((a, b) => order.indexOf(a.status) - order.indexOf(b.status));
}
