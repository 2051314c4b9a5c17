import { expect, test } from 'vitest';
import { findTimeZones, offsetOf, timeZoneChoices } from './time-zone-choices.ts';

const winter = Date.parse('2026-01-15T12:00:00Z');
const choices = timeZoneChoices(winter);
const found = (text: string) => findTimeZones(choices, text).map(({ value }) => value);

test('UX 16 time zones carry the names of today, each once, with the offset of the day', () => {
  const values = choices.map(({ value }) => value);
  expect(new Set(values).size).toBe(values.length);
  expect(values).toEqual(expect.arrayContaining(['Asia/Kolkata', 'Europe/Kyiv', 'America/Nuuk', 'UTC']));
  for (const old of ['Asia/Calcutta', 'Europe/Kiev', 'Asia/Saigon']) expect(values).not.toContain(old);
  expect(choices.find(({ value }) => value === 'Asia/Kolkata')?.detail).toMatch(/UTC\+5:30$/);
  expect(offsetOf('Europe/Berlin', winter)).toBe('UTC+1');
  expect(offsetOf('Europe/Berlin', Date.parse('2026-07-15T12:00:00Z'))).toBe('UTC+2');
  expect(offsetOf('UTC', winter)).toBe('UTC');
});

test('UX 16 beside a time zone stand words, no bare codes', () => {
  const details = choices.map(({ detail }) => detail ?? '');
  expect(details.filter((detail) => /^[A-Z]{2} ·|^UTC$/.test(detail))).toEqual([]);
  expect(choices.find(({ value }) => value === 'UTC')?.detail).toBe('Coordinated Universal Time');
});

test.each([
  ['kolk', 'Asia/Kolkata'],
  ['Calcutta', 'Asia/Kolkata'],
  ['kiev', 'Europe/Kyiv'],
  ['india', 'Asia/Kolkata'],
  ['UTC+5:30', 'Asia/Kolkata'],
  ['gmt +05:30', 'Asia/Kolkata'],
  ['+5:30', 'Asia/Kolkata'],
  ['UTC −3:30', 'America/St_Johns'],
  ['new york', 'America/New_York'],
  ['sao paulo', 'America/Sao_Paulo'],
  ['germany', 'Europe/Berlin'],
  ['cote ivoire', 'Africa/Abidjan'],
])('UX 16 "%s" finds %s', (text, zone) => expect(found(text)).toContain(zone));

test('UX 16 who asks for an offset gets that one first, and what nobody is called finds nothing', () => {
  const first = found('UTC+1')[0] ?? '';
  expect(offsetOf(first, winter)).toBe('UTC+1');
  expect(found('india')[0]).toBe('Asia/Kolkata');
  expect(found('zzz')).toEqual([]);
});
