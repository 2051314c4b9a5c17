import { getLocale } from '#lib/paraglide/runtime.js';

const units = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
] as const;

const minute = 60_000;

/** Which minute it is, in minutes since 1970: by the product's clock its minutes, which begin in the midst of this machine's. */
export function beatOf(now: number): number {
  return Math.floor(now / minute);
}

/**
 * The seconds that were left when the minute began: two people who look within the same minute read the same, whenever in it
 * their pages were drawn. `due` is milliseconds since 1970.
 */
export function leftAtBeat(due: number, beat: number): number {
  return (due - beat * minute) / 1_000;
}

/**
 * The seconds of a clock that stands, with the minute that was begun, as `leftAtBeat` counts it: neither the card nor a panel
 * beside it says an hour less because of a second.
 */
export function leftWhenPaused(seconds: number): number {
  return seconds < 60 ? seconds : Math.ceil(seconds / 60) * 60;
}

/** `2d 4h`, `3h 12m`, `40s`: the two largest units of what is left. */
export function leftWords(seconds: number): string {
  const left = Math.max(0, Math.floor(seconds));
  const from = units.findIndex(([, size]) => left >= size);
  const shown = from < 0 ? units.slice(-1) : units.slice(from, from + 2);
  let rest = left;
  const parts = shown.map(([unit, size]) => {
    const count = Math.floor(rest / size);
    rest -= count * size;
    return new Intl.NumberFormat(getLocale(), { style: 'unit', unit, unitDisplay: 'narrow' }).format(count);
  });
  return parts.join(' ');
}
