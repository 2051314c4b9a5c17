import type { Clock } from '@safesend/shared/projects/milestone.ts';
import { cleanup, render } from '@testing-library/svelte';
import { flushSync } from 'svelte';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import Countdown from './Countdown.svelte';

/** The product is forty seconds ahead of this machine: its minutes begin at other moments. */
const ahead = 40_000;
const start = Date.UTC(2026, 10, 30, 12, 0, 10);
const day = 86_400_000;

beforeEach(() => void vi.useFakeTimers({ now: start }));
afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

const clock: Clock = {
  kind: 'review',
  dueAt: new Date(Date.UTC(2026, 10, 30, 12) + day).toISOString(),
  pausedAt: null,
  remainingSeconds: null,
};
const shown = (at: Clock) => {
  const { container } = render(Countdown, { clock: at, ahead, isAgreed: false });
  return () => container.textContent.trim();
};

test('UX 34 two countdowns on one screen say the same, one drawn before the product’s minute ended and one after', () => {
  const before = shown(clock);
  expect(before()).toContain('1d 0h');
  // Past the beginning of the product's next minute, which is within this machine's.
  vi.advanceTimersByTime(15_000);
  flushSync();
  const after = shown(clock);
  expect(before()).toBe(after());
  expect(after()).toContain('23h 59m');
  vi.advanceTimersByTime(60_000);
  flushSync();
  expect([before(), after()], 'a minute later').toEqual([
    expect.stringContaining('23h 58m'),
    expect.stringContaining('23h 58m'),
  ]);
});

test('UX 34 what changes once a minute is not written anew every second', () => {
  const { container } = render(Countdown, { clock, ahead, isAgreed: false });
  vi.advanceTimersByTime(15_000);
  flushSync();
  const seen = new MutationObserver(() => undefined);
  seen.observe(container, { subtree: true, childList: true, characterData: true });
  vi.advanceTimersByTime(30_000);
  flushSync();
  expect(seen.takeRecords()).toEqual([]);
});

test('UX 34 a paused review says what the panel of the hand-in says', () => {
  const paused = shown({
    ...clock,
    dueAt: null,
    pausedAt: new Date(start).toISOString(),
    remainingSeconds: 7 * 86_400 - 5,
  });
  expect(paused()).toContain('7d 0h');
});
