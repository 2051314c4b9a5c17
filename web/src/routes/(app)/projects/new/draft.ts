import { newId } from '@safesend/shared/ids.ts';
import { currency, type Currency } from '@safesend/shared/money.ts';
import { z } from 'zod';
import type { InviteValues } from '#lib/projects/invite-form.ts';
import type { MilestoneValues } from '#lib/projects/milestone-form.ts';

const milestoneValues = z.strictObject({
  title: z.string(),
  amount: z.string(),
  due: z.string(),
  criteria: z.string(),
});
const inviteValues = z.strictObject({
  way: z.enum(['email', 'username']),
  email: z.string(),
  username: z.string(),
  role: z.enum(['client', 'freelancer']),
  history: z.enum(['whole', 'join']),
});

const draftSchema = z.strictObject({
  /** The names of the commands that start the project: a retry, even after a reload, starts it once. */
  commandId: z.string(),
  /** What was sent under that name; empty before the first try. */
  sent: z.string(),
  step: z.int().min(0).max(3),
  basics: z.strictObject({ title: z.string(), description: z.string(), currency }),
  milestones: z.array(milestoneValues),
  people: z.array(inviteValues),
}) satisfies z.ZodType<Draft>;

/** A project that is being thought up; it lives on this device until it is started. */
export interface Draft {
  commandId: string;
  sent: string;
  step: number;
  basics: { title: string; description: string; currency: Currency };
  milestones: MilestoneValues[];
  people: InviteValues[];
}

export function blankDraft(): Draft {
  return {
    commandId: newId(),
    sent: '',
    step: 0,
    basics: { title: '', description: '', currency: 'EUR' },
    milestones: [],
    people: [],
  };
}

const keyOf = (userId: string) => `safesend:new-project:${userId}`;

export function readDraft(userId: string): Draft | null {
  try {
    const read = draftSchema.safeParse(JSON.parse(localStorage.getItem(keyOf(userId)) ?? 'null'));
    return read.success ? read.data : null;
  } catch {
    return null;
  }
}

/** A device without room or leave to keep it loses the draft on reload, and nothing else. */
export function keepDraft(userId: string, draft: Draft): void {
  try {
    localStorage.setItem(keyOf(userId), JSON.stringify(draft));
  } catch {
    return;
  }
}

export function dropDraft(userId: string): void {
  try {
    localStorage.removeItem(keyOf(userId));
  } catch {
    return;
  }
}
