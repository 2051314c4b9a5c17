import { formatTimeIn } from '#lib/format/time.ts';

const opens = 9;
const closes = 18;
const weekend = new Set(['Sat', 'Sun']);
const clocks = new Map<string, Intl.DateTimeFormat>();

/** Whether it is outside 9 to 18 on weekdays there. */
export function isOffHours(timeZone: string, now: number): boolean {
  const parts = Object.fromEntries(
    clockOf(timeZone)
      .formatToParts(now)
      .map(({ type, value }) => [type, value]),
  );
  const hour = Number(parts['hour']);
  return weekend.has(parts['weekday'] ?? '') || hour < opens || hour >= closes;
}

/** What the clock of somebody who is off hours shows; null while he is at work, or where his zone is not known here. */
export function offHoursTime(timeZone: string | null | undefined, now: number): string | null {
  if (!timeZone) return null;
  try {
    return isOffHours(timeZone, now) ? formatTimeIn(now, timeZone) : null;
  } catch (problem) {
    if (problem instanceof RangeError) return null;
    throw problem;
  }
}

function clockOf(timeZone: string): Intl.DateTimeFormat {
  const known = clocks.get(timeZone);
  if (known) return known;
  const made = new Intl.DateTimeFormat('en', { timeZone, weekday: 'short', hour: '2-digit', hourCycle: 'h23' });
  clocks.set(timeZone, made);
  return made;
}
