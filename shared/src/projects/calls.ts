import { z } from 'zod';
import { call } from '../call.ts';
import { feeTerms } from '../escrow/terms.ts';
import { commandId, id } from '../ids.ts';
import { member } from '../rooms/member.ts';
import { moment, pageQuery } from '../values.ts';
import { wireEvent } from '../rooms/event.ts';
import { invitation, newInvitation } from './invitation.ts';
import { milestone, milestoneChange, milestoneStanding, newMilestone, ownReason } from './milestone.ts';
import { newProject, project, projectChange, projectStatus } from './project.ts';

const ofProject = z.strictObject({ projectId: id });
const ofMilestone = z.strictObject({ milestoneId: id });
const ofInvitation = z.strictObject({ invitationId: id });
const withCommand = { commandId: commandId.optional() };
const oneProject = z.strictObject({ project });
const oneMilestone = z.strictObject({ milestone });
/** The token of the mail, or nothing when my username or my verified address was invited. */
const answerBody = z.strictObject({ token: z.string().min(1).max(200).optional(), ...withCommand }).optional();

/** A project in a list, with the figures its card shows. */
export const projectListItem = z.strictObject({
  ...project.shape,
  totalMinor: z.int().min(0),
  milestoneCount: z.int().min(0),
  /** How many milestones stand where; where there are none is left out. */
  milestoneStates: z.array(z.strictObject({ status: milestoneStanding, count: z.int().positive() })),
  nextDueAt: moment.nullable(),
  overdueCount: z.int().min(0),
  openInvitations: z.int().min(0),
  unread: z.int().min(0),
  lastEventAt: moment,
  archived: z.boolean(),
  members: z.array(member),
});
export type ProjectListItem = z.infer<typeof projectListItem>;

export const createProject = call({
  method: 'post',
  path: '/projects',
  summary: 'Start a project and its room',
  access: 'write',
  body: z.strictObject({ ...newProject.shape, ...withCommand }),
  answers: { 201: oneProject },
  command: 'optional',
});
export const getFees = call({
  method: 'get',
  path: '/fees',
  summary: 'The fees a new project agrees, in hundredths of a per cent; it keeps them',
  access: 'public',
  answers: { 200: z.strictObject({ fees: feeTerms }) },
});
export const listProjects = call({
  method: 'get',
  path: '/projects',
  summary: 'My projects, newest activity first',
  access: 'read',
  query: z.strictObject({
    ...pageQuery,
    status: projectStatus.optional(),
    archived: z.enum(['true', 'false']).optional(),
    q: z.string().trim().max(120).optional(),
  }),
  answers: { 200: z.strictObject({ items: z.array(projectListItem), nextCursor: z.string().nullable() }) },
});
export const getProject = call({
  method: 'get',
  path: '/projects/{projectId}',
  summary: 'A project with its milestones',
  access: 'read',
  params: ofProject,
  answers: { 200: z.strictObject({ project, milestones: z.array(milestone) }) },
});
export const changeProject = call({
  method: 'patch',
  path: '/projects/{projectId}',
  summary: 'Change title or description (owner)',
  access: 'write',
  params: ofProject,
  body: projectChange,
  answers: { 200: oneProject },
  command: 'optional',
});
export const deleteProject = call({
  method: 'delete',
  path: '/projects/{projectId}',
  summary: 'Delete a draft or cancelled project and close its room (owner)',
  access: 'write',
  params: ofProject,
  answers: { 204: null },
  command: 'optional',
});
export const completeProject = call({
  method: 'post',
  path: '/projects/{projectId}/completion',
  summary: 'Complete an active project (owner)',
  access: 'write',
  params: ofProject,
  answers: { 201: oneProject },
  command: 'optional',
});
export const cancelProject = call({
  method: 'post',
  path: '/projects/{projectId}/cancellation',
  summary: 'Cancel a draft or active project (owner)',
  access: 'write',
  params: ofProject,
  answers: { 201: oneProject },
  command: 'optional',
});
export const archiveProject = call({
  method: 'put',
  path: '/projects/{projectId}/archive',
  summary: 'Put a project out of my lists; nobody else notices',
  access: 'write',
  params: ofProject,
  answers: { 204: null },
});
export const unarchiveProject = call({
  method: 'delete',
  path: '/projects/{projectId}/archive',
  summary: 'Bring a project back into my lists',
  access: 'write',
  params: ofProject,
  answers: { 204: null },
});
export const exportProject = call({
  method: 'get',
  path: '/projects/{projectId}/export',
  summary: 'The project and every fact I may see, as one JSON document',
  access: 'read',
  params: ofProject,
  answers: {
    200: z.strictObject({
      project,
      milestones: z.array(milestone),
      members: z.array(member),
      events: z.array(wireEvent),
    }),
  },
});
export const planMilestone = call({
  method: 'post',
  path: '/projects/{projectId}/milestones',
  summary: 'Plan a milestone (the client; either side before activation)',
  access: 'write',
  params: ofProject,
  body: z.strictObject({ ...newMilestone.shape, ...withCommand }),
  answers: { 201: oneMilestone },
  command: 'optional',
});
/** A milestone for which files were handed in. */
export const delivery = z.strictObject({ milestoneId: id, title: z.string(), roomId: id, projectTitle: z.string() });
export type Delivery = z.infer<typeof delivery>;

