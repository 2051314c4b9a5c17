import type { IncomingHttpHeaders } from 'node:http';
import {
  generateAuthenticationOptions,
  generateRegistrationOptions,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server';
import { decodeAttestationObject, isoCBOR } from '@simplewebauthn/server/helpers';
import type { Assertion, CreationOptions, NewCredential, RequestOptions } from '@safesend/shared/accounts/passkey.ts';
import type { OwnOrigin } from '../../../kernel/origin.ts';
import type { Account, Passkey } from '../entity.ts';

/** Where a passkey is good: the name of the site, and the very address the browser has it open at. */
export interface Site {
  readonly origin: string;
  readonly rpId: string;
}

export function siteOf(own: OwnOrigin, headers: IncomingHttpHeaders): Site {
  const origin = own.whereIs(headers);
  return { origin, rpId: new URL(origin).hostname };
}

/** EdDSA, ES256, RS256: what every authenticator speaks one of. */
const algorithms = [-8, -7, -257];
const timeout = 300_000;

/** Who holds the passkey is verified by the device each time, and found by it: so it signs in alone. */
export async function creationOptionsFor(
  { rpId }: Site,
  { user, profile }: Account,
  known: readonly Passkey[],
  challenge: string,
): Promise<CreationOptions> {
  const {
    rp,
    user: person,
    ...options
  } = await generateRegistrationOptions({
    ...{ rpName: 'SafeSend', rpID: rpId, timeout, attestationType: 'none', supportedAlgorithmIDs: algorithms },
    ...{ userID: bytesOf(handleOf(user.id)), userName: user.email, userDisplayName: profile.displayName },
    challenge: bytesOf(challenge),
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
  });
  return {
    rp: { id: rpId, name: rp.name },
    user: person,
    challenge: options.challenge,
    pubKeyCredParams: options.pubKeyCredParams.map(({ alg }) => ({ type: 'public-key', alg })),
    timeout,
    excludeCredentials: known.map(descriptorOf),
    authenticatorSelection: { residentKey: 'required', requireResidentKey: true, userVerification: 'required' },
    attestation: 'none',
  };
}

export async function requestOptionsFor(
  { rpId }: Site,
  known: readonly Passkey[],
  challenge: string,
): Promise<RequestOptions> {
  const options = await generateAuthenticationOptions({
    ...{ rpID: rpId, timeout, userVerification: 'required' },
    challenge: bytesOf(challenge),
  });
  const allowCredentials = known.map(descriptorOf);
  return { rpId, challenge: options.challenge, timeout, userVerification: 'required', allowCredentials };
}

export interface Made {
  readonly credentialId: string;
  readonly publicKey: string;
  readonly counter: number;
  readonly transports: string[];
}

/** Null for whatever does not prove that the key was made now, here, for this challenge, by somebody who was verified. */
export async function readNewCredential(
  site: Site,
  challenge: string,
  { id, rawId, type, response }: NewCredential,
): Promise<Made | null> {
  const { clientDataJSON, attestationObject, transports = [] } = response;
  const { registrationInfo } = await orNothing(async () =>
    verifyRegistrationResponse({
      response: {
        ...{ id, rawId, type, response: { clientDataJSON, attestationObject: unattested(attestationObject) } },
        clientExtensionResults: {},
      },
      ...{ expectedChallenge: challenge, expectedOrigin: site.origin, expectedRPID: site.rpId },
      ...{ requireUserVerification: true, supportedAlgorithmIDs: algorithms },
    }),
  );
  if (!registrationInfo) return null;
  const { credential } = registrationInfo;
  // The library does not compare them; a name that nobody vetted may be of any length.
  if (credential.id !== id) return null;
  const publicKey = Buffer.from(credential.publicKey).toString('base64url');
  return { credentialId: credential.id, publicKey, counter: credential.counter, transports };
}

/** The new count of its uses; null for whatever does not prove that this passkey answered this challenge, here and now. */
export async function readAssertion(
  site: Site,
  challenge: string,
  passkey: Passkey,
  { id, rawId, type, response }: Assertion,
): Promise<number | null> {
  const { clientDataJSON, authenticatorData, signature, userHandle } = response;
  // A passkey names its owner. Another's name under it is a mistake at best.
  if (userHandle !== undefined && userHandle !== handleOf(passkey.userId)) return null;
  const { credentialId, publicKey, counter, transports } = passkey;
  const { verified, authenticationInfo } = await orNothing(async () =>
    verifyAuthenticationResponse({
      response: {
        ...{ id, rawId, type, response: { clientDataJSON, authenticatorData, signature } },
        clientExtensionResults: {},
      },
      ...{ expectedChallenge: challenge, expectedOrigin: site.origin, expectedRPID: site.rpId },
      credential: { id: credentialId, publicKey: bytesOf(publicKey), counter: Number(counter), transports },
      requireUserVerification: true,
    }),
  );
  return verified && authenticationInfo ? authenticationInfo.newCounter : null;
}

/**
 * Without what a device says of who made it. Nobody asked for that, and to check it the library would fetch whatever its
 * certificates name.
 */
function unattested(attestationObject: string): string {
  const authData = decodeAttestationObject(bytesOf(attestationObject)).get('authData');
  const plain = new Map<string, string | Uint8Array | Map<string, never>>([
    ['fmt', 'none'],
    ['attStmt', new Map<string, never>()],
    ['authData', authData],
  ]);
  return Buffer.from(isoCBOR.encode(plain)).toString('base64url');
}

/** The library throws at what it refuses; which of its reasons it was helps only whoever tries. */
async function orNothing<Verified extends object>(verify: () => Promise<Verified>): Promise<Partial<Verified>> {
  return verify().catch((reason: unknown) => {
    if (reason instanceof Error) return {};
    throw reason;
  });
}

const descriptorOf = ({ credentialId: id, transports }: Passkey) => ({ id, type: 'public-key' as const, transports });

/** What a passkey knows its owner by: the id of the account, and nothing that could change. */
function handleOf(userId: string): string {
  return Buffer.from(userId.replaceAll('-', ''), 'hex').toString('base64url');
}

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(Buffer.from(text, 'base64url'));
}
