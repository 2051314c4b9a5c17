export type Choice = 'month' | 'last_month' | 'year';

/** A period's first and last day, both inside it: `2026-11-01`. */
export interface Days {
  readonly from: string;
  readonly until: string;
}

const text = (date: Date) => date.toISOString().slice(0, 10);
const day = (year: number, month: number, of: number) => text(new Date(Date.UTC(year, month, of)));

export function daysOf(choice: Choice, now: Date): Days {
  const [year, month] = [now.getUTCFullYear(), now.getUTCMonth()];
  if (choice === 'year') return { from: day(year, 0, 1), until: day(year, 11, 31) };
  const at = choice === 'month' ? month : month - 1;
  return { from: day(year, at, 1), until: day(year, at + 1, 0) };
}

/** Of the years that have four digits: the calendar takes no other, and 30 February is not the 2nd of March. */
function isDay(it: string): boolean {
  const at = Date.parse(it);
  return /^\d{4}-\d{2}-\d{2}$/.test(it) && it < '9999-12-31' && !Number.isNaN(at) && text(new Date(at)) === it;
}

export type PeriodProblem = 'from' | 'until' | 'order';

/** Why this is no period. */
export function problemOf({ from, until }: Days): PeriodProblem | null {
  if (!isDay(from)) return 'from';
  if (!isDay(until)) return 'until';
  return from <= until ? null : 'order';
}

/** The period that is shown, and what the address asks for where that is none. */
export function readDays(search: URLSearchParams, now: Date): { readonly days: Days; readonly wanted: Days | null } {
  const [from, until] = [search.get('from'), search.get('until')];
  const wanted = { from: from ?? '', until: until ?? '' };
  if (from === null && until === null) return { days: daysOf('month', now), wanted: null };
  return problemOf(wanted) === null ? { days: wanted, wanted: null } : { days: daysOf('month', now), wanted };
}

/** Statements go by days of UTC, the same for both sides. */
export function queryOf({ from, until }: Days): { from: string; until: string } {
  const end = new Date(Date.parse(`${until}T00:00:00.000Z`) + 86_400_000);
  return { from: `${from}T00:00:00.000Z`, until: end.toISOString() };
}
