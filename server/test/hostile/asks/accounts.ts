import {
  createApiToken,
  listSessions,
  login,
  reauthenticate,
  requestPasswordReset,
  resendVerification,
} from '@safesend/shared/accounts/calls.ts';
import { listPasskeys, removePasskey } from '@safesend/shared/accounts/passkey-calls.ts';
import { newId } from '@safesend/shared/ids.ts';
import { makeSignInLink } from '../../../src/modules/accounts/service/signin.ts';
import { enrol, toConfirm, toEnrol, toSignIn } from '../../authenticator.ts';
import { send, signUp, type Person } from '../../harness.ts';
import { mailTo, tokenIn } from '../../mails.ts';
import { avatarOf, pixel, type Things } from '../world.ts';
import { freshName, other, password, somebodyOf, type Asking, type Asks } from './ask.ts';

const registration = () => {
  const username = freshName();
  return { email: `${username}@example.com`, username, password, displayName: 'Fresh', role: 'client' };
};
const ofPerson: Asking = (at, world, who) => ({ params: { userId: other(at, world, who).userId } });

/** The doors of accounts, of what is one's own, and of the installation. */
export const accountAsks: Asks = {
  'GET /api/docs/{asset}': () => ({ params: { asset: 'start.js' } }),
  'POST /api/v1/test/clock': () => ({ body: { advanceSeconds: 0 } }),
  'POST /api/v1/auth/register': () => ({ body: registration() }),
  'POST /api/v1/auth/login': (_, world, who) => ({ body: { email: somebodyOf(world, who).user.email, password } }),
  'POST /api/v1/auth/link': async (_, world, who) => {
    const { result } = await world.app.transact({ id: null }, (tx) =>
      makeSignInLink(tx, 'x:', somebodyOf(world, who).id),
    );
    return { body: { token: result.split('token=')[1] } };
  },
  'POST /api/v1/auth/verification': async (_, { app }) => {
    const person = await signUp(app);
    await person.must(resendVerification);
    return { body: { token: tokenIn(await mailTo(app, person.user.email, /./)) } };
  },
  'POST /api/v1/auth/password-reset': () => ({ body: { email: 'nobody@example.com' } }),
  'POST /api/v1/auth/password-reset/lookup': async (_, { app, base }) => {
    const { email } = (await signUp(app)).user;
    await send(base, requestPasswordReset, { body: { email } });
    return { body: { token: tokenIn(await mailTo(app, email, /password/i)) } };
  },
  'POST /api/v1/auth/password-reset/completion': async (_, { app, base }) => {
    const { email } = (await signUp(app)).user;
    await send(base, requestPasswordReset, { body: { email } });
    return { body: { token: tokenIn(await mailTo(app, email, /password/i)), password: 'quite another passphrase' } };
  },
  'POST /api/v1/support': () => ({ body: { email: 'me@example.com', subject: 'Help', body: 'Please' } }),
  'GET /api/v1/auth/check-email': () => ({ query: { email: 'free@example.com' } }),
  'GET /api/v1/auth/check-username': () => ({ query: { username: 'free-name' } }),
  'POST /api/v1/auth/reauthentication': () => ({ body: { password } }),
  'POST /api/v1/auth/passkey-sign-in': async (_, world, who) => {
    const { device } = await enrolAnew(somebodyOf(world, who));
    return { body: await toSignIn(world.base, device) };
  },
  'POST /api/v1/auth/reauthentication/challenge': async (_, __, who) => {
    if (who) await enrolAnew(who);
    return {};
  },
  'POST /api/v1/auth/reauthentication/passkey': async (_, __, who) =>
    who ? { body: await toConfirm(who, (await enrolAnew(who)).device) } : {},
  'POST /api/v1/auth/passkeys/challenge': async (_, __, who) => {
    await who?.must(reauthenticate, { body: { password } });
    return {};
  },
  'POST /api/v1/auth/passkeys': async (_, __, who) => (who ? { body: await toEnrol(who) } : {}),
  'PATCH /api/v1/auth/passkeys/{passkeyId}': async (at, _, who) => ({
    params: { passkeyId: await passkeyIdOf(at, who) },
    body: { name: freshName() },
  }),
  'DELETE /api/v1/auth/passkeys/{passkeyId}': async (at, _, who) => {
    await who?.must(reauthenticate, { body: { password } });
    return { params: { passkeyId: await passkeyIdOf(at, who) } };
  },
  'PUT /api/v1/auth/password': () => ({ body: { currentPassword: password, password: 'quite another passphrase' } }),
  'PUT /api/v1/auth/email': () => ({ body: { password, email: `${freshName()}@example.com` } }),
  'POST /api/v1/api-tokens': () => ({ body: { name: 'Script', scopes: ['read'] } }),
  'PATCH /api/v1/auth/profile': () => ({ body: { headline: freshName() } }),
  'PUT /api/v1/notifications/read': () => ({ body: { all: true } }),
  'PUT /api/v1/notification-preferences': () => ({ body: { preferences: { plans: { email: true } } } }),
  'DELETE /api/v1/auth/sessions/{sessionId}': async (at, _, who) => ({
    params: { sessionId: at.sessionId ?? (who ? await otherSessionOf(who) : newId()) },
  }),
  'DELETE /api/v1/api-tokens/{apiTokenId}': async (at, _, who) => ({
    params: { apiTokenId: at.apiTokenId ?? (who ? await tokenIdOf(who) : newId()) },
  }),
  'PUT /api/v1/me/blocks/{userId}': ofPerson,
  'DELETE /api/v1/me/blocks/{userId}': ofPerson,
  'POST /api/v1/rooms/direct': (at, world, who) => ({ body: { username: other(at, world, who).username } }),
  'GET /api/v1/avatars/{avatarId}': async (_, world, who) => ({
    params: { avatarId: await avatarOf(somebodyOf(world, who)) },
  }),
  'PUT /api/v1/me/avatar': (_, { base }) => ({ raw: pixel, headers: { origin: base, 'content-type': 'image/png' } }),
};

/** Nobody may have as many passkeys as these doors are asked with: whoever has many begins again. */
async function enrolAnew(who: Person): ReturnType<typeof enrol> {
  const { items } = await who.must(listPasskeys);
  if (items.length >= 15) {
    await who.must(reauthenticate, { body: { password } });
    for (const { id } of items) await who.must(removePasskey, { params: { passkeyId: id } });
  }
  return enrol(who);
}

async function passkeyIdOf({ passkeyId }: Things, who: Person | null): Promise<string> {
  return passkeyId ?? (who ? (await enrolAnew(who)).passkeyId : newId());
}

async function otherSessionOf(person: Person): Promise<string> {
  await send(person.base, login, { body: { email: person.user.email, password } });
  const { items } = await person.must(listSessions);
  return items.find(({ current }) => !current)?.id ?? '';
}

async function tokenIdOf(person: Person): Promise<string> {
  const { apiToken } = await person.must(createApiToken, { body: { name: 'Script', scopes: ['read'] } });
  return apiToken.id;
}
