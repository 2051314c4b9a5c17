import { Invitation } from './entity/invitation.ts';
import { Milestone } from './entity/milestone.ts';
import { Project } from './entity/project.ts';

export { expiryFrom, type Tokens } from './entity/invitation.ts';
export { Invitation, Milestone, Project };

export const projectEntities = [Project, Milestone, Invitation];
