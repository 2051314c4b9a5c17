import { expect, test, vi } from 'vitest';
import { ProductClock } from './product-clock.svelte.ts';

const hour = 3_600_000;
const at = (ahead: number) => new Date(Date.now() + ahead).toISOString();

test('I10 nothing told is from the future: a clock that a test moved is ahead of this machine’s by what was told last, and never goes back', () => {
  vi.useFakeTimers({ now: Date.UTC(2026, 10, 30), toFake: ['Date'] });
  const clock = new ProductClock(at(-400));
  expect(clock.ahead, 'a machine may be ahead itself').toBe(-400);
  clock.hear(at(-90 * hour));
  clock.hear(undefined);
  clock.hear(at(300));
  expect(clock.ahead, 'old news, and the way of an answer').toBe(-400);
  const due = at(2 * hour);
  expect(clock.isPast(due)).toBe(false);
  clock.hear(at(3 * hour));
  expect([clock.ahead, clock.isPast(due)]).toEqual([3 * hour, true]);
  vi.useRealTimers();
});
