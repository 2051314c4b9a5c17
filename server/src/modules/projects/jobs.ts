import type { MikroORM } from '@mikro-orm/postgresql';
import type { ClockKind, Reminder } from '@safesend/shared/projects/milestone.ts';
import { freeOf, isUnfunded } from '@safesend/shared/projects/moves.ts';
import type { Logger } from '../../kernel/log.ts';
import type { Round } from '../../kernel/rounds.ts';
import { query } from '../../kernel/sql.ts';
import type { Transact, Tx } from '../../kernel/transact.ts';
import { findUndecided } from '../escrow/service/undecided.ts';
import { lockMilestone, type MilestoneInHand } from './access.ts';
import type { Milestone } from './entity.ts';
import { presentMilestone } from './present.ts';
import { dropProposal } from './service/agreeing.ts';
import { dropClocks, findClock } from './service/clocks.ts';
import { dropCancellation } from './service/ending.ts';
import { setEvidenceClock } from './service/holding.ts';
import { endPaying } from './service/money.ts';
import { approveByClock } from './service/work.ts';

export interface ClockDeps {
  readonly orm: MikroORM;
  readonly transact: Transact;
  readonly log: Logger;
}

export function projectRounds(deps: ClockDeps): Round[] {
  return [{ name: 'clocks', everySeconds: 1, run: () => fireClocks(deps) }];
}

interface DueClock {
  readonly id: string;
  readonly milestone_id: string;
  readonly kind: ClockKind | Reminder;
}

/** Fires what is due, each in a transaction of its own. Several workers may try: the row is there for one of them. */
export async function fireClocks(deps: ClockDeps): Promise<void> {
  const due = await query<DueClock>(
    deps.orm.em.fork(),
    'select id, milestone_id, kind from clocks where due_at <= product_now() order by due_at limit 200',
  );
  for (const clock of due) {
    await deps
      .transact({ id: null }, (tx) => fire(tx, clock))
      .catch((error: unknown) => deps.log.error({ err: error, clock }, 'a clock could not fire'));
  }
}

async function fire(tx: Tx, { id, milestone_id: milestoneId, kind }: DueClock): Promise<void> {
  const inHand = await lockMilestone(tx, milestoneId);
  const mine = await tx.query('delete from clocks where id = $1 returning 1 as one', [id]);
  if (mine.length > 0) await acts[kind](tx, inHand, kind);
}

const dayMs = 86_400_000;
type Act = (tx: Tx, inHand: MilestoneInHand, kind: ClockKind | Reminder) => Promise<void>;

/** What is left when the next one is due, or nothing at its end: a reminder that comes as late as that would say what is not so any more. */
const overtakenAtDays: Partial<Record<ClockKind | Reminder, number>> = {
  'review.3d': 1,
  'review.1d': 0,
  'deadline.2d': 0,
  'funding.3d': 1,
  'evidence.3d': 1,
  'evidence.1d': 0,
  'held.7d': 1,
  'held.1d': 0,
};

/** What no countdown shows. */
const unshown = {
  funding: ({ dueAt }: Milestone) => dueAt,
  held: ({ hold }: Milestone) => hold?.heldUntil,
};

function isOvertaken({ now }: Tx, milestone: Milestone, kind: ClockKind | Reminder): boolean {
  const days = overtakenAtDays[kind];
  const of = kind.split('.')[0] as ClockKind | keyof typeof unshown;
  const dueAt = of === 'funding' || of === 'held' ? unshown[of](milestone) : findClock(milestone, of)?.dueAt;
  return days !== undefined && Boolean(dueAt) && new Date(dueAt ?? 0).getTime() - now.getTime() <= days * dayMs;
}

const remind: Act = async (tx, { project, milestone }, kind) => {
  if (isOvertaken(tx, milestone, kind)) return;
  const data = { milestone: presentMilestone(milestone), reminder: kind as Reminder };
  tx.append(project.roomId, { type: 'milestone.reminded', data });
};

/** What is left of the time of work that nobody has paid, an attempt that is under way included; null where nobody is to pay. */
function leftToFund({ now }: Tx, { project, milestone }: MilestoneInHand): number | null {
  const { dueAt } = milestone;
  return project.status === 'active' && isUnfunded(milestone) && dueAt ? dueAt.getTime() - now.getTime() : null;
}

/** Only of what is still unpaid, and still due then: the plan may have changed since. */
const remindToFund: Act = async (tx, inHand, kind) => {
  const left = leftToFund(tx, inHand);
  if (left !== null && left > 0 && left <= 3 * dayMs) await remind(tx, inHand, kind);
};

/** While there is something to decide about: what a bank or a processor works on ends by itself. */
const remindOfHeld: Act = async (tx, inHand, kind) => {
  if (freeOf(inHand.milestone.hold ?? null) > 0) await remind(tx, inHand, kind);
};

const acts: Readonly<Record<ClockKind | Reminder, Act>> = {
  review: approveByClock,
  'review.3d': remind,
  'review.1d': remind,
  'deadline.2d': remind,
  'funding.3d': remindToFund,
  'funding.1d': remindToFund,
  'evidence.3d': remind,
  'evidence.1d': remind,
  'evidence.0d': remind,
  'held.7d': remindOfHeld,
  'held.1d': remindOfHeld,
  'held.0d': remindOfHeld,
  async evidence(tx, inHand) {
    const { milestone } = inHand;
    await dropClocks(tx, milestone, 'evidence');
    // Other banks may still take it, and this one has to decide.
    const undecided = await findUndecided(tx, milestone.id);
    if (undecided) await setEvidenceClock(tx, milestone, undecided.evidenceDueAt);
    await remind(tx, inHand, 'evidence.0d');
  },
  proposal: dropProposal,
  cancellation: dropCancellation,
  async deadline(tx, inHand) {
    const { project, milestone } = inHand;
    // Of what is paid both sides see it run; of the rest the plan may have changed since.
    const left = findClock(milestone, 'deadline') ? 0 : leftToFund(tx, inHand);
    if (left === null || left > 0) return;
    await dropClocks(tx, milestone, 'deadline');
    tx.append(project.roomId, { type: 'milestone.overdue', data: presentMilestone(milestone) });
  },
  /** The processor is asked whether the money came after all; the room hears what it says. */
  payment: (tx, { milestone }) => endPaying(tx, milestone, 'expired'),
};
