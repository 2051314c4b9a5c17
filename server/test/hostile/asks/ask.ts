import { newId } from '@safesend/shared/ids.ts';
import type { Person } from '../../harness.ts';
import type { Things, World } from '../world.ts';

/** What is put into a door: the parts of a request, or the payload of a socket event as `body`. */
export interface Ask {
  readonly params?: Record<string, string>;
  readonly query?: Record<string, string>;
  readonly body?: unknown;
  /** In the place of a body that is JSON. */
  readonly raw?: Buffer<ArrayBuffer>;
  /** Beside the body, or instead of it. */
  readonly headers?: Record<string, string>;
}

/** A good request for a door about these things, as this person would send it. */
export type Asking = (at: Things, world: World, who: Person | null) => Ask | Promise<Ask>;
export type Asks = Readonly<Record<string, Asking>>;

export const password = 'correct horse battery staple';
export const freshName = () => `fresh-${newId().slice(-12)}`;
export const somebodyOf = ({ people }: World, who: Person | null) => who ?? people.owner;

/** The party himself knocks with the owner's id: about oneself these doors say something else. */
export const other = ({ userId, username }: Things, { people }: World, who: Person | null) =>
  who?.id === userId ? { userId: people.owner.id, username: people.owner.user.username } : { userId, username };
