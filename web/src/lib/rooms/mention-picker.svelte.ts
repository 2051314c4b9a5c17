import type { Member } from '@safesend/shared/rooms/member.ts';
import { invitable, mentionable, mentionAt, withMention, type MentionQuery, type Outsider } from './mentions.ts';
import type { RoomDesk } from './room-desk.svelte.ts';

/** The list under an `@`: whom of the room it may mean, and below them who could be invited. */
export class MentionPicker {
  #query = $state.raw<MentionQuery | null>(null);
  #chosen = $state(0);
  readonly people: readonly Member[];
  readonly outsiders: readonly Outsider[];

  constructor(desk: RoomDesk) {
    this.people = $derived(this.#query ? mentionable(desk.members, this.#query, desk.myId) : []);
    this.outsiders = $derived.by(() => {
      if (!this.#query || !desk.mayInvite) return [];
      const others = (desk.live.rooms.items ?? []).flatMap(({ members }) => members);
      return invitable(desk.state, others, this.#query);
    });
  }

  get query(): MentionQuery | null {
    return this.#query;
  }

  get count(): number {
    return this.people.length + this.outsiders.length;
  }

  /** The row that Enter takes, counted through both lists; -1 for none. */
  get chosen(): number {
    return this.#chosen;
  }

  look(text: string, caret: number): void {
    const next = mentionAt(text, caret);
    const isSame = next?.at === this.#query?.at && next?.text === this.#query?.text;
    this.#query = next;
    // Enter sends a name that means nobody known; inviting it must be chosen.
    if (!isSame) this.#chosen = this.people.length > 0 || this.outsiders[0]?.person ? 0 : -1;
  }

  move(by: 1 | -1): void {
    const from = this.#chosen < 0 && by < 0 ? 0 : this.#chosen;
    this.#chosen = (from + by + this.count) % this.count;
  }

  /** The text with the name that was chosen in it, and where the caret goes. */
  put(text: string, caret: number, username: string): { text: string; caret: number } | null {
    return this.#query && withMention(text, caret, this.#query, username);
  }

  close(): void {
    this.#query = null;
  }
}
