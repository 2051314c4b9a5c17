import * as calls from '@safesend/shared/projects/calls.ts';
import type { FeeTerms } from '@safesend/shared/escrow/fees.ts';
import type { Door } from '../../kernel/http.ts';
import type { OwnOrigin } from '../../kernel/origin.ts';
import type { Processor } from '../../kernel/ports/processor.ts';
import { presentAnswered, presentIssued, presentMilestone, presentProject } from './present.ts';
import { milestoneMoneyDoors } from './route/money.ts';
import { acceptInvitation, declineInvitation } from './service/answers.ts';
import { archiveProject, unarchiveProject } from './service/archive.ts';
import { findDeliveries } from './service/deliveries.ts';
import {
  countedRecipient,
  findCountedRecipient,
  invite,
  resendInvitation,
  revokeInvitation,
} from './service/invitations.ts';
import { findProjects } from './service/lists.ts';
import { changeMilestone, planMilestone } from './service/milestones.ts';
import * as projects from './service/projects.ts';
import {
  exportProject,
  findByToken,
  findInvitations,
  findMyInvitation,
  findMyInvitations,
  findProject,
} from './service/reading.ts';

export interface ProjectsSetup {
  readonly origin: OwnOrigin;
  readonly processor: Processor | null;
  /** What a new project agrees about fees. */
  readonly fees: FeeTerms;
}

export function projectRoutes(door: Door, setup: ProjectsSetup): void {
  projectDoors(door, setup);
  milestoneDoors(door);
  milestoneMoneyDoors(door, setup.processor);
  invitationDoors(door, setup);
  answerDoors(door);
}

function projectDoors(door: Door, { fees }: ProjectsSetup): void {
  const one = ({ result }: { readonly result: Parameters<typeof presentProject>[0] }) => ({
    project: presentProject(result),
  });
  door(calls.createProject, ({ body, transact }) => transact((tx) => projects.createProject(tx, fees, body), one));
  door(calls.getFees, () => Promise.resolve({ fees }));
  door(calls.listProjects, ({ em, me, query }) => findProjects(em, me, query));
  door(calls.getProject, async ({ em, me, params }) => {
    const { project, milestones } = await findProject(em, params.projectId, me);
    return { project: presentProject(project), milestones: milestones.map(presentMilestone) };
  });
  door(calls.changeProject, ({ params, body, transact }) =>
    transact((tx) => projects.changeProject(tx, params.projectId, body), one),
  );
  door(calls.deleteProject, ({ params, transact }) =>
    transact((tx) => projects.deleteProject(tx, params.projectId), nothing),
  );
  door(calls.completeProject, ({ params, transact }) =>
    transact((tx) => projects.completeProject(tx, params.projectId), one),
  );
  door(calls.cancelProject, ({ params, transact }) =>
    transact((tx) => projects.cancelProject(tx, params.projectId), one),
  );
  door(calls.archiveProject, ({ params, transact }) => transact((tx) => archiveProject(tx, params.projectId), nothing));
  door(calls.unarchiveProject, ({ params, transact }) =>
    transact((tx) => unarchiveProject(tx, params.projectId), nothing),
  );
  door(calls.exportProject, async ({ em, me, params }) => {
    const { project, milestones, members, events } = await exportProject(em, params.projectId, me);
    return { project: presentProject(project), milestones: milestones.map(presentMilestone), members, events };
  });
}

function milestoneDoors(door: Door): void {
  const one = ({ result }: { readonly result: Parameters<typeof presentMilestone>[0] }) => ({
    milestone: presentMilestone(result),
  });
  door(calls.planMilestone, ({ params, body: { commandId: _commandId, ...input }, transact }) =>
    transact((tx) => planMilestone(tx, params.projectId, input), one),
  );
  door(calls.listDeliveries, ({ em, me, query }) => findDeliveries(em, me, query));
  door(calls.changeMilestone, ({ params, body: { commandId: _commandId, ...change }, transact }) =>
    transact((tx) => changeMilestone(tx, params.milestoneId, change), one),
  );
}

function invitationDoors(door: Door, { origin }: ProjectsSetup): void {
  door(calls.invite, async ({ params, body, me, limits, transact }) => {
    await limits.spend('invite.person', me);
    await limits.spend('unasked.account', countedRecipient(body));
    return transact((tx) => invite(tx, params.projectId, body, origin.url), presentIssued);
  });
  door(calls.resendInvitation, async ({ em, params, me, limits, transact }) => {
    await limits.spend('invite.person', me);
    await limits.spend('unasked.account', await findCountedRecipient(em, params.invitationId));
    return transact((tx) => resendInvitation(tx, params.invitationId, origin.url), presentIssued);
  });
  door(calls.listProjectInvitations, ({ em, me, params, query }) => findInvitations(em, params.projectId, me, query));
  door(calls.revokeInvitation, ({ params, transact }) =>
    transact((tx) => revokeInvitation(tx, params.invitationId), nothing),
  );
}

function answerDoors(door: Door): void {
  door(calls.listMyInvitations, ({ em, me, query }) => findMyInvitations(em, me, query));
  door(calls.getMyInvitation, async ({ em, me, params }) => ({
    invitation: await findMyInvitation(em, params.invitationId, me),
  }));
  door(calls.lookUpInvitation, async ({ em, body, address, limits }) => {
    await limits.spend('lookup.address', address);
    return { invitation: await findByToken(em, body.token) };
  });
  door(calls.acceptInvitation, ({ params, body, transact }) =>
    transact(
      (tx) => acceptInvitation(tx, params.invitationId, body?.token),
      ({ result }) => ({ project: presentProject(result), roomId: result.roomId }),
    ),
  );
  door(calls.declineInvitation, ({ params, body, transact }) =>
    transact((tx) => declineInvitation(tx, params.invitationId, body?.token), presentAnswered),
  );
}

function nothing(): null {
  return null;
}
