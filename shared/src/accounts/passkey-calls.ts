import { z } from 'zod';
import { call } from '../call.ts';
import { id } from '../ids.ts';
import { page } from '../values.ts';
import { assertion, attempt, creationOptions, newCredential, passkey, passkeyName, requestOptions } from './passkey.ts';
import { user } from './user.ts';

const proof = z.strictObject({ attempt, response: assertion });
const toProve = z.strictObject({ attempt, options: requestOptions });
const onePasskey = z.strictObject({ passkeyId: id });

export const listPasskeys = call({
  method: 'get',
  path: '/auth/passkeys',
  summary: 'My passkeys',
  access: 'session',
  answers: { 200: page(passkey) },
});
export const beginPasskey = call({
  method: 'post',
  path: '/auth/passkeys/challenge',
  summary:
    'Begin to add a passkey: what to ask the browser for. Needs a fresh confirmation; good once, for five minutes',
  access: 'session',
  answers: { 201: z.strictObject({ attempt, options: creationOptions }) },
});
export const addPasskey = call({
  method: 'post',
  path: '/auth/passkeys',
  summary: 'Add the passkey that the browser made; without a name it is called after the browser',
  access: 'session',
  body: z.strictObject({ attempt, name: passkeyName.optional(), response: newCredential }),
  answers: { 201: z.strictObject({ passkey }) },
});
export const renamePasskey = call({
  method: 'patch',
  path: '/auth/passkeys/{passkeyId}',
  summary: 'Rename a passkey',
  access: 'session',
  params: onePasskey,
  body: z.strictObject({ name: passkeyName }),
  answers: { 200: z.strictObject({ passkey }) },
});
export const removePasskey = call({
  method: 'delete',
  path: '/auth/passkeys/{passkeyId}',
  summary: 'Remove a passkey: it opens nothing any more. Needs a fresh confirmation',
  access: 'session',
  params: onePasskey,
  answers: { 204: null },
});
export const beginPasskeySignIn = call({
  method: 'post',
  path: '/auth/passkey-sign-in/challenge',
  summary: 'Begin to sign in with a passkey: what to ask the browser for; good once, for five minutes',
  access: 'public',
  answers: { 201: toProve },
});
export const signInByPasskey = call({
  method: 'post',
  path: '/auth/passkey-sign-in',
  summary: 'Sign in with a passkey',
  access: 'public',
  body: proof,
  answers: { 200: z.strictObject({ user, inboxRoomId: id }) },
});
export const beginReauthentication = call({
  method: 'post',
  path: '/auth/reauthentication/challenge',
  summary: 'Begin to confirm a sensitive step with a passkey of mine',
  access: 'session',
  answers: { 201: toProve },
});
export const reauthenticateByPasskey = call({
  method: 'post',
  path: '/auth/reauthentication/passkey',
  summary: 'Confirm a sensitive step with a passkey instead of the password',
  access: 'session',
  body: proof,
  answers: { 204: null },
});
