import type { Milestone } from '@safesend/shared/projects/milestone.ts';
import type { RoomEvent } from '@safesend/shared/rooms/event.ts';
import { expect, test, vi } from 'vitest';
import type { RoomListener } from '#lib/live/room.svelte.ts';
import type { RoomDesk } from '#lib/rooms/room-desk.svelte.ts';
import { Attempt } from './attempt.svelte.ts';

const id = '11111111-1111-4111-8111-111111111111';
const milestone = { id, currency: 'EUR', hold: null, waiting: null, proposal: null } as unknown as Milestone;
const quote = { serviceFeeMinor: 0, clientPaysMinor: 10_000 };

/** Somebody who has just pressed the button to pay, and a product that says what is asked of it. */
function paying(isLive: boolean) {
  const product = { looks: 0, status: 'processing' };
  vi.stubGlobal('fetch', (address: URL | string, { method = 'GET' }: RequestInit = {}) => {
    const payment = { id, status: product.status, declineMessage: null, isTest: true };
    if (method === 'GET') product.looks++;
    expect(String(address)).toContain(id);
    return Promise.resolve(Response.json({ payment, payments: [payment] }));
  });
  const link = { isLive, onUp: () => () => undefined };
  let room: RoomListener | undefined;
  const listen = (listener: RoomListener) => ((room = listener), () => undefined);
  const attempt = new Attempt({ listen } as unknown as RoomDesk['room'], link, {
    ...milestone,
    ...{ quote, amountMinor: 10_000 },
  } as Milestone);
  attempt.open();
  void attempt.go('press');
  const tell = () => room?.applied([{ type: 'milestone.funded', data: { milestone } } as unknown as RoomEvent], 0, 1);
  return { attempt, link, product, tell };
}

test('UX 46 S12 what becomes of a payment is heard over the link, and asked for again and again only without one', async () => {
  vi.useFakeTimers();
  try {
    const { attempt, link, product, tell } = paying(true);
    await vi.advanceTimersByTimeAsync(20_000);
    expect(product.looks, 'once, when it was sent').toBe(1);
    expect([attempt.phase, attempt.isLate]).toEqual(['asked', true]);
    link.isLive = false;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(product.looks).toBeGreaterThan(3);
    link.isLive = true;
    const before = product.looks;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(product.looks).toBe(before);
    product.status = 'succeeded';
    tell();
    await vi.advanceTimersByTimeAsync(0);
    expect([attempt.phase, attempt.isLate]).toEqual(['paid', false]);
  } finally {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  }
});

test('UX 46 an answer that comes late does not take back what a newer one said', async () => {
  const answers: ((status: string) => Response)[] = [];
  vi.stubGlobal('fetch', (_: URL | string, { method = 'GET' }: RequestInit = {}) => {
    const payment = { id, declineMessage: null, isTest: true };
    if (method !== 'GET') return Promise.resolve(Response.json({ payment: { ...payment, status: 'processing' } }));
    return new Promise((resolve) => {
      answers.push((status) => {
        const response = Response.json({ payments: [{ ...payment, status }] });
        resolve(response);
        return response;
      });
    });
  });
  try {
    let room: RoomListener | undefined;
    const listen = (listener: RoomListener) => ((room = listener), () => undefined);
    const link = { isLive: true, onUp: () => () => undefined };
    const attempt = new Attempt({ listen } as unknown as RoomDesk['room'], link, {
      ...milestone,
      ...{ quote, amountMinor: 10_000 },
    } as Milestone);
    attempt.open();
    void attempt.go('press');
    const tell = () => room?.applied([{ type: 'milestone.funded', data: { milestone } } as unknown as RoomEvent], 0, 1);
    await vi.waitFor(() => expect(answers.length).toBe(1));
    answers[0]?.('requires_action');
    await vi.waitFor(() => expect(attempt.phase).toBe('challenge'));
    tell();
    tell();
    await vi.waitFor(() => expect(answers.length).toBe(3));
    answers[2]?.('succeeded');
    await vi.waitFor(() => expect(attempt.phase).toBe('paid'));
    const late = answers[1]?.('requires_action');
    await vi.waitFor(() => expect(late?.bodyUsed).toBe(true));
    await new Promise((resolve) => setTimeout(resolve));
    expect(attempt.phase).toBe('paid');
  } finally {
    vi.unstubAllGlobals();
  }
});
