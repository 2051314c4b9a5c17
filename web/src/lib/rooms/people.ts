import type { RoomEvent } from '@safesend/shared/rooms/event.ts';
import type { Member } from '@safesend/shared/rooms/member.ts';
import { m } from '#lib/paraglide/messages.js';

/** Names of everybody a room's facts speak of, also of those who have left. */
export class People {
  #names = new Map<string, string>();

  learn(members: readonly Pick<Member, 'userId' | 'displayName'>[]): void {
    for (const { userId, displayName } of members) this.#names.set(userId, displayName);
  }

  /** Facts of the past fill in who is unknown; they never overrule the present. */
  learnFrom(events: readonly RoomEvent[]): void {
    for (const event of events) {
      if (event.type === 'member.joined' || event.type === 'member.changed') this.#add(event.data);
      else if (event.type === 'direct.opened') for (const person of event.data.people) this.#add(person);
    }
  }

  nameOf(userId: string | null): string {
    if (userId === null) return m.room_product();
    return this.#names.get(userId) ?? m.room_former_member();
  }

  #add({ userId, displayName }: { userId: string; displayName: string }): void {
    if (!this.#names.has(userId)) this.#names.set(userId, displayName);
  }
}
