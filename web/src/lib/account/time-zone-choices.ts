import { todaysTimeZone } from '@safesend/shared/accounts/time-zone.ts';
import { getLocale } from '#lib/paraglide/runtime.js';
import { searchOptions, type Option } from '#lib/ui/option-search.ts';

export function timeZoneLabel(name: string): string {
  return name.replaceAll('_', ' ');
}

/** "UTC+5:30": how far its clocks are from the world's at this moment. */
export function offsetOf(timeZone: string, now: number): string {
  const offset = partOf('en', timeZone, 'shortOffset', now) ?? '';
  return `UTC${offset.replace('GMT', '').replace(/^[+-]0$/, '')}`;
}

/** Every zone one can choose, under today's names, and found by the older ones, by country and by offset too. */
export function timeZoneChoices(now: number): Option[] {
  const countries = countriesOfZones();
  const known = [...Intl.supportedValuesOf('timeZone'), 'UTC'];
  const names = new Map(known.map((name) => [todaysTimeZone(name), name]));
  return [...names].map(([value, name]) => choiceOf(value, name, countries.get(value), now)).sort(byLabel);
}

const byLabel = (one: Option, other: Option) => one.label.localeCompare(other.label);

function choiceOf(value: string, older: string, country: string | undefined, now: number): Option {
  const offset = offsetOf(value, now);
  const spoken = partOf(getLocale(), value, 'longGeneric', now) ?? '';
  const label = timeZoneLabel(value);
  // Universal time is named after its offset: it is told in words then.
  const inWords = label === offset ? partOf(getLocale(), value, 'long', now) : undefined;
  const detail = inWords ?? [country, offset].filter((it) => it !== undefined).join(' · ');
  const number = offset.slice('UTC'.length) || '+0';
  const words = `${older} ${spoken} ${number} UTC${number}`;
  return { value, label, detail, words };
}

/** However somebody writes an offset: "gmt +05:30", "UTC −5", "+1". */
export function findTimeZones(choices: readonly Option[], text: string): readonly Option[] {
  const plain = text
    .replaceAll(/[−–]/g, '-')
    .replaceAll(/\b(?:utc|gmt)\s*(?=[+-])/gi, 'utc')
    .replaceAll(/([+-])0(?=\d)/g, '$1')
    .replaceAll(/([+-]\d+):00\b/g, '$1')
    .replaceAll(/\bgmt\b/gi, 'utc');
  return searchOptions(choices, plain);
}

function partOf(
  locale: string,
  timeZone: string,
  timeZoneName: Intl.DateTimeFormatOptions['timeZoneName'],
  now: number,
): string | undefined {
  const parts = new Intl.DateTimeFormat(locale, { timeZone, timeZoneName }).formatToParts(now);
  return parts.find(({ type }) => type === 'timeZoneName')?.value;
}

const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'];
type Region = Intl.Locale & { getTimeZones?: () => string[] | undefined };

/** As far as this browser knows which places lie in which country. */
function countriesOfZones(): Map<string, string> {
  // Codes that are out of use have no name, and say nothing to anybody.
  const names = new Intl.DisplayNames(getLocale(), { type: 'region', fallback: 'none' });
  const countries = new Map<string, string>();
  for (const code of letters.flatMap((first) => letters.map((second) => first + second))) {
    const name = names.of(code);
    if (name === undefined) continue;
    const region: Region = new Intl.Locale(`und-${code}`);
    for (const zone of region.getTimeZones?.() ?? []) countries.set(todaysTimeZone(zone), name);
  }
  return countries;
}
