import type { Live } from '#lib/live/live.svelte.ts';
import { throttle } from '#lib/live/pace.ts';

const interval = 500;

/** Papers are issued some seconds after what they are of, and nothing says so. */
const paperPatience = 7_000;

/** As `onNews`, and once more when what it was about is on paper: then, and after the page was opened, which may be in between. */
export function onPaperNews(live: Live, read: () => void): () => void {
  let timer = setTimeout(read, paperPatience);
  const stop = onNews(live, () => {
    clearTimeout(timer);
    timer = setTimeout(read, paperPatience);
    read();
  });
  return () => {
    stop();
    clearTimeout(timer);
  };
}

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
