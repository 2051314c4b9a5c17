import { error } from '@sveltejs/kit';

/** What the root of all pages knows of who is here; `unknown` says why it does not. */
interface Known<Session> {
  readonly session: Session | null;
  readonly unknown: { readonly status: number; readonly code: string; readonly message: string } | null;
}

/** For pages that depend on who is here: where nobody can tell they say so, and send nobody to sign in. */
export function knownSession<Session>({ session, unknown }: Known<Session>): Session | null {
  if (unknown) error(unknown.status, { message: unknown.message, code: unknown.code });
  return session;
}
