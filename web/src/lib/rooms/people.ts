import type { RoomEvent } from '@safesend/shared/rooms/event.ts';
import type { Member } from '@safesend/shared/rooms/member.ts';
import { m } from '#lib/paraglide/messages.js';

/** Names of everybody a room's facts speak of, also of those who have left. */
export class People {
  #names = new Map<string, { readonly name: string; readonly seq: number }>();

  learn(members: readonly Pick<Member, 'userId' | 'displayName'>[]): void {
    for (const { userId, displayName } of members) this.#names.set(userId, { name: displayName, seq: Infinity });
  }

  /** Facts of the past fill in who is unknown, the newest of them; they never overrule the present. */
  learnFrom(events: readonly RoomEvent[]): void {
    for (const event of events) {
      const { seq } = event;
      if (event.type === 'member.joined' || event.type === 'member.changed') this.#add(event.data, seq);
      else if (event.type === 'direct.opened') for (const person of event.data.people) this.#add(person, seq);
    }
  }

  nameOf(userId: string | null): string {
    if (userId === null) return m.room_product();
    return this.#names.get(userId)?.name ?? m.room_former_member();
  }

  #add({ userId, displayName: name }: { userId: string; displayName: string }, seq: number): void {
    if (seq > (this.#names.get(userId)?.seq ?? 0)) this.#names.set(userId, { name, seq });
  }
}
