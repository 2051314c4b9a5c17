import { isChargeable } from '@safesend/shared/escrow/fees.ts';
import { amountMinor, decimalOf, maxAmountMinor, type Currency } from '@safesend/shared/money.ts';
import { newMilestone, type Milestone } from '@safesend/shared/projects/milestone.ts';
import { z } from 'zod';
import { readAmount, stepComplaint } from '#lib/money/amount.ts';
import { m } from '#lib/paraglide/messages.js';

/** A milestone as it is typed: the amount as text, the day without a time. */
export interface MilestoneValues {
  title: string;
  amount: string;
  due: string;
  criteria: string;
}

export const blankMilestone: MilestoneValues = { title: '', amount: '', due: '', criteria: '' };

const typedAmount = z
  .union([z.int(), z.strictObject({ complaint: z.string() })])
  .transform((read, context) => {
    if (typeof read === 'number') return read;
    context.addIssue({ code: 'custom', message: read.complaint });
    return z.NEVER;
  })
  .pipe(amountMinor);

/** What was typed, or what is wrong with it: an amount that could never be paid is not planned either. */
function amountInput(text: string, currency: Currency): z.input<typeof typedAmount> {
  if (text === '') return { complaint: m.field_required() };
  const minor = readAmount(text, currency);
  if (minor === null) return { complaint: m.project_amount_unreadable() };
  if (minor <= 0) return { complaint: m.project_amount_zero() };
  if (minor > maxAmountMinor) return { complaint: m.project_amount_too_big() };
  return isChargeable(minor, currency) ? minor : { complaint: stepComplaint(currency) };
}

/** What the server enforces, with words for what people type into an amount. */
export const milestoneSchema = z.strictObject({ ...newMilestone.shape, amountMinor: typedAmount });

export function milestoneInput({ title, amount, due, criteria }: MilestoneValues, currency: Currency): unknown {
  return { title, criteria, amountMinor: amountInput(amount.trim(), currency), dueAt: endOfDay(due) };
}

export function milestoneValues({ title, amountMinor, currency, dueAt, criteria }: Milestone): MilestoneValues {
  return { title, amount: decimalOf(amountMinor, currency), due: dayOf(dueAt), criteria };
}

/** A due day lasts until it is over where the planner lives. */
function endOfDay(day: string): string | null {
  const end = new Date(`${day}T23:59:59.999`);
  return day === '' || Number.isNaN(end.getTime()) ? null : end.toISOString();
}

/** It is over already, where the planner lives. */
export function isPastDay(day: string, now: number): boolean {
  return day !== '' && day < dayOf(new Date(now).toISOString());
}

function dayOf(moment: string | null): string {
  if (moment === null) return '';
  const date = new Date(moment);
  const two = (number: number) => String(number).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}
