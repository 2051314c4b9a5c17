import { expect, test } from 'vitest';
import { isOffHours, offHoursTime } from './local-time.ts';

// A Wednesday in winter and one in summer.
test.each([
  ['Europe/Lisbon', '2026-01-14T08:59:00Z', true],
  ['Europe/Lisbon', '2026-01-14T09:00:00Z', false],
  ['Europe/Lisbon', '2026-01-14T17:59:59Z', false],
  ['Europe/Lisbon', '2026-01-14T18:00:00Z', true],
  ['Europe/Lisbon', '2026-07-15T08:00:00Z', false],
  ['Asia/Kathmandu', '2026-01-14T03:14:00Z', true],
  ['Asia/Kathmandu', '2026-01-14T03:15:00Z', false],
  ['UTC', '2026-01-14T00:00:00Z', true],
])('UX 16 in %s at %s off hours is %s', (timeZone, at, expected) => {
  expect(isOffHours(timeZone, Date.parse(at))).toBe(expected);
});

test('UX 16 the weekend is that of the other place', () => {
  const fridayEvening = Date.parse('2026-01-16T21:30:00Z');
  expect(isOffHours('Pacific/Auckland', fridayEvening), 'Saturday 10:30 there').toBe(true);
  expect(isOffHours('America/Vancouver', fridayEvening), 'Friday 13:30 there').toBe(false);
});

test('UX 16 the time is that of the other place, and nothing is said of somebody at work or somewhere unknown', () => {
  const night = Date.parse('2026-01-14T02:14:00Z');
  expect(offHoursTime('Europe/Lisbon', night)).toMatch(/2:14/);
  expect(offHoursTime('Asia/Tokyo', night)).toBeNull();
  for (const unknown of [null, undefined, '', 'Mars/Olympus']) expect(offHoursTime(unknown, night)).toBeNull();
});
