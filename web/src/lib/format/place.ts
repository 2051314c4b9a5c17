import { getLocale } from '#lib/paraglide/runtime.js';

let here: () => string | undefined = () => undefined;

/** Called once where pages are drawn: a server has as many readers as requests, a browser has one. */
export function readPlaceFrom(place: () => string | undefined): void {
  here = place;
}

/** `GB` of `en-GB`, `DE` of `de`: where somebody is who reads that first. */
export function placeOf(language: string | undefined): string | undefined {
  try {
    return new Intl.Locale(language ?? '').maximize().region;
  } catch {
    // `*` and nonsense say nothing.
    return undefined;
  }
}

const written = new Map<string, string>();

/** Dates are in the language of the page and written as where its reader is: `12 Mar 2026, 14:05`, not `Mar 12, 2026, 2:05 PM`. */
export function dateLocale(): string {
  const place = here();
  if (place === undefined) return getLocale();
  const wanted = `${getLocale()}-${place}`;
  // Of the many places that can be asked for only few have a way of their own.
  const locale = written.get(wanted) ?? new Intl.DateTimeFormat(wanted).resolvedOptions().locale;
  written.set(wanted, locale);
  return locale;
}
