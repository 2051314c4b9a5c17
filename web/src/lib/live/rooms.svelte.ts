import { listRooms } from '@safesend/shared/rooms/calls.ts';
import type { RoomListItem } from '@safesend/shared/rooms/room.ts';
import { Questions } from '#lib/api/latest.svelte.ts';
import { readAll } from '#lib/api/read-all.ts';
import { send } from '#lib/api/send.ts';
import type { Connection } from './connection.svelte.ts';
import { throttle } from './pace.ts';

const refreshInterval = 400;
const mostPages = 20;

export function readRooms(fetch?: typeof globalThis.fetch): Promise<RoomListItem[]> {
  return readAll((query) => send(listRooms, { query, fetch }), mostPages);
}

/** My rooms with exact unread counts. The server counts; hints on the link only say when to ask again. */
export class RoomList {
  #items: readonly RoomListItem[] | null;
  #connection: Connection;
  #questions = new Questions();
  #refresh = throttle(() => void this.#read(), refreshInterval);

  constructor(connection: Connection, items: readonly RoomListItem[] | null) {
    this.#connection = connection;
    this.#items = $state.raw(items);
  }

  /** Newest fact first; null until the first answer. */
  get items(): readonly RoomListItem[] | null {
    return this.#items;
  }

  find(roomId: string): RoomListItem | undefined {
    return this.#items?.find(({ id }) => id === roomId);
  }

  start(myId: string): () => void {
    const stops = [
      this.#connection.onUp(() => this.refresh()),
      this.#connection.on('room.head', () => this.refresh()),
      this.#connection.on('room.events', () => this.refresh()),
      this.#connection.on('room.removed', () => this.refresh()),
      this.#connection.on('room.reads', ({ userId }) => userId === myId && this.refresh()),
    ];
    if (this.#items === null) this.refresh();
    return () => {
      for (const stop of stops) stop();
      this.#refresh.cancel();
    };
  }

  /** Something moved; many calls in a row become one question. */
  refresh(): void {
    this.#refresh();
  }

  async #read(): Promise<void> {
    const items = await this.#questions.ask(readRooms()).catch(() => null);
    if (items) this.#items = items;
  }
}
