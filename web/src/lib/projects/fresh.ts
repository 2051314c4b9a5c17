import type { Live } from '#lib/live/live.svelte.ts';
import { throttle } from '#lib/live/pace.ts';

const interval = 500;

/** Calls back whenever something happened in a room of mine, or may have while the link was down. */
export function onNews(live: Live, read: () => void): () => void {
  const soon = throttle(read, interval);
  const stops = [
    live.connection.onUp(soon),
    live.connection.on('room.head', soon),
    live.connection.on('room.events', soon),
    live.connection.on('room.removed', soon),
    live.connection.on('room.reads', ({ userId }) => userId === live.myId && soon()),
  ];
  return () => {
    for (const stop of stops) stop();
    soon.cancel();
  };
}
