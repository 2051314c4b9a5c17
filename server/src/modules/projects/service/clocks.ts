import { newId } from '@safesend/shared/ids.ts';
import type { Clock, ClockKind, Reminder } from '@safesend/shared/projects/milestone.ts';
import type { Tx } from '../../../kernel/transact.ts';
import type { Milestone } from '../entity.ts';

const dayMs = 86_400_000;
const remindersOf: Partial<Record<ClockKind, readonly { readonly reminder: Reminder; readonly daysBefore: number }[]>> =
  {
    review: [
      { reminder: 'review.3d', daysBefore: 3 },
      { reminder: 'review.1d', daysBefore: 1 },
    ],
    deadline: [{ reminder: 'deadline.2d', daysBefore: 2 }],
    evidence: [
      { reminder: 'evidence.3d', daysBefore: 3 },
      { reminder: 'evidence.1d', daysBefore: 1 },
    ],
  };

const fundingReminders = [
  { reminder: 'funding.3d', daysBefore: 3 },
  { reminder: 'funding.1d', daysBefore: 1 },
] as const;

/** Of money that nobody has decided about; before a processor would not let it be held any longer. */
const heldReminders = [
  { reminder: 'held.7d', daysBefore: 7 },
  { reminder: 'held.1d', daysBefore: 1 },
  { reminder: 'held.0d', daysBefore: 0 },
] as const;

export function findClock({ clocks }: Milestone, kind: ClockKind): Clock | undefined {
  return clocks.find((it) => it.kind === kind);
}

/** Starts a countdown, or sets it anew. Its row is what fires; what the milestone carries is what both sides see. */
export async function setClock(tx: Tx, milestone: Milestone, kind: ClockKind, dueAt: Date): Promise<void> {
  await removeRows(tx, milestone, kind);
  show(milestone, kind, { kind, dueAt: dueAt.toISOString(), pausedAt: null, remainingSeconds: null });
  const reminders = (remindersOf[kind] ?? []).map(({ reminder, daysBefore }) => ({
    kind: reminder,
    at: new Date(dueAt.getTime() - daysBefore * dayMs),
  }));
  const rows: { readonly kind: ClockKind | Reminder; readonly at: Date }[] = [
    { kind, at: dueAt },
    ...reminders.filter(({ at }) => at > tx.now),
  ];
  for (const { kind: named, at } of rows) await addRow(tx, milestone.id, named, at);
}

async function addRow(tx: Tx, milestoneId: string, kind: ClockKind | Reminder, at: Date): Promise<void> {
  const text = 'insert into clocks (id, milestone_id, kind, due_at) values ($1, $2, $3, $4)';
  await tx.query(text, [newId(), milestoneId, kind, at]);
}

/** Keeps what is left of it. */
export async function pauseClock(tx: Tx, milestone: Milestone, kind: ClockKind): Promise<void> {
  const dueAt = findClock(milestone, kind)?.dueAt;
  if (!dueAt) return;
  await removeRows(tx, milestone, kind);
  const left = Math.max(0, Math.ceil((new Date(dueAt).getTime() - tx.now.getTime()) / 1_000));
  show(milestone, kind, { kind, dueAt: null, pausedAt: tx.now.toISOString(), remainingSeconds: left });
}

/** Goes on with what was left, at least for `leastDays`. */
export async function resumeClock(tx: Tx, milestone: Milestone, kind: ClockKind, leastDays = 0): Promise<void> {
  const left = findClock(milestone, kind)?.remainingSeconds;
  if (left === null || left === undefined) return;
  const seconds = Math.max(left, leastDays * 86_400);
  await setClock(tx, milestone, kind, new Date(tx.now.getTime() + seconds * 1_000));
}

/** Its time is over, and what it was the time for is not. */
export function endClock(milestone: Milestone, kind: ClockKind): void {
  show(milestone, kind, { kind, dueAt: null, pausedAt: null, remainingSeconds: null });
}

export async function dropClocks(tx: Tx, milestone: Milestone, ...kinds: readonly ClockKind[]): Promise<void> {
  for (const kind of kinds.filter((it) => findClock(milestone, it))) {
    await removeRows(tx, milestone, kind);
    show(milestone, kind, null);
  }
}

/** A date comes near, and passes, and nobody has paid: that is told if it is so by then. No countdown shows it before. */
export async function remindOfFunding(tx: Tx, { id, dueAt }: Milestone): Promise<void> {
  await tx.query(`delete from clocks where milestone_id = $1 and (kind like 'funding.%' or kind = 'deadline')`, [id]);
  if (!dueAt) return;
  for (const { reminder, daysBefore } of fundingReminders) {
    const at = new Date(dueAt.getTime() - daysBefore * dayMs);
    if (at > tx.now) await addRow(tx, id, reminder, at);
  }
  if (dueAt > tx.now) await addRow(tx, id, 'deadline', dueAt);
}

/** Money that is still held when its time comes near is told of then. No countdown shows it before: nothing happens by itself. */
export async function remindOfHold(tx: Tx, { id }: Milestone, heldUntil: Date): Promise<void> {
  await tx.query(`delete from clocks where milestone_id = $1 and kind like 'held.%'`, [id]);
  for (const { reminder, daysBefore } of heldReminders) {
    await addRow(tx, id, reminder, new Date(heldUntil.getTime() - daysBefore * dayMs));
  }
}

/** The date the work is due by, while somebody works on it. */
export async function setDeadline(tx: Tx, milestone: Milestone): Promise<void> {
  if (milestone.dueAt && milestone.dueAt > tx.now) await setClock(tx, milestone, 'deadline', milestone.dueAt);
  else await dropClocks(tx, milestone, 'deadline');
}

function show(milestone: Milestone, kind: ClockKind, clock: Clock | null): void {
  const others = milestone.clocks.filter((it) => it.kind !== kind);
  milestone.clocks = clock ? [...others, clock] : others;
}

async function removeRows(tx: Tx, { id }: Milestone, kind: ClockKind): Promise<void> {
  await tx.query(`delete from clocks where milestone_id = $1 and (kind = $2 or kind like $2 || '.%')`, [id, kind]);
}
