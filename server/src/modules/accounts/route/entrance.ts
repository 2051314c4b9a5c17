import * as calls from '@safesend/shared/accounts/calls.ts';
import { newId } from '@safesend/shared/ids.ts';
import type { Asked, Door } from '../../../kernel/http.ts';
import type { OwnOrigin } from '../../../kernel/origin.ts';
import type { Tx } from '../../../kernel/transact.ts';
import { presentSignedIn } from '../present.ts';
import { deviceOf } from '../service/device.ts';
import { hashPassword } from '../service/passwords.ts';
import { findAccount, isEmailFree, isUsernameFree } from '../service/people.ts';
import { findRegistered, register, registrationKeyOf, type RegistrationGate } from '../service/registration.ts';
import { findRegistrationMode } from '../service/settings.ts';
import { endSession, startSession, type SessionCookies } from '../service/sessions.ts';
import { countedAddress, findSignInLinkOwner, provePassword, signIn, useSignInLink } from '../service/signin.ts';

export interface Entrance {
  readonly authenticate: { readonly cookies: SessionCookies };
  readonly origin: OwnOrigin;
  readonly registrationGate: RegistrationGate;
}

/** Opening an account, signing in and out. */
export function entranceRoutes(door: Door, { authenticate: { cookies }, origin, registrationGate }: Entrance): void {
  door(calls.getRegistration, async ({ em }) => ({ mode: await findRegistrationMode(em) }));
  door(calls.register, (asked) => signUp(asked, { cookies, origin: origin.url, registrationGate }));
  door(calls.login, async (asked) => {
    const user = await provePassword(asked, asked.body.email, asked.body.password);
    return enter(asked, cookies, user.id, (tx) => signIn(tx, user.passwordHash));
  });
  door(calls.useLink, async (asked) => {
    await asked.limits.spend('signIn.address', asked.address);
    const owner = await findSignInLinkOwner(asked.em, asked.body.token);
    return enter(asked, cookies, owner, (tx) => useSignInLink(tx, asked.body.token));
  });
  door(calls.logout, async ({ c, identity, transact }) => {
    const ended = await transact(
      (tx) => endSession(tx, identity?.credentialKey ?? ''),
      () => null,
    );
    c.header('Set-Cookie', cookies.ended(), { append: true });
    return ended;
  });
  door(calls.me, async ({ em, me }) => presentSignedIn(await findAccount(em, me)));
  door(calls.checkEmail, async ({ em, query, limits, address }) => {
    await limits.spend('lookup.address', address);
    return { available: await isEmailFree(em, query.email) };
  });
  door(calls.checkUsername, async ({ em, query, limits, address }) => {
    await limits.spend('lookup.address', address);
    return { available: await isUsernameFree(em, query.username) };
  });
}

interface SignUp {
  readonly cookies: SessionCookies;
  readonly origin: string;
  readonly registrationGate: RegistrationGate;
}

/** Opens an account and signs in; the same command sent again signs in to the account it opened. */
async function signUp(asked: Asked<typeof calls.register>, { cookies, ...entrance }: SignUp) {
  const { body, limits, address, commandId } = asked;
  await limits.spend('register.address', address);
  await limits.spend('unasked.account', countedAddress(body.email));
  const registrationKey = registrationKeyOf(body, commandId);
  const secrets = { passwordHash: await hashPassword(body.password), registrationKey };
  const open = (tx: Tx) => register(tx, entrance, body, secrets);
  return enter(asked, cookies, newId(), open).catch(async (refusal: unknown) => {
    const account = await findRegistered(asked, registrationKey, body);
    if (!account) throw refusal;
    return enter(asked, cookies, account.user.id, async () => account);
  });
}

type Visit = Pick<Asked<typeof calls.login>, 'c' | 'identity' | 'transactAs'>;
type SignedIn = Awaited<ReturnType<typeof signIn>>;

/** Begins a session and hands out its cookie; the one this browser had before ends. */
export async function enter(
  visit: Visit,
  cookies: SessionCookies,
  userId: string,
  prove: (tx: Tx) => Promise<SignedIn>,
) {
  const { c, identity, transactAs } = visit;
  const device = deviceOf(c.req.header('user-agent'));
  const { result } = await transactAs({ id: userId }, async (tx) => {
    const account = await prove(tx);
    return { account, secret: await startSession(tx, account.user, device) };
  });
  if (identity?.kind === 'session')
    await transactAs({ id: identity.userId }, (tx) => endSession(tx, identity.credentialKey));
  c.header('Set-Cookie', cookies.begun(result.secret), { append: true });
  return presentSignedIn(result.account);
}
