import type { PresenceStatus } from '@safesend/shared/socket.ts';
import { SvelteMap } from 'svelte/reactivity';
import type { Connection } from './connection.svelte.ts';

/** Who of several rooms is here, without their facts: joined at their heads. */
export class PresenceWatch {
  #connection: Connection;
  #statuses = new SvelteMap<string, PresenceStatus>();

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  of(userId: string): PresenceStatus {
    return this.#statuses.get(userId) ?? 'offline';
  }

  watch(roomIds: readonly string[]): () => void {
    const releases = roomIds.map((roomId) => this.#connection.hold(roomId));
    const join = () => {
      for (const roomId of roomIds) this.#connection.tell('room.join', { roomId, after: -1 });
    };
    const stops = [
      this.#connection.onUp(join),
      this.#connection.onDown(() => this.#statuses.clear()),
      this.#connection.on('room.presence', ({ userId, status }) => this.#statuses.set(userId, status)),
    ];
    if (this.#connection.isLive) join();
    return () => {
      for (const stop of [...stops, ...releases]) stop();
    };
  }
}
