import { z } from 'zod';
import { id } from '../ids.ts';
import { amountMinor, currency } from '../money.ts';
import { line, moment, prose } from '../values.ts';

export const milestoneStatus = z.enum(['planned', 'cancelled']);
export type MilestoneStatus = z.infer<typeof milestoneStatus>;

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
});
export type Milestone = z.infer<typeof milestone>;

export const newMilestone = z.strictObject({
  title: line(1, 120),
  amountMinor,
  dueAt: moment.nullish(),
  criteria: prose(1, 4_000),
});
export type NewMilestone = z.infer<typeof newMilestone>;

export const milestoneChange = newMilestone.partial();
export type MilestoneChange = z.infer<typeof milestoneChange>;
