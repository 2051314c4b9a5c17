import { expect, test, vi } from 'vitest';
import { Availability } from './availability.svelte.ts';

test('A01 UX 46 a name that is just being taken is not called taken to whoever takes it', async () => {
  vi.useFakeTimers();
  try {
    let answer = (_: boolean): void => undefined;
    const free = new Availability(() => new Promise((resolve) => (answer = resolve)));
    free.check('ana', true);
    await vi.advanceTimersByTimeAsync(400);
    expect(free.state).toBe('checking');
    free.rest();
    answer(false);
    await vi.advanceTimersByTimeAsync(0);
    expect(free.state, 'asked before, answered after').toBe('unknown');

    free.check('anna', true);
    free.rest();
    await vi.advanceTimersByTimeAsync(400);
    expect(free.state, 'not asked any more').toBe('unknown');

    free.check('anne', true);
    await vi.advanceTimersByTimeAsync(400);
    answer(true);
    await vi.advanceTimersByTimeAsync(0);
    free.rest();
    expect(free.state, 'what was said stays').toBe('free');
  } finally {
    vi.useRealTimers();
  }
});
