import { z } from 'zod';
import { feeTerms } from '../escrow/terms.ts';
import { id } from '../ids.ts';
import { currency } from '../money.ts';
import { line, moment, prose } from '../values.ts';
import { newMilestone } from './milestone.ts';

export const projectStatus = z.enum(['draft', 'active', 'completed', 'cancelled']);
export type ProjectStatus = z.infer<typeof projectStatus>;

export const maxMilestones = 50;

export const project = z.strictObject({
  id,
  roomId: id,
  title: z.string(),
  description: z.string(),
  currency,
  status: projectStatus,
  ownerId: id,
  /** The money parties: the owner and the first accepted opposite role. */
  clientId: id.nullable(),
  freelancerId: id.nullable(),
  /** Fixed when the project began. */
  fees: feeTerms,
  createdAt: moment,
  activatedAt: moment.nullable(),
  completedAt: moment.nullable(),
  cancelledAt: moment.nullable(),
});
export type Project = z.infer<typeof project>;

export const newProject = z.strictObject({
  title: line(1, 120),
  description: prose(0, 5_000),
  currency,
  milestones: z.array(newMilestone).max(maxMilestones).optional(),
});
export type NewProject = z.infer<typeof newProject>;

export const projectChange = z.strictObject({
  title: line(1, 120).optional(),
  description: prose(0, 5_000).optional(),
});
export type ProjectChange = z.infer<typeof projectChange>;
