import type { Grant, ProfileChange } from '@safesend/shared/accounts/user.ts';
import type { Room, RoomState } from '@safesend/shared/rooms/room.ts';
import type { Em } from '../../../kernel/sql.ts';
import type { Tx } from '../../../kernel/transact.ts';
import { accessAccount, accessAccountOf } from '../access.ts';
import { Profile, User, type Account } from '../entity.ts';
import { presentUser } from '../present.ts';

export async function changeProfile(tx: Tx, change: ProfileChange): Promise<Account> {
  const account = await accessAccount(tx);
  if (account.profile.change(change)) sayChanged(tx, account);
  return account;
}

/** Which picture stands for the acting person from now on. */
export async function showAvatar(tx: Tx, avatarId: string | null): Promise<Account> {
  const account = await accessAccount(tx);
  account.profile.avatarId = avatarId;
  sayChanged(tx, account);
  return account;
}

/** Says whether the account did not have it before. Who may do this is the operator's affair. */
export async function grantRole(tx: Tx, userId: string, grant: Grant): Promise<boolean> {
  const account = await accessAccountOf(tx, userId);
  const isNew = account.user.grant(grant);
  if (isNew) sayChanged(tx, account);
  return isNew;
}

function sayChanged(tx: Tx, account: Account): void {
  tx.append(account.user.inboxRoomId, { type: 'account.changed', data: presentUser(account) });
}

/** The snapshot of an inbox says whose it is. */
export async function contributeAccount(em: Em, room: Room): Promise<Partial<RoomState>> {
  if (room.kind !== 'inbox') return {};
  const user = await em.findOneOrFail(User, { inboxRoomId: room.id });
  return { account: presentUser({ user, profile: await em.findOneOrFail(Profile, user.id) }) };
}
