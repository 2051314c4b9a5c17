import { minutes } from '#lib/format/clock.svelte.ts';
import { formatDay } from '#lib/format/time.ts';
import { m } from '#lib/paraglide/messages.js';
import type { Row } from './room-view.svelte.ts';
import { isFileLine } from './timeline.ts';

const groupMinutes = 5;

export interface RowLook {
  /** A new day begins with this row. */
  readonly day: string | null;
  /** The row continues what the same person said just before. */
  readonly continues: boolean;
}

/** How a row stands to the one before it. */
export function lookOf(row: Row, previous: Row | undefined, newLine: number | null): RowLook {
  const day = previous && isSameDay(previous.at, row.at) ? null : row.at;
  const isBroken = !previous || day !== null || row.seq === newLine;
  const speaker = speakerOf(row);
  if (isBroken || speaker === null) return { day, continues: false };
  const minutes = (Date.parse(row.at) - Date.parse(previous.at)) / 60_000;
  const isReply = row.kind === 'message' && row.message.replyTo !== null;
  return { day, continues: speaker === speakerOf(previous) && minutes < groupMinutes && !isReply };
}

/** How many new files stand together from this row on, under one name. */
export function filesTogether(rows: readonly Row[], index: number, newLine: number | null): number {
  if (!isNewFile(rows[index])) return 1;
  let end = index + 1;
  while (end < rows.length && isNewFile(rows[end]) && lookOf(rows[end]!, rows[end - 1], newLine).continues) end++;
  return end - index;
}

function isNewFile(row: Row | undefined): boolean {
  return row !== undefined && isFileLine(row) && row.event.data.current.version === 1;
}

/** Whose avatar a row has: who wrote a message or dropped a file. */
function speakerOf(row: Row): string | null {
  if (row.kind === 'message') return row.message.authorId;
  return isFileLine(row) ? row.event.actorId : null;
}

function isSameDay(one: string, other: string): boolean {
  return new Date(one).toDateString() === new Date(other).toDateString();
}

const dayLength = 86_400_000;

/** How people call a day: the near ones by their names. */
export function dayName(at: string): string {
  const { now } = minutes;
  if (isSameDay(at, new Date(now).toISOString())) return m.room_today();
  if (isSameDay(at, new Date(now - dayLength).toISOString())) return m.room_yesterday();
  return formatDay(at, now);
}
