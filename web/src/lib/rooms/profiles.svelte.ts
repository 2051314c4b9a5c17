import type { Profile } from '@safesend/shared/accounts/user.ts';
import { listPeople } from '@safesend/shared/rooms/calls.ts';
import { learnFaces } from '#lib/account/faces.ts';
import { Questions } from '#lib/api/latest.svelte.ts';
import { send } from '#lib/api/send.ts';

/** What the people of a room let each other know of themselves. */
export class Profiles {
  readonly #roomId: string;
  readonly #questions = new Questions();
  #byId = $state.raw<ReadonlyMap<string, Profile>>(new Map());

  constructor(roomId: string) {
    this.#roomId = roomId;
  }

  of(userId: string): Profile | undefined {
    return this.#byId.get(userId);
  }

  /** Read afresh; what was known stays when that fails. */
  async read(): Promise<void> {
    const answer = await this.#questions.ask(send(listPeople, { params: { roomId: this.#roomId } })).catch(() => null);
    if (!answer) return;
    this.#byId = new Map(answer.items.map((profile) => [profile.userId, profile]));
    learnFaces(answer.items);
  }
}
