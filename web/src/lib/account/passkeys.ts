import { newId } from '@safesend/shared/ids.ts';
import type { RequestOptions } from '@safesend/shared/accounts/passkey.ts';
import {
  addPasskey,
  beginPasskey,
  beginPasskeySignIn,
  beginReauthentication,
  reauthenticateByPasskey,
  signInByPasskey,
} from '@safesend/shared/accounts/passkey-calls.ts';
import { ApiProblem } from '#lib/api/problem.ts';
import { problemText } from '#lib/api/problem-text.ts';
import { send } from '#lib/api/send.ts';
import { m } from '#lib/paraglide/messages.js';

/** Fetched when somebody uses a passkey: no page waits for it. */
const library = () => import('@simplewebauthn/browser');

/** A passkey belongs to the name of a site: where it is open by a number, browsers have none. */
const isNumber = (host: string) => /^[\d.]+$|^\[/.test(host);

/** Why there are no passkeys here, in words; null when there are. */
export function passkeyHindrance(): string | null {
  if (isNumber(location.hostname)) return m.passkey_needs_name();
  return 'PublicKeyCredential' in window && isSecureContext ? null : m.passkey_unsupported();
}

/** Can the browser offer passkeys where the address is typed? */
export async function offersPasskeys(): Promise<boolean> {
  if (passkeyHindrance() !== null) return false;
  return (await PublicKeyCredential.isConditionalMediationAvailable?.().catch(() => false)) ?? false;
}

/** Signs in with the passkey that is chosen: at once, or whenever one is picked in the field of the address. */
export async function signInWithPasskey({ inField }: { readonly inField: boolean }): Promise<void> {
  const { attempt, options } = await send(beginPasskeySignIn);
  await send(signInByPasskey, { body: { attempt, response: await answer(options, inField) } });
}

/** Confirms that it is the same person, as the password does. */
export async function confirmWithPasskey(): Promise<void> {
  const { attempt, options } = await send(beginReauthentication);
  await send(reauthenticateByPasskey, { body: { attempt, response: await answer(options, false) } });
}

export async function makePasskey(name: string): Promise<void> {
  const { attempt, options } = await send(beginPasskey);
  const { startRegistration } = await library();
  const { id, rawId, type, response } = await startRegistration({ optionsJSON: options });
  const body = { attempt, ...(name !== '' && { name }), response: { id, rawId, type: publicKey(type), response } };
  await send(addPasskey, { body, commandId: newId() });
}

async function answer(options: RequestOptions, inField: boolean) {
  const { startAuthentication } = await library();
  const { id, rawId, type, response } = await startAuthentication({
    optionsJSON: options,
    useBrowserAutofill: inField,
  });
  return { id, rawId, type: publicKey(type), response };
}

/** Ends what the browser still offers for this page. */
export async function stopOffering(): Promise<void> {
  const { WebAuthnAbortService } = await library();
  WebAuthnAbortService.cancelCeremony();
}

function publicKey(type: string): 'public-key' {
  if (type !== 'public-key') throw new Error(`a credential of the kind ${type}`);
  return type;
}

const nameOf = (problem: unknown) => (problem instanceof Error ? problem.name : '');

/** Another use of a passkey on this page took the place of this one. */
export function isReplaced(problem: unknown): boolean {
  return nameOf(problem) === 'AbortError';
}

/** Why no passkey was made, in words. No password would stand in for it. */
export function newPasskeyTrouble(problem: unknown): string {
  if (nameOf(problem) === 'NotAllowedError') return m.passkey_not_added();
  if (problem instanceof ApiProblem || nameOf(problem) === 'InvalidStateError') return passkeyTrouble(problem);
  return m.passkey_not_made();
}

/** What went wrong, in words: the browser says little, and nobody is to blame for changing his mind. */
export function passkeyTrouble(problem: unknown): string {
  if (problem instanceof ApiProblem) {
    return problem.code === 'unauthenticated' ? m.passkey_refused() : problemText(problem);
  }
  if (nameOf(problem) === 'NotAllowedError') return m.passkey_cancelled();
  if (nameOf(problem) === 'InvalidStateError') return m.passkey_known();
  return m.passkey_failed();
}
