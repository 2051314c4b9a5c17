import { getLocale } from '#lib/paraglide/runtime.js';

const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;

/** `2.3 MB`: as many bytes as a person wants to know. */
export function formatBytes(bytes: number): string {
  const power = bytes < 1 ? 0 : Math.min(Math.floor(Math.log2(bytes) / 10), units.length - 1);
  const value = bytes / 1024 ** power;
  const maximumFractionDigits = power === 0 || value >= 100 ? 0 : 1;
  return unit(value, units[power] ?? 'byte', maximumFractionDigits);
}

/** `12 sec`, `3 min`, `1.5 hr`: how long something still takes. */
export function formatSpan(seconds: number): string {
  if (seconds < 60) return unit(Math.max(1, Math.round(seconds)), 'second', 0);
  if (seconds < 3_600) return unit(Math.round(seconds / 60), 'minute', 0);
  return unit(seconds / 3_600, 'hour', 1);
}

export function formatPercent(share: number): string {
  return new Intl.NumberFormat(getLocale(), { style: 'percent' }).format(Math.floor(share * 100) / 100);
}

function unit(value: number, name: string, maximumFractionDigits: number): string {
  return new Intl.NumberFormat(getLocale(), {
    style: 'unit',
    unit: name,
    // Only whole bytes have no sign that everybody knows.
    unitDisplay: name === 'byte' ? 'long' : 'short',
    maximumFractionDigits,
  }).format(value);
}
