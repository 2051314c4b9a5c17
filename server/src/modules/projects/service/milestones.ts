import { Failure } from '@safesend/shared/failure.ts';
import { newId } from '@safesend/shared/ids.ts';
import type { MilestoneChange, NewMilestone } from '@safesend/shared/projects/milestone.ts';
import { maxMilestones } from '@safesend/shared/projects/project.ts';
import type { Tx } from '../../../kernel/transact.ts';
import { accessMilestone, accessProject } from '../access.ts';
import { Milestone, type Project } from '../entity.ts';
import { presentMilestone } from '../present.ts';
import { requireChargeable, requireOnePayment } from './chargeable.ts';
import { remindOfFunding } from './clocks.ts';
import { decide, milestoneFates, requireOpen } from './decide.ts';

export async function planMilestone(tx: Tx, projectId: string, input: NewMilestone): Promise<Milestone> {
  const project = await accessProject(tx, projectId, 'plan');
  await requireOpen(tx, project);
  const plan = await findPlan(tx, project);
  if (plan.filter(({ status }) => status !== 'cancelled').length >= maxMilestones) {
    throw new Failure('conflict', `A project has at most ${maxMilestones} milestones.`);
  }
  requireChargeable(input.amountMinor, project.currency, 'charged');
  requireOnePayment(input.amountMinor, project.currency, project);
  const milestone = addMilestone(tx, project, input, plan.length + 1);
  if (milestone.dueAt) await remindSoon(tx, milestone);
  return milestone;
}

/** Its row must be there first. */
export async function remindSoon(tx: Tx, milestone: Milestone): Promise<void> {
  await tx.em.flush();
  await remindOfFunding(tx, milestone);
}

/** Puts a milestone at the end of the plan. */
export function addMilestone(tx: Tx, project: Project, input: NewMilestone, position: number): Milestone {
  const milestone = tx.em.create(Milestone, {
    id: newId(),
    project,
    title: input.title,
    amountMinor: input.amountMinor,
    currency: project.currency,
    dueAt: input.dueAt ? new Date(input.dueAt) : null,
    criteria: input.criteria,
    status: 'planned',
    position,
    createdAt: tx.now,
    platformFeeBps: project.platformFeeBps,
    serviceFeeBps: project.serviceFeeBps,
    revision: 1,
    clocks: [],
  });
  tx.append(project.roomId, { type: 'milestone.planned', data: presentMilestone(milestone) });
  return milestone;
}

export async function changeMilestone(
  tx: Tx,
  milestoneId: string,
  { position, ...change }: MilestoneChange & { readonly position?: number | undefined },
): Promise<Milestone> {
  const { project, milestone } = await accessMilestone(tx, milestoneId);
  await requireOpen(tx, project);
  if (change.amountMinor !== undefined) {
    requireChargeable(change.amountMinor, milestone.currency, 'charged');
    requireOnePayment(change.amountMinor, milestone.currency, milestone);
  }
  const before = JSON.stringify(presentMilestone(milestone));
  await decided(tx, project, milestone, () => milestone.change(change));
  if (change.dueAt !== undefined) await remindOfFunding(tx, milestone);
  const moved = position === undefined ? [] : moveTo(await findPlan(tx, project), milestone, position);
  // A command that leaves everything as it is appends nothing: a fact is a change.
  const changed = before === JSON.stringify(presentMilestone(milestone)) ? [] : [milestone];
  for (const each of [...changed, ...moved]) {
    tx.append(project.roomId, { type: 'milestone.changed', data: presentMilestone(each) });
  }
  return milestone;
}

function decided(tx: Tx, { roomId }: Project, { id }: Milestone, move: () => void): Promise<void> {
  return decide(tx, { roomId, id, types: milestoneFates }, move);
}

/** Moves one milestone to a place in the plan; answers the others that had to make room. */
function moveTo(plan: readonly Milestone[], milestone: Milestone, position: number): Milestone[] {
  const others = plan.filter(({ id }) => id !== milestone.id);
  const order = others.toSpliced(position - 1, 0, milestone);
  const displaced = order.filter((it, at) => it.position !== at + 1 && it !== milestone);
  order.forEach((it, at) => (it.position = at + 1));
  return displaced;
}

async function findPlan(tx: Tx, project: Project): Promise<Milestone[]> {
  return tx.em.find(Milestone, { project: project.id }, { orderBy: { position: 'asc' } });
}
