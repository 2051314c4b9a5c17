import { newId } from '@safesend/shared/ids.ts';
import type { RoomFact } from '@safesend/shared/rooms/event.ts';
import type { RoomKind } from '@safesend/shared/rooms/room.ts';

/** A fact that was appended in this transaction; `seq` is known once the rooms are locked. */
export interface FactRef {
  readonly id: string;
  readonly roomId: string;
  readonly type: RoomFact['type'];
  readonly seq: number;
}

export interface NewRoom {
  readonly id: string;
  readonly kind: RoomKind;
  readonly title: string;
}

export interface NewMember {
  readonly userId: string;
  readonly role: 'client' | 'freelancer';
  /** `join`: he sees the room from his joining on. */
  readonly history: 'whole' | 'join';
}

export interface Buffered {
  readonly ref: { id: string; roomId: string; type: RoomFact['type']; seq: number };
  readonly actorId: string | null;
  /** Evaluated after the numbers are known, so a fact may name another fact's number. */
  readonly fact: () => RoomFact;
  readonly admits?: NewMember;
  readonly expels?: { userId: string; reason: 'removed' | 'left' };
  readonly marksReadFor?: string;
}

type Extra = Partial<Pick<Buffered, 'admits' | 'expels' | 'marksReadFor'>>;

/** The facts of one transaction, gathered while it works and numbered last. */
export class FactBuffer {
  readonly #actorId: string | null;
  readonly rooms: NewRoom[] = [];
  readonly facts: Buffered[] = [];
  readonly redactions: { roomId: string; subjectId: string }[] = [];
  readonly retitles = new Map<string, string>();
  readonly requiredMembers: { roomId: string; userId: string }[] = [];
  readonly audience: { roomId: string; userId: string }[] = [];
  readonly numbered: (() => Promise<void>)[] = [];
  readonly endedCredentials: string[] = [];
  readonly woken = new Set<string>();

  constructor(actorId: string | null) {
    this.#actorId = actorId;
  }

  append(roomId: string, fact: RoomFact, extra: Extra = {}): FactRef {
    return this.appendLater(roomId, fact.type, () => fact, extra);
  }

  appendLater(roomId: string, type: RoomFact['type'], fact: () => RoomFact, extra: Extra = {}): FactRef {
    const ref = { id: newId(), roomId, type, seq: 0 };
    this.facts.push({ ref, actorId: this.#actorId, fact, ...extra });
    return ref;
  }

  /** The facts of several people who share a transaction, in the order in which they came. */
  static merge(buffers: readonly FactBuffer[]): FactBuffer {
    const merged = new FactBuffer(null);
    for (const buffer of buffers) {
      merged.rooms.push(...buffer.rooms);
      merged.facts.push(...buffer.facts);
      merged.redactions.push(...buffer.redactions);
      merged.requiredMembers.push(...buffer.requiredMembers);
      merged.audience.push(...buffer.audience);
      merged.numbered.push(...buffer.numbered);
      for (const [roomId, title] of buffer.retitles) merged.retitles.set(roomId, title);
    }
    return merged;
  }
}
