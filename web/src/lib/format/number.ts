import { getLocale } from '#lib/paraglide/runtime.js';

export function formatNumber(value: number): string {
  return new Intl.NumberFormat(getLocale()).format(value);
}

/** A badge has room for two digits. */
export function formatCount(value: number): string {
  return value > 99 ? `${formatNumber(99)}+` : formatNumber(value);
}

export function formatList(items: readonly string[]): string {
  return new Intl.ListFormat(getLocale(), { type: 'conjunction' }).format(items);
}
