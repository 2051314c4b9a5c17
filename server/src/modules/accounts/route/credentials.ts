import * as calls from '@safesend/shared/accounts/calls.ts';
import type { Asked, Door } from '../../../kernel/http.ts';
import type { OwnOrigin } from '../../../kernel/origin.ts';
import * as addresses from '../service/addresses.ts';
import * as passwords from '../service/password-changes.ts';
import { findUser } from '../service/people.ts';
import { confirmSession } from '../service/sessions.ts';
import { countedAddress, proveOwnPassword } from '../service/signin.ts';

/** What an account is proven by: its address and its password. */
export function credentialRoutes(door: Door, { origin }: { readonly origin: OwnOrigin }): void {
  door(calls.verifyEmail, async ({ body, em, limits, address, transactAs }) => {
    await limits.spend('signIn.address', address);
    const owner = await addresses.findVerificationOwner(em, body.token);
    await transactAs({ id: owner }, (tx) => addresses.verifyEmail(tx, origin.url, body.token));
    return null;
  });
  door(calls.resendVerification, async (asked) => {
    const user = await findUser(asked.em, asked.me);
    await spendMail(asked, user.pendingEmail ?? user.email);
    return asked.transact(
      (tx) => addresses.resendVerification(tx, origin.url),
      () => null,
    );
  });
  door(calls.changeEmail, async (asked) => {
    const { me, body, transact } = asked;
    const { passwordHash } = await proveOwnPassword(asked, me, body.password, 'password');
    await spendMail(asked, body.email);
    return transact(
      (tx) => addresses.changeEmail(tx, origin.url, body.email, passwordHash),
      () => null,
    );
  });
  door(calls.cancelEmailChange, async ({ transact }) => transact(addresses.cancelEmailChange, () => null));
  door(calls.requestPasswordReset, async (asked) => {
    await spendMail(asked, asked.body.email);
    await asked.transactAs({ id: null }, (tx) => passwords.requestPasswordReset(tx, asked.body.email));
    return null;
  });
  door(calls.lookUpPasswordReset, async ({ body, em, limits, address }) => {
    await limits.spend('lookup.address', address);
    await passwords.checkResetLink(em, body.token);
    return null;
  });
  door(calls.resetPassword, async ({ body, em, limits, address, transactAs }) => {
    await limits.spend('signIn.address', address);
    const owner = await passwords.findResetOwner(em, body.token);
    const passwordHash = await passwords.hashNewPassword(em, owner, body.password);
    const { result } = await transactAs({ id: owner }, (tx) => passwords.resetPassword(tx, body.token, passwordHash));
    await limits.clear('signIn.account', countedAddress(result.email));
    return null;
  });
  door(calls.changePassword, async (asked) => {
    const { me, body, em, identity, transact } = asked;
    const user = await proveOwnPassword(asked, me, body.currentPassword, 'currentPassword');
    passwords.refuseSamePassword(body);
    const passwordHash = await passwords.hashNewPassword(em, me, body.password);
    const change = { proven: user.passwordHash, passwordHash, keptSession: identity?.credentialKey ?? '' };
    return transact(
      (tx) => passwords.changePassword(tx, change),
      () => null,
    );
  });
  door(calls.reauthenticate, async (asked) => {
    const { me, body, identity, transact } = asked;
    await proveOwnPassword(asked, me, body.password, 'password');
    return transact(
      (tx) => confirmSession(tx, identity?.credentialKey ?? ''),
      () => null,
    );
  });
}

/** Nobody's mailbox is filled through us, whoever asks and whether or not there is an account. */
async function spendMail(
  { limits, address }: Pick<Asked<typeof calls.login>, 'limits' | 'address'>,
  email: string,
): Promise<void> {
  await limits.spend('mail.address', address);
  await limits.spend('mail.account', countedAddress(email));
}
