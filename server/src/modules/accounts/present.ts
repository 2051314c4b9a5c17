import type { Passkey as PasskeyView } from '@safesend/shared/accounts/passkey.ts';
import type { ApiToken as ApiTokenView, Person, Session, User as UserView } from '@safesend/shared/accounts/user.ts';
import type { SupportTicket } from '@safesend/shared/admin/support.ts';
import type { Account, ApiToken, Passkey } from './entity.ts';

/** The account as its owner sees it. */
export function presentUser({ user, profile }: Account): UserView {
  return {
    id: user.id,
    email: user.email,
    emailVerifiedAt: user.emailVerifiedAt?.toISOString() ?? null,
    pendingEmail: user.pendingEmail ?? null,
    username: user.username,
    displayName: profile.displayName,
    role: user.role,
    grants: [...user.grants],
    headline: profile.headline,
    bio: profile.bio,
    timeZone: profile.timeZone ?? null,
    avatarId: profile.avatarId ?? null,
    readReceipts: profile.readReceipts,
    createdAt: user.createdAt.toISOString(),
  };
}

/** The account as others in a shared room see it. */
export function presentPerson({ user, profile }: Account): Person {
  return { userId: user.id, username: user.username, displayName: profile.displayName };
}

export function presentSignedIn(account: Account): { user: UserView; inboxRoomId: string } {
  return { user: presentUser(account), inboxRoomId: account.user.inboxRoomId };
}

export interface SessionRow {
  readonly id: string;
  readonly public_id: string;
  readonly device: string;
  readonly created_at: Date | string;
  readonly last_used_at: Date | string;
  readonly expires_at: Date | string;
}

export function presentSession(row: SessionRow, currentKey: string | undefined): Session {
  return {
    id: row.public_id,
    current: row.id === currentKey,
    device: row.device,
    createdAt: new Date(row.created_at).toISOString(),
    lastUsedAt: new Date(row.last_used_at).toISOString(),
    expiresAt: new Date(row.expires_at).toISOString(),
  };
}

export function presentApiToken({ id, name, scopes, createdAt, lastUsedAt, expiresAt }: ApiToken): ApiTokenView {
  return {
    id,
    name,
    scopes: [...scopes],
    createdAt: createdAt.toISOString(),
    lastUsedAt: lastUsedAt?.toISOString() ?? null,
    expiresAt: expiresAt?.toISOString() ?? null,
  };
}

export function presentPasskey({ id, name, createdAt, lastUsedAt }: Passkey): PasskeyView {
  return { id, name, createdAt: createdAt.toISOString(), lastUsedAt: lastUsedAt?.toISOString() ?? null };
}

/** A support request as it is kept, and who was signed in. */
export interface Ticket {
  readonly id: string;
  readonly email: string;
  readonly person: Person | null;
  readonly subject: string;
  readonly body: string;
  readonly at: Date | string;
  readonly answered_at: string | null;
}

export function presentTicket({ id, email, person, subject, body, at, answered_at }: Ticket): SupportTicket {
  return { id, email, person, subject, body, at: new Date(at).toISOString(), answeredAt: answered_at };
}
