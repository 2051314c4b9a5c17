import type { Registration } from '@safesend/shared/accounts/forms.ts';
import type { AccountRole, Grant } from '@safesend/shared/accounts/user.ts';
import { Failure } from '@safesend/shared/failure.ts';
import { newId } from '@safesend/shared/ids.ts';
import { sha256 } from '../../../kernel/chain.ts';
import type { Tx } from '../../../kernel/transact.ts';
import { Profile, User, type Account } from '../entity.ts';
import { presentPerson, presentUser } from '../present.ts';
import { sendVerification } from './addresses.ts';
import { isPassword } from './passwords.ts';
import { findAccount } from './people.ts';
import { findRegistrationMode } from './settings.ts';
import { countedAddress, type Attempt } from './signin.ts';
import { refuseRacing, refuseTaken } from './taken.ts';

/** Is this the token of an invitation that is still open? Answered by whoever makes invitations. */
export type RegistrationGate = (tx: Tx, token: string) => Promise<boolean>;

export interface NewAccount {
  readonly email: string;
  readonly username: string;
  readonly displayName: string;
  readonly role: AccountRole;
  readonly passwordHash: string | null;
  readonly timeZone?: string | null | undefined;
  readonly registrationKey?: string | null;
  /** Vouched for by an operator or the demo: these addresses need no mail. */
  readonly isVerified?: boolean;
  readonly grants?: readonly Grant[];
}

/** Opens the account of the acting person: user, profile and inbox are born together. */
export async function openAccount(tx: Tx, account: NewAccount): Promise<Account> {
  await refuseTaken(tx.em, account);
  const { email, username, role, passwordHash, registrationKey = null, isVerified = false, grants = [] } = account;
  const user = tx.em.create(User, {
    ...{ id: tx.me, email, username, passwordHash, role, registrationKey },
    emailVerifiedAt: isVerified ? tx.now : null,
    grants: [...grants],
    inboxRoomId: newId(),
    createdAt: tx.now,
  });
  await tx.em.flush().catch(refuseRacing);
  const { displayName, timeZone = null } = account;
  const profile = tx.em.create(Profile, { userId: user.id, displayName, timeZone });
  await tx.em.flush();
  openInbox(tx, { user, profile });
  return { user, profile };
}

function openInbox(tx: Tx, account: Account): void {
  const { id, inboxRoomId, role } = account.user;
  tx.openRoom({ id: inboxRoomId, kind: 'inbox', title: '' });
  const joined = { ...presentPerson(account), role, invitationId: null };
  tx.admit(inboxRoomId, { userId: id, role, history: 'whole' }, { type: 'member.joined', data: joined });
  tx.append(inboxRoomId, { type: 'account.registered', data: presentUser(account) });
}

interface Entrance {
  readonly origin: string;
  readonly registrationGate: RegistrationGate;
}

/** What a visitor does on the sign-up page. */
export async function register(
  tx: Tx,
  entrance: Entrance,
  registration: Registration,
  secrets: Secrets,
): Promise<Account> {
  await refuseUninvited(tx, entrance, registration.invitation);
  const { email, username, displayName, role, timeZone } = registration;
  const account = await openAccount(tx, { email, username, displayName, role, timeZone, ...secrets });
  await sendVerification(tx, entrance.origin, account);
  return account;
}

interface Secrets {
  readonly passwordHash: string;
  readonly registrationKey: string | null;
}

/** A visitor has no account to keep command ids under; his address stands for him. */
export function registrationKeyOf({ email }: Registration, commandId: string): string | null {
  return commandId === '' ? null : sha256(`${email}\n${commandId}`);
}

/** The account this very command opened before, for whoever knows its password. */
export async function findRegistered(
  { em, limits }: Attempt,
  key: string | null,
  again: Registration,
): Promise<Account | null> {
  const user = key === null ? null : await em.findOne(User, { registrationKey: key });
  if (!user) return null;
  await limits.spend('signIn.account', countedAddress(again.email));
  const account = await findAccount(em, user.id);
  const { displayName } = account.profile;
  const isSame = user.username === again.username && user.role === again.role && displayName === again.displayName;
  if (!isSame || !(await isPassword(user.passwordHash, again.password))) {
    throw new Failure('conflict', 'This command id was used for something else.');
  }
  return account;
}

async function refuseUninvited(tx: Tx, { registrationGate }: Entrance, token: string | undefined): Promise<void> {
  if ((await findRegistrationMode(tx.em)) === 'open') return;
  if (token !== undefined && (await registrationGate(tx, token))) return;
  throw new Failure('forbidden', 'New accounts are by invitation here. Open the link in your invitation to sign up.');
}
