import { defineEntity, p } from '@mikro-orm/core';
import { Failure } from '@safesend/shared/failure.ts';
import type { Currency } from '@safesend/shared/money.ts';
import type { ProjectChange, ProjectStatus } from '@safesend/shared/projects/project.ts';
import type { RoomRole } from '@safesend/shared/rooms/member.ts';

const ProjectSchema = defineEntity({
  name: 'Project',
  tableName: 'projects',
  properties: {
    id: p.uuid().primary(),
    roomId: p.uuid(),
    title: p.text(),
    description: p.text(),
    currency: p.text().$type<Currency>(),
    status: p.text().$type<ProjectStatus>(),
    ownerId: p.uuid(),
    clientId: p.uuid().nullable(),
    freelancerId: p.uuid().nullable(),
    platformFeeBps: p.integer(),
    serviceFeeBps: p.integer(),
    createdAt: p.datetime(3),
    activatedAt: p.datetime(3).nullable(),
    completedAt: p.datetime(3).nullable(),
    cancelledAt: p.datetime(3).nullable(),
    deletedAt: p.datetime(3).nullable(),
  },
});

export class Project extends ProjectSchema.class {
  change({ title, description }: ProjectChange): void {
    this.requireOpen();
    this.title = title ?? this.title;
    this.description = description ?? this.description;
  }

  /** Who has the money side that goes with a role, whether or not he is in the room now. */
  partyOf(role: RoomRole): string | null {
    return (role === 'client' ? this.clientId : this.freelancerId) ?? null;
  }

  /**
   * The first newcomer on the other side of the owner becomes the second money party; with both the work begins. The next
   * one takes over from a party who is gone, which nobody is while money is held for him.
   */
  welcome(userId: string, role: RoomRole, isVacant: boolean, now: Date): 'activated' | 'changed' | 'unchanged' {
    this.requireOpen();
    if (!isVacant || this.partyOf(role) === userId) return 'unchanged';
    this[role === 'client' ? 'clientId' : 'freelancerId'] = userId;
    if (this.status === 'active') return 'changed';
    move(this, ['draft'], 'active');
    this.activatedAt = now;
    return 'activated';
  }

  complete(now: Date): void {
    move(this, ['active'], 'completed');
    this.completedAt = now;
  }

  cancel(now: Date): void {
    move(this, ['draft', 'active'], 'cancelled');
    this.cancelledAt = now;
  }

  delete(now: Date): void {
    if (this.status !== 'draft' && this.status !== 'cancelled') {
      throw new Failure('conflict', `Only a draft or cancelled project can be deleted; this one is ${this.status}.`);
    }
    this.deletedAt = now;
  }

  requireOpen(): void {
    if (this.status !== 'draft' && this.status !== 'active') {
      throw new Failure('conflict', `This project is ${this.status} and no longer changes.`);
    }
  }
}
ProjectSchema.setClass(Project);

// A plain function: the ORM builds entities without their constructor, so `#private` members do not exist on them.
function move(project: Project, from: readonly ProjectStatus[], to: ProjectStatus): void {
  if (!from.includes(project.status)) {
    throw new Failure('conflict', `A project that is ${project.status} cannot be ${to === 'active' ? 'begun' : to}.`);
  }
  project.status = to;
}
