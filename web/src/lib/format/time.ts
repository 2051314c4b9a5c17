import { getLocale } from '#lib/paraglide/runtime.js';
import { dateLocale } from './place.ts';

type Moment = string | number | Date;

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

const formats = new Map<string, Intl.DateTimeFormat>();

/** Making a formatter costs a hundred times what using it does, and a timeline uses one for every row. */
function formatOf(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const locale = dateLocale();
  const key = `${locale} ${Object.entries(options).join()}`;
  const known = formats.get(key);
  if (known) return known;
  const made = new Intl.DateTimeFormat(locale, options);
  formats.set(key, made);
  return made;
}

/** 12 Mar 2026 */
export function formatDate(moment: Moment): string {
  return formatOf({ dateStyle: 'medium' }).format(new Date(moment));
}

/** 12 Mar */
export function formatShortDate(moment: Moment): string {
  return formatOf({ day: 'numeric', month: 'short' }).format(new Date(moment));
}

/** 14:05 */
export function formatTime(moment: Moment): string {
  return formatOf({ timeStyle: 'short' }).format(new Date(moment));
}

/** 02:14, as the clock shows it in another place */
export function formatTimeIn(moment: Moment, timeZone: string): string {
  return formatOf({ timeStyle: 'short', timeZone }).format(new Date(moment));
}

/** 12 Mar 2026, 14:05 */
export function formatDateTime(moment: Moment): string {
  return formatOf({ dateStyle: 'medium', timeStyle: 'short' }).format(new Date(moment));
}

/** Thursday, 12 March: the heading of a day in a timeline; the year only when it is another. */
export function formatDay(moment: Moment, now: Moment = Date.now()): string {
  const date = new Date(moment);
  const sameYear = date.getFullYear() === new Date(now).getFullYear();
  return formatOf({
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    ...(sameYear ? {} : { year: 'numeric' }),
  }).format(date);
}

/** "in 3 days", "5 minutes ago", "now"; a date once it is more than a month away. Narrow: "5m ago". */
export function formatRelative(
  moment: Moment,
  now: Moment = Date.now(),
  style: Intl.RelativeTimeFormatStyle = 'long',
): string {
  const distance = new Date(moment).getTime() - new Date(now).getTime();
  const size = Math.abs(distance);
  const format = new Intl.RelativeTimeFormat(getLocale(), { numeric: 'auto', style });
  if (size < minute) return format.format(0, 'second');
  if (size < hour) return format.format(Math.trunc(distance / minute), 'minute');
  if (size < day) return format.format(Math.trunc(distance / hour), 'hour');
  if (size < 30 * day) return format.format(Math.trunc(distance / day), 'day');
  return formatDate(moment);
}
