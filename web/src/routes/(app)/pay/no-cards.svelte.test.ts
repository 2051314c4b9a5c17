import { cleanup, render, screen } from '@testing-library/svelte';
import { afterEach, expect, test, vi } from 'vitest';
import NoCards from './NoCards.svelte';

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

const answers = (status: string) => (address: string) => {
  const payment = { id: 'p', milestoneId: 'm', status, amountMinor: 124_235, currency: 'EUR', isTest: true };
  const answer = address.includes('/payments/')
    ? { payment, clientSecret: null }
    : { milestone: { title: 'Logo' }, roomId: 'r' };
  return Promise.resolve(Response.json(answer));
};
const way = () => [screen.getByRole('link').textContent?.trim(), screen.getByRole('link').getAttribute('href')];

test.each([
  ['succeeded', '€1,242.35 is paid'],
  ['expired', 'Finish paying for Logo'],
  ['requires_action', 'Finish paying for Logo'],
])('UX 33 where no cards are taken a payment of mine that is %s leads back to its room', async (status, heading) => {
  vi.stubGlobal('fetch', answers(status));
  render(NoCards, { paymentId: 'p' });
  await screen.findByRole('heading', { name: heading });
  expect(way()).toEqual(['Back to the room', '/rooms/r']);
  expect(screen.queryAllByText(/goes on in the room/)).toHaveLength(status === 'requires_action' ? 1 : 0);
});

test('UX 33 where no cards are taken a payment nobody knows leads to the payments, and a card to the cards', async () => {
  const asked = vi.fn(() => Promise.resolve(Response.json({ code: 'missing', detail: '' }, { status: 404 })));
  vi.stubGlobal('fetch', asked);
  render(NoCards, { paymentId: 'made-up' });
  await vi.waitFor(() => expect(asked).toHaveBeenCalled());
  expect(way()).toEqual(['Back to your payments', '/payments']);
  cleanup();
  render(NoCards, { paymentId: undefined });
  expect(way()).toEqual(['Back to your cards', '/payments/methods']);
});
