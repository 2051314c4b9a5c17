import { getRegistration } from '@safesend/shared/accounts/calls.ts';
import type { RegistrationMode } from '@safesend/shared/accounts/forms.ts';
import { send } from '#lib/api/send.ts';

/** Who may open an account here. Without an answer a page offers it as ever: the form says what is refused. */
export async function findRegistrationMode(fetch: typeof globalThis.fetch): Promise<RegistrationMode> {
  return send(getRegistration, { fetch }).then(
    ({ mode }) => mode,
    () => 'open',
  );
}
