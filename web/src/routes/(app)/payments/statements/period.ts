export type Choice = 'month' | 'last_month' | 'year';

/** A period's first and last day, both inside it: `2026-11-01`. */
export interface Days {
  readonly from: string;
  readonly until: string;
}

const text = (date: Date) => date.toISOString().slice(0, 10);
const day = (year: number, month: number, of: number) => text(new Date(Date.UTC(year, month, of)));

export function daysOf(choice: Choice, now: Date = new Date()): Days {
  const [year, month] = [now.getUTCFullYear(), now.getUTCMonth()];
  if (choice === 'year') return { from: day(year, 0, 1), until: day(year, 11, 31) };
  const at = choice === 'month' ? month : month - 1;
  return { from: day(year, at, 1), until: day(year, at + 1, 0) };
}

const isDay = (it: string | null): it is string =>
  it !== null && /^\d{4}-\d{2}-\d{2}$/.test(it) && !Number.isNaN(Date.parse(it));

export function readDays(search: URLSearchParams): Days {
  const [from, until] = [search.get('from'), search.get('until')];
  return isDay(from) && isDay(until) && from <= until ? { from, until } : daysOf('month');
}

/** Statements go by days of UTC, the same for both sides. */
export function queryOf({ from, until }: Days): { from: string; until: string } {
  const end = new Date(Date.parse(`${until}T00:00:00.000Z`) + 86_400_000);
  return { from: `${from}T00:00:00.000Z`, until: end.toISOString() };
}
