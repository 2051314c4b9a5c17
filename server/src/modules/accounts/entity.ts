import { defineEntity, p } from '@mikro-orm/core';
import {
  closedName,
  type AccountRole,
  type Grant,
  type ProfileChange,
  type TokenScope,
} from '@safesend/shared/accounts/user.ts';

const UserSchema = defineEntity({
  name: 'User',
  tableName: 'users',
  properties: {
    id: p.uuid().primary(),
    email: p.text(),
    emailVerifiedAt: p.datetime().nullable(),
    /** Asked for and not proven: whose link is still good. Kept with the links alone, so that the two cannot differ. */
    pendingEmail: p
      .text()
      .nullable()
      .formula(
        ({ id, email }) => `(select l.email from account_links l where l.user_id = ${id}
          and l.purpose = 'verification' and l.used_at is null and l.email <> ${email} limit 1)`,
      ),
    username: p.text(),
    /** Null until a password is set: people of a demo workspace come in by one-time links. */
    passwordHash: p.text().nullable(),
    role: p.text().$type<AccountRole>(),
    grants: p.array<Grant>(),
    inboxRoomId: p.uuid(),
    /** Which registration command made this account, so that the command sent again finds it. */
    registrationKey: p.text().nullable(),
    createdAt: p.datetime(),
    /** Null while it is somebody's. */
    closedAt: p.datetime().nullable(),
  },
});
export class User extends UserSchema.class {
  verifyEmail(now: Date): void {
    this.emailVerifiedAt ??= now;
  }

  /** To the address that was asked for, now that its link was opened. */
  moveTo(email: string, now: Date): void {
    this.email = email;
    this.emailVerifiedAt = now;
    this.pendingEmail = null;
  }

  /** Nobody's any more: the address is free, and the name says nothing. */
  close(now: Date): void {
    this.email = `${this.id}@closed.invalid`;
    this.emailVerifiedAt = null;
    this.pendingEmail = null;
    this.username = closedUsername(this.id);
    this.passwordHash = null;
    this.registrationKey = null;
    this.grants = [];
    this.closedAt = now;
  }

  grant(grant: Grant): boolean {
    if (this.grants.includes(grant)) return false;
    this.grants = [...this.grants, grant];
    return true;
  }
}
UserSchema.setClass(User);

export function closedUsername(userId: string): string {
  return `closed-${userId.slice(-12)}`;
}

const ProfileSchema = defineEntity({
  name: 'Profile',
  tableName: 'profiles',
  properties: {
    userId: p.uuid().primary(),
    displayName: p.text(),
    headline: p.text().default(''),
    bio: p.text().default(''),
    timeZone: p.text().nullable(),
    avatarId: p.uuid().nullable(),
    readReceipts: p.boolean().default(true),
  },
});
export class Profile extends ProfileSchema.class {
  clear(): void {
    Object.assign(this, { displayName: closedName, headline: '', bio: '', timeZone: null, avatarId: null });
  }

  /** Says whether anything is different now. */
  change({ displayName, headline, bio, timeZone, readReceipts }: ProfileChange): boolean {
    const before = JSON.stringify(said(this));
    this.displayName = displayName ?? this.displayName;
    this.headline = headline ?? this.headline;
    this.bio = bio ?? this.bio;
    this.timeZone = timeZone ?? this.timeZone;
    this.readReceipts = readReceipts ?? this.readReceipts;
    return JSON.stringify(said(this)) !== before;
  }
}
ProfileSchema.setClass(Profile);

function said({ displayName, headline, bio, timeZone, readReceipts }: Profile): ProfileChange {
  return { displayName, headline, bio, timeZone: timeZone ?? undefined, readReceipts };
}

/** A person's own account: how he signs in and how he appears. */
export interface Account {
  readonly user: User;
  readonly profile: Profile;
}

const ApiTokenSchema = defineEntity({
  name: 'ApiToken',
  tableName: 'api_tokens',
  properties: {
    id: p.uuid().primary(),
    userId: p.uuid(),
    name: p.text(),
    tokenHash: p.text(),
    scopes: p.array<TokenScope>(),
    createdAt: p.datetime(),
    lastUsedAt: p.datetime().nullable(),
    expiresAt: p.datetime().nullable(),
    revokedAt: p.datetime().nullable(),
  },
});
export class ApiToken extends ApiTokenSchema.class {}
ApiTokenSchema.setClass(ApiToken);

const PasskeySchema = defineEntity({
  name: 'Passkey',
  tableName: 'passkeys',
  properties: {
    id: p.uuid().primary(),
    userId: p.uuid(),
    credentialId: p.text(),
    publicKey: p.text(),
    /** How often it was used, where the device counts; it only grows. */
    counter: p.bigint(),
    transports: p.array<string>(),
    name: p.text(),
    createdAt: p.datetime(),
    lastUsedAt: p.datetime().nullable(),
  },
});
export class Passkey extends PasskeySchema.class {}
PasskeySchema.setClass(Passkey);

export const accountEntities = [User, Profile, ApiToken, Passkey];
