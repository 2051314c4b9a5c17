import { cleanup, render, screen } from '@testing-library/svelte';
import { afterEach, expect, test, vi } from 'vitest';
import { findPayment } from './found.ts';
import NoCards from './NoCards.svelte';
import NoPayment from './NoPayment.svelte';

afterEach(cleanup);

const paymentId = '0190a000-0000-7000-8000-000000000001';
const opened = (status: string, isTest = true) => {
  const payment = { id: paymentId, milestoneId: 'm', status, amountMinor: 124_235, currency: 'EUR', isTest };
  render(NoCards, { found: { payment: payment as never, roomId: 'r', title: 'Logo' } });
};
const way = () => [screen.getByRole('link').textContent?.trim(), screen.getByRole('link').getAttribute('href')];

const room = ['Back to the room', '/rooms/r'];
const step = ['Finish in the room', '/rooms/r?milestone=m&do=finish'];

test.each([
  ['succeeded', '€1,242.35 is paid', /stands in the room/, room],
  ['expired', 'Finish paying for Logo', /^This attempt to pay has ended/, room],
  ['processing', 'Finish paying for Logo', /^It has not gone through at the payment processor yet/, room],
  [
    'requires_action',
    'Finish paying for Logo',
    /^Your bank asks you to confirm the payment.*goes on in the room/,
    step,
  ],
  ['declined', 'Finish paying for Logo', /^The card was declined.*goes on in the room/, step],
])('UX 33 where no cards are taken a payment of mine that is %s says so and leads on', (status, heading, words, on) => {
  opened(status);
  screen.getByRole('heading', { name: heading });
  screen.getByText(words);
  expect(way()).toEqual(on);
  expect(screen.queryAllByText(/New cards cannot/)).toEqual([]);
});

test('UX 33 a payment whose processor is not here any more says why it does not go on', () => {
  opened('requires_action', false);
  screen.getByText(/New cards cannot be entered on this installation/);
});

test('UX 33 L6 a payment that is not mine, and one that never was, are none, and what is no id is not even asked for', async () => {
  const fetch = vi.fn(() => Promise.resolve(Response.json({ code: 'missing', detail: '' }, { status: 404 })));
  await expect(findPayment(paymentId, fetch)).resolves.toBeNull();
  expect(fetch).toHaveBeenCalledTimes(1);
  await expect(findPayment('made-up', fetch)).resolves.toBeNull();
  expect(fetch).toHaveBeenCalledTimes(1);
  render(NoPayment);
  screen.getByText(/There is no such payment of yours/);
  expect(way()).toEqual(['Back to your payments', '/payments']);
});

test('UX 33 where no cards are taken a card leads to the cards', () => {
  render(NoCards, { found: null });
  expect(way()).toEqual(['Back to your cards', '/payments/methods']);
});
