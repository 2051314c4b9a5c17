import { defineEntity, p } from '@mikro-orm/core';
import { Failure } from '@safesend/shared/failure.ts';
import { invitationDays } from '@safesend/shared/projects/invitation.ts';
import type { RoomRole } from '@safesend/shared/rooms/member.ts';
import { sha256 } from '../../../kernel/chain.ts';
import { Project } from './project.ts';

const InvitationSchema = defineEntity({
  name: 'Invitation',
  tableName: 'invitations',
  properties: {
    id: p.uuid().primary(),
    project: () => p.manyToOne(Project).ref(),
    inviterId: p.uuid(),
    role: p.text().$type<RoomRole>(),
    email: p.text().nullable(),
    userId: p.uuid().nullable(),
    history: p.text().$type<'whole' | 'join'>(),
    /** Of the token its maker was given. */
    tokenHash: p.text(),
    /** Of the token that went by mail alone: whoever has it reads that mailbox. */
    mailedTokenHash: p.text(),
    /** What the project was called when he was told of it last. */
    toldTitle: p.text(),
    status: p.text().$type<'pending' | 'accepted' | 'declined' | 'revoked'>(),
    acceptedBy: p.uuid().nullable(),
    createdAt: p.datetime(3),
    expiresAt: p.datetime(3),
  },
});

/** What its maker is given, and what goes by mail alone. */
export interface Tokens {
  readonly own: string;
  readonly mailed: string;
}

export class Invitation extends InvitationSchema.class {
  isExpired(now: Date): boolean {
    return this.status === 'pending' && this.expiresAt <= now;
  }

  /** Does it invite anybody still? Who came by it knows the project as a member, as long as he is one. */
  isOpen(now: Date): boolean {
    return this.status === 'pending' && !this.isExpired(now);
  }

  opensWith(token: string): boolean {
    return [this.tokenHash, this.mailedTokenHash].includes(sha256(token));
  }

  cameByMail(token: string): boolean {
    return this.mailedTokenHash === sha256(token);
  }

  accept(userId: string, now: Date): void {
    this.requireAnswerable(now);
    this.status = 'accepted';
    this.acceptedBy = userId;
  }

  decline(now: Date): void {
    this.requireAnswerable(now);
    this.status = 'declined';
  }

  revoke(): void {
    this.requirePending();
    this.status = 'revoked';
  }

  renew({ own, mailed }: Tokens, title: string, now: Date): void {
    this.requirePending();
    this.tokenHash = sha256(own);
    this.mailedTokenHash = sha256(mailed);
    this.toldTitle = title;
    this.expiresAt = expiryFrom(now);
  }

  requireAnswerable(now: Date): void {
    this.requirePending();
    if (this.isExpired(now)) throw new Failure('conflict', 'This invitation has expired. Ask for a new one.');
  }

  requirePending(): void {
    if (this.status === 'revoked') throw new Failure('conflict', 'This invitation was taken back.');
    if (this.status !== 'pending') throw new Failure('conflict', `This invitation was already ${this.status}.`);
  }
}
InvitationSchema.setClass(Invitation);

const dayMs = 24 * 60 * 60 * 1000;

export function expiryFrom(now: Date): Date {
  return new Date(now.getTime() + invitationDays * dayMs);
}
