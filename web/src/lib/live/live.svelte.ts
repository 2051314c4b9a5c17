import type { User } from '@safesend/shared/accounts/user.ts';
import type { RoomListItem, RoomSnapshot } from '@safesend/shared/rooms/room.ts';
import { getContext, setContext } from 'svelte';
import { askLater, whenRefused } from '#lib/api/send.ts';
import { ProductClock, setProductClock } from '#lib/format/product-clock.svelte.ts';
import { Connection, type FinalEnd } from './connection.svelte.ts';
import { Outbox } from './outbox.ts';
import { openPendingStore } from './pending-store.ts';
import { LiveRoom } from './room.svelte.ts';
import { RoomList } from './rooms.svelte.ts';

export interface LiveOptions {
  readonly user: User;
  readonly rooms: readonly RoomListItem[] | null;
  /** The person's own room: notifications and account facts. Null when it could not be read yet. */
  readonly inbox: RoomSnapshot | null;
  readonly onSignedOut: (reason: FinalEnd) => void;
}

/** Everything of this tab that stays in touch with the server, for one signed-in person. */
export class Live {
  readonly myId: string;
  readonly connection: Connection;
  readonly rooms: RoomList;
  readonly inbox: LiveRoom | null;
  readonly clock: ProductClock;
  #outbox: Outbox | null = null;
  #outboxListeners = new Set<(roomId: string) => void>();

  constructor({ user, rooms, inbox, onSignedOut }: LiveOptions) {
    this.myId = user.id;
    this.connection = new Connection(onSignedOut);
    this.rooms = new RoomList(this.connection, rooms);
    this.clock = new ProductClock(inbox?.checkpoint.at);
    this.inbox = inbox && new LiveRoom(this.connection, inbox, user.id);
    // Heard first, before whoever would ask something because of it: a session that ended may be this one.
    this.connection.on('room.events', ({ events }) => {
      if (events.some(({ type }) => type === 'account.session.ended')) askLater(this.connection.verify());
      this.clock.hear(events.at(-1)?.at);
    });
    // Who is here is told with the time as well, also when nothing happens.
    this.connection.on('room.presence', ({ at }) => this.clock.hear(at));
  }

  /** Made on first use, in the browser alone. */
  get outbox(): Outbox {
    this.#outbox ??= new Outbox({
      userId: this.myId,
      store: openPendingStore(),
      post: ({ commandId, roomId, body, replyTo, files = [] }) =>
        this.connection.ask('message.post', {
          commandId,
          roomId,
          body,
          ...(replyTo === null ? {} : { replyTo }),
          ...(files.length > 0 && { files: [...files] }),
        }),
      isUp: () => this.connection.isLive,
      channel: typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel(`safesend-outbox:${this.myId}`),
      alone,
      changed: (roomId) => {
        for (const listener of this.#outboxListeners) listener(roomId);
      },
    });
    return this.#outbox;
  }

  onOutbox(listener: (roomId: string) => void): () => void {
    this.#outboxListeners.add(listener);
    return () => this.#outboxListeners.delete(listener);
  }

  room(snapshot: RoomSnapshot): LiveRoom {
    this.clock.hear(snapshot.checkpoint.at);
    return new LiveRoom(this.connection, snapshot, this.myId);
  }

  start(): () => void {
    const stops = [
      this.connection.onUp(() => this.outbox.wake()),
      this.rooms.start(this.myId),
      this.inbox?.open(),
      this.connection.start(),
      whenRefused(() => this.connection.prove()),
    ];
    return () => {
      for (const stop of stops) stop?.();
      this.#outbox?.close();
      this.#outbox = null;
    };
  }
}

const key = Symbol('live');

export function setLive(live: Live): Live {
  setProductClock(live.clock);
  return setContext(key, live);
}

export function getLive(): Live {
  return getContext<Live>(key);
}

/** Locks exist on secure origins only; elsewhere each tab sends by itself under the same command ids. */
async function alone(name: string, run: () => Promise<void>): Promise<void> {
  if (!('locks' in navigator)) return run();
  await navigator.locks.request(name, run);
}
