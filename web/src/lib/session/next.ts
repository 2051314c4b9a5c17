/** Where to go after signing in: a path of this site and nothing else, so a link cannot send anybody away. */
export function safeNext(candidate: string | null, fallback = '/dashboard'): string {
  if (!candidate || !candidate.startsWith('/') || /[\\\p{Cc}]/u.test(candidate)) return fallback;
  const here = 'http://here.invalid';
  const url = URL.parse(candidate, here);
  return url && url.origin === here && !url.pathname.startsWith('//') ? url.pathname + url.search + url.hash : fallback;
}

/** The way on that an address carries: an invitation to answer, or the page that asked for a session. */
export function nextOf(url: { searchParams: Pick<URLSearchParams, 'get'> }): string {
  const invitation = url.searchParams.get('invitation');
  if (invitation) return `/invitations/${encodeURIComponent(invitation)}`;
  return safeNext(url.searchParams.get('next'));
}

/** Where to sign in and come back from; `ended` says there why one has to. */
export function signInPath(from: URL, ended?: Ending): string {
  return `/signin?next=${encodeURIComponent(from.pathname + from.search)}${ended ? `&ended=${ended}` : ''}`;
}

export type Ending = 'signed_out' | 'expired' | 'closed';

export function endingOf(url: { searchParams: Pick<URLSearchParams, 'get'> }): Ending | null {
  const ended = url.searchParams.get('ended');
  return ended === 'signed_out' || ended === 'expired' || ended === 'closed' ? ended : null;
}
