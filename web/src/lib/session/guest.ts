import { redirect } from '@sveltejs/kit';
import { nextOf } from './next.ts';

interface GuestEvent {
  parent: () => Promise<{ session: unknown }>;
  url: URL;
}

/** For pages that make no sense with a session: whoever has one goes where he was going. */
export async function guestsOnly({ parent, url }: GuestEvent): Promise<{ next: string }> {
  const next = nextOf(url);
  const { session } = await parent();
  if (session) redirect(303, next);
  return { next };
}
