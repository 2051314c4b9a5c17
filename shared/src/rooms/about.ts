import type { Milestone } from '../projects/milestone.ts';
import type { RoomFact } from './event.ts';

/** The milestone a fact is about, as it stood then; null for every other fact. */
export function milestoneOf({ type, data }: Pick<RoomFact, 'type' | 'data'>): Milestone | null {
  if ('milestone' in data) return data.milestone;
  return type.startsWith('milestone.') ? (data as Milestone) : null;
}
