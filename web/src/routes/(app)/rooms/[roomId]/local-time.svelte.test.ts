import type { Member } from '@safesend/shared/rooms/member.ts';
import { cleanup, render, screen } from '@testing-library/svelte';
import { afterEach, expect, test, vi } from 'vitest';
import { ProductClock } from '#lib/format/product-clock.svelte.ts';
import { formatTimeIn } from '#lib/format/time.ts';
import type { RoomDesk } from '#lib/rooms/room-desk.svelte.ts';
import LocalTimeProbe from './LocalTimeProbe.test.svelte';

afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

test('UX 16 the time at somebody’s place is told by the product’s clock, as all times of the room are', () => {
  // A Monday at noon; the product is eleven hours further.
  vi.useFakeTimers({ now: Date.UTC(2026, 10, 30, 12), toFake: ['Date'] });
  const ahead = 11 * 3_600_000;
  const clock = new ProductClock(new Date(Date.now() + ahead).toISOString());
  const profile = { timeZone: 'UTC', headline: 'Draws', bio: '' };
  const profiles = { of: () => profile, read: async () => undefined };
  const desk = { profiles, state: { room: { kind: 'project' } } } as unknown as RoomDesk;
  const person = { userId: 'bo', username: 'bo', displayName: 'Bo Berg', role: 'freelancer' } as Member;
  render(LocalTimeProbe, { desk, clock, person });
  const there = formatTimeIn(clock.now, 'UTC');
  expect(there).toMatch(/^11:00/);
  expect(screen.getAllByText(new RegExp(there), { exact: false }).length, 'beside the name, and in the profile').toBe(
    3,
  );
});
