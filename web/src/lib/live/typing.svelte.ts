import { SvelteMap } from 'svelte/reactivity';
import type { Connection } from './connection.svelte.ts';

const shownFor = 6_000;
const repeatAfter = 2_500;
const idleAfter = 4_000;

/** Who is typing in a room, and saying that I am: often enough to stay believed, never longer than it is true. */
export class TypingPeople {
  #roomId: string;
  #myId: string;
  #connection: Connection;
  #until = new SvelteMap<string, ReturnType<typeof setTimeout>>();
  #saidAt = 0;
  #idle: ReturnType<typeof setTimeout> | null = null;

  constructor(roomId: string, myId: string, connection: Connection) {
    this.#roomId = roomId;
    this.#myId = myId;
    this.#connection = connection;
  }

  get userIds(): string[] {
    return [...this.#until.keys()];
  }

  heard(userId: string, typing: boolean): void {
    clearTimeout(this.#until.get(userId));
    if (!typing || userId === this.#myId) return void this.#until.delete(userId);
    this.#until.set(
      userId,
      setTimeout(() => this.#until.delete(userId), shownFor),
    );
  }

  /** I changed my text. */
  input(): void {
    if (Date.now() - this.#saidAt > repeatAfter) {
      this.#saidAt = Date.now();
      this.#connection.tell('room.typing', { roomId: this.#roomId, typing: true });
    }
    if (this.#idle !== null) clearTimeout(this.#idle);
    this.#idle = setTimeout(() => this.stop(), idleAfter);
  }

  /** I stopped: sent, cleared, or thought about it. */
  stop(): void {
    if (this.#idle !== null) clearTimeout(this.#idle);
    this.#idle = null;
    if (this.#saidAt === 0) return;
    this.#saidAt = 0;
    this.#connection.tell('room.typing', { roomId: this.#roomId, typing: false });
  }

  clear(): void {
    for (const timer of this.#until.values()) clearTimeout(timer);
    this.#until.clear();
  }
}