export const listDeliveries = call({
  method: 'get',
  path: '/deliveries',
  summary: 'The milestones of my rooms for which files were handed in, newest first',
  access: 'read',
  query: z.strictObject({ ...pageQuery, roomId: id.optional() }),
  answers: { 200: z.strictObject({ items: z.array(delivery), nextCursor: z.string().nullable() }) },
});
export const changeMilestone = call({
  method: 'patch',
  path: '/milestones/{milestoneId}',
  summary: 'Change a planned milestone',
  access: 'write',
  params: ofMilestone,
  body: z.strictObject({ ...milestoneChange.shape, position: z.int().min(1).max(1_000).optional(), ...withCommand }),
  answers: { 200: oneMilestone },
  command: 'optional',
});
export const cancelMilestone = call({
  method: 'post',
  path: '/milestones/{milestoneId}/cancellation',
  summary: 'Take a planned milestone out of the plan, or ask the other side to end a funded one',
  access: 'write',
  params: ofMilestone,
  body: z.strictObject({ reason: ownReason.optional(), commandId: commandId.optional() }).optional(),
  answers: { 201: oneMilestone },
  command: 'optional',
});
export const invite = call({
  method: 'post',
  path: '/projects/{projectId}/invitations',
  summary: 'Invite somebody by e-mail or username (owner); the token is a bearer secret',
  access: 'write',
  params: ofProject,
  body: newInvitation.safeExtend(withCommand),
  answers: { 201: z.strictObject({ invitation: z.strictObject({ ...invitation.shape, token: z.string() }) }) },
  command: 'optional',
});
export const listProjectInvitations = call({
  method: 'get',
  path: '/projects/{projectId}/invitations',
  summary: 'Every invitation of a project, newest first (owner)',
  access: 'read',
  params: ofProject,
  query: z.strictObject(pageQuery),
  answers: { 200: z.strictObject({ items: z.array(invitation), nextCursor: z.string().nullable() }) },
});
export const listMyInvitations = call({
  method: 'get',
  path: '/invitations',
  summary: 'Open invitations to me, newest first',
  access: 'read',
  query: z.strictObject(pageQuery),
  answers: { 200: z.strictObject({ items: z.array(invitation), nextCursor: z.string().nullable() }) },
});
export const getMyInvitation = call({
  method: 'get',
  path: '/invitations/{invitationId}',
  summary: 'An invitation to me, whatever has become of it',
  access: 'read',
  params: ofInvitation,
  answers: { 200: z.strictObject({ invitation }) },
});
export const lookUpInvitation = call({
  method: 'post',
  path: '/invitations/lookup',
  summary: 'What the bearer of a token is invited to',
  access: 'public',
  body: z.strictObject({ token: z.string().min(1).max(200) }),
  answers: { 200: z.strictObject({ invitation }) },
});
export const acceptInvitation = call({
  method: 'post',
  path: '/invitations/{invitationId}/acceptance',
  summary: 'Accept: join the room',
  access: 'write',
  params: ofInvitation,
  body: answerBody,
  answers: { 200: z.strictObject({ project, roomId: id }) },
  command: 'optional',
});
export const declineInvitation = call({
  method: 'post',
  path: '/invitations/{invitationId}/decline',
  summary: 'Decline an invitation',
  access: 'write',
  params: ofInvitation,
  body: answerBody,
  answers: { 200: z.strictObject({ invitation }) },
  command: 'optional',
});
export const resendInvitation = call({
  method: 'post',
  path: '/invitations/{invitationId}/delivery',
  summary: 'Send the invitation again with a fresh token and 14 more days (owner)',
  access: 'write',
  params: ofInvitation,
  answers: { 201: z.strictObject({ invitation: z.strictObject({ ...invitation.shape, token: z.string() }) }) },
  command: 'optional',
});
export const revokeInvitation = call({
  method: 'delete',
  path: '/invitations/{invitationId}',
  summary: 'Take an invitation back (owner)',
  access: 'write',
  params: ofInvitation,
  answers: { 204: null },
  command: 'optional',
});

/** Everything the dashboard shows; each figure is counted when it is asked for. */
export const dashboard = z.strictObject({
  projects: z.strictObject({
    draft: z.int(),
    active: z.int(),
    completed: z.int(),
    cancelled: z.int(),
  }),
  unread: z.int(),
  unreadNotifications: z.int(),
  openInvitations: z.array(invitation),
  /** Planned milestones of open projects: sums per currency, and the next ones that are due. */
  planned: z.array(z.strictObject({ currency: project.shape.currency, amountMinor: z.int(), count: z.int() })),
  overdueCount: z.int(),
  upcoming: z.array(z.strictObject({ milestone, roomId: id, projectTitle: z.string() })),
  /** Milestones whose next step is mine, the soonest due first, and on which side of the money I stand there. */
  turns: z.array(
    z.strictObject({ milestone, roomId: id, projectTitle: z.string(), side: z.enum(['client', 'freelancer']) }),
  ),
  recent: z.array(projectListItem),
});
export type Dashboard = z.infer<typeof dashboard>;
export const getDashboard = call({
  method: 'get',
  path: '/dashboard',
  summary: 'My figures at this instant',
  access: 'read',
  answers: { 200: dashboard },
});
