import type { Assertion } from '@safesend/shared/accounts/passkey.ts';
import * as calls from '@safesend/shared/accounts/passkey-calls.ts';
import { Failure } from '@safesend/shared/failure.ts';
import type { Asked, Door } from '../../../kernel/http.ts';
import { presentPasskey } from '../present.ts';
import { openChallenge, spendChallenge, type Asking } from '../service/challenges.ts';
import { deviceOf } from '../service/device.ts';
import * as passkeys from '../service/passkeys.ts';
import { findAccount } from '../service/people.ts';
import { confirmSession, requireFresh } from '../service/sessions.ts';
import * as webauthn from '../service/webauthn.ts';
import { enter, type Entrance } from './entrance.ts';

type Visit = Pick<Asked<typeof calls.signInByPasskey>, 'c' | 'em' | 'address' | 'limits' | 'identity' | 'transactAs'>;
type Answer = { readonly attempt: string; readonly response: Assertion };

/** Signing in without a password, and the keys that do it. */
export function passkeyRoutes(door: Door, entrance: Entrance): void {
  const { authenticate, origin } = entrance;
  const siteFor = ({ c }: Pick<Visit, 'c'>) => webauthn.siteOf(origin, c.env.incoming.headers);
  const prove = async (visit: Visit, { attempt, response }: Answer, purpose: Asking['purpose']) =>
    passkeys.provePasskey(visit, siteFor(visit), await spend(visit, attempt, purpose), response);

  door(calls.beginPasskeySignIn, async (asked) => {
    await asked.limits.spend('lookup.address', asked.address);
    const { attempt, challenge } = await open(asked, 'sign_in');
    return { attempt, options: await webauthn.requestOptionsFor(siteFor(asked), [], challenge) };
  });
  door(calls.signInByPasskey, async (asked) => {
    await asked.limits.spend('signIn.address', asked.address);
    const proven = await prove(asked, asked.body, 'sign_in');
    if (!proven) throw new Failure('unauthenticated', 'This passkey was not accepted.');
    return enter(asked, authenticate.cookies, proven.userId, (tx) => passkeys.usePasskey(tx, proven));
  });
  door(calls.beginReauthentication, async (asked) => {
    const known = await passkeys.findPasskeys(asked.em, asked.me);
    if (known.length === 0) throw new Failure('conflict', 'There is no passkey in this account yet.');
    const { attempt, challenge } = await open(asked, 'reauthentication');
    return { attempt, options: await webauthn.requestOptionsFor(siteFor(asked), known, challenge) };
  });
  door(calls.reauthenticateByPasskey, async (asked) => {
    const proven = await prove(asked, asked.body, 'reauthentication');
    if (proven?.userId !== asked.me) throw new Failure('invalid', 'This passkey was not accepted.');
    return asked.transact(
      async (tx) => {
        await passkeys.usePasskey(tx, proven);
        await confirmSession(tx, keyOf(asked) ?? '');
      },
      () => null,
    );
  });
  keptPasskeys(door, siteFor);
}

/** Adding, naming and removing. */
function keptPasskeys(door: Door, siteFor: (visit: Pick<Visit, 'c'>) => webauthn.Site): void {
  door(calls.listPasskeys, async ({ em, me }) => {
    const items = (await passkeys.findPasskeys(em, me)).map(presentPasskey);
    return { items, nextCursor: null };
  });
  door(calls.beginPasskey, async (asked) => {
    const { em, me } = asked;
    await requireFresh(em, me, keyOf(asked));
    const [account, known] = [await findAccount(em, me), await passkeys.findPasskeys(em, me)];
    const { attempt, challenge } = await open(asked, 'creation');
    return { attempt, options: await webauthn.creationOptionsFor(siteFor(asked), account, known, challenge) };
  });
  door(calls.addPasskey, async (asked) => {
    const { attempt, response, name = deviceOf(asked.c.req.header('user-agent')) } = asked.body;
    const made = await webauthn.readNewCredential(siteFor(asked), await spend(asked, attempt, 'creation'), response);
    if (!made) throw new Failure('invalid', 'This passkey was not accepted.');
    return asked.transact(
      (tx) => passkeys.addPasskey(tx, made, name, keyOf(asked)),
      ({ result }) => ({ passkey: presentPasskey(result) }),
    );
  });
  door(calls.renamePasskey, async ({ params, body, transact }) =>
    transact(
      (tx) => passkeys.renamePasskey(tx, params.passkeyId, body.name),
      ({ result }) => ({ passkey: presentPasskey(result) }),
    ),
  );
  door(calls.removePasskey, async ({ params, em, me, identity, transact }) => {
    await requireFresh(em, me, keyOf({ identity }));
    return transact(
      (tx) => passkeys.removePasskey(tx, params.passkeyId),
      () => null,
    );
  });
}

function keyOf({ identity }: Pick<Visit, 'identity'>): string | null {
  return identity?.kind === 'session' ? identity.credentialKey : null;
}

/** Whoever signs in may be signed in already, as somebody else: what he is asked is not that session's. */
function askingOf(visit: Visit, purpose: Asking['purpose']): Asking {
  return { purpose, sessionKey: purpose === 'sign_in' ? null : keyOf(visit) };
}

async function open(visit: Visit, purpose: Asking['purpose']) {
  const asking = askingOf(visit, purpose);
  return (await visit.transactAs({ id: null }, (tx) => openChallenge(tx, asking))).result;
}

async function spend(visit: Visit, attempt: string, purpose: Asking['purpose']): Promise<string> {
  const asking = askingOf(visit, purpose);
  return (await visit.transactAs({ id: null }, (tx) => spendChallenge(tx, attempt, asking))).result;
}
