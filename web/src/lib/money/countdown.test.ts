import { expect, test } from 'vitest';
import { beatOf, leftAtBeat, leftWhenPaused, leftWords } from './countdown.ts';

const week = 7 * 86_400_000;

test('UX 34 two people who look within the same minute read the same time left, whenever their pages were drawn', () => {
  const handedIn = Date.parse('2026-11-28T10:00:20.000Z');
  const words = [20, 21, 39, 59].map((second) =>
    leftWords(leftAtBeat(handedIn + week, beatOf(Date.parse(`2026-11-28T10:00:${second}.900Z`)))),
  );
  expect(new Set(words)).toEqual(new Set(['7d 0h']));
  expect(leftWords(leftAtBeat(handedIn + week, beatOf(Date.parse('2026-11-28T10:01:00.000Z'))))).toBe('6d 23h');
});

test('UX 34 the two largest units of what is left', () => {
  expect(leftWords(2 * 86_400 + 4 * 3_600 + 59)).toBe('2d 4h');
  expect(leftWords(3 * 3_600 + 12 * 60)).toBe('3h 12m');
  expect(leftWords(40.9)).toBe('40s');
  expect(leftWords(-5)).toBe('0s');
});

test('UX 34 a paused review counts the minute that began, wherever it is told: nothing runs, and no look at it differs', () => {
  const week = 7 * 86_400;
  expect(leftWords(leftWhenPaused(week))).toBe('7d 0h');
  expect(leftWords(leftWhenPaused(week - 5)), 'paused five seconds after it was handed in').toBe('7d 0h');
  expect(leftWords(leftWhenPaused(week - 60))).toBe('6d 23h');
  expect(leftWords(leftWhenPaused(40)), 'the last minute is told by the second').toBe('40s');
});
