import type { Milestone } from '@safesend/shared/projects/milestone.ts';
import { formatMoney } from '#lib/format/money.ts';
import { formatList } from '#lib/format/number.ts';
import { formatDate } from '#lib/format/time.ts';
import { m } from '#lib/paraglide/messages.js';

const amountOf = ({ amountMinor, currency }: Milestone) => formatMoney(amountMinor, currency);

/** "changed the amount of ‘Logo’ from €300.00 to €350.00"; what a milestone is now, where it is not known what it was. */
export function milestoneChangeWords(now: Milestone, before: Milestone | null): string {
  if (!before) return updatedWords(now);
  const changes = changesOf(now, before);
  const [only, second] = changes;
  if (!only) return updatedWords(now);
  return !second
    ? only.alone
    : m.room_fact_milestone_several({
        title: before.title,
        changes: listed(changes),
      });
}

/** "amount from €300.00 to €350.00 and due date to Dec 3, 2026": what a proposal would change of what is agreed. */
export function proposedWords(milestone: Milestone): string {
  return listed(changesOf({ ...milestone, ...milestone.proposal?.terms }, milestone));
}

function listed(changes: readonly Change[]): string {
  return formatList(changes.map(({ among }) => among));
}

function updatedWords(now: Milestone): string {
  const words = { title: now.title, amount: amountOf(now) };
  if (now.dueAt === null) return m.room_fact_milestone_updated(words);
  return m.room_fact_milestone_updated_due({ ...words, date: formatDate(now.dueAt) });
}

interface Change {
  /** A sentence of its own. */
  readonly alone: string;
  /** One of several things said of the milestone. */
  readonly among: string;
}

function changesOf(now: Milestone, before: Milestone): Change[] {
  const { title } = before;
  const changes: Change[] = [];
  if (now.title !== title) {
    const names = { title, to: now.title };
    changes.push({ alone: m.room_fact_milestone_renamed(names), among: m.room_fact_milestone_part_title(names) });
  }
  if (amountOf(now) !== amountOf(before)) {
    const amounts = { title, from: amountOf(before), to: amountOf(now) };
    changes.push({ alone: m.room_fact_milestone_amount(amounts), among: m.room_fact_milestone_part_amount(amounts) });
  }
  if (now.dueAt !== before.dueAt) changes.push(dueChange(title, now.dueAt, before.dueAt));
  if (now.criteria !== before.criteria) {
    changes.push({ alone: m.room_fact_milestone_criteria({ title }), among: m.room_fact_milestone_part_criteria() });
  }
  // Its place follows from other milestones: worth a line only when nothing else is.
  if (changes.length === 0 && now.position !== before.position) {
    const moved = m.room_fact_milestone_moved({ title, position: now.position });
    changes.push({ alone: moved, among: moved });
  }
  return changes;
}

function dueChange(title: string, now: string | null, before: string | null): Change {
  if (now === null) return { alone: m.room_fact_milestone_undue({ title }), among: m.room_fact_milestone_part_undue() };
  const to = formatDate(now);
  if (before === null) {
    return { alone: m.room_fact_milestone_due({ title, to }), among: m.room_fact_milestone_part_due({ to }) };
  }
  const dates = { title, from: formatDate(before), to };
  return { alone: m.room_fact_milestone_due_moved(dates), among: m.room_fact_milestone_part_due_moved(dates) };
}
