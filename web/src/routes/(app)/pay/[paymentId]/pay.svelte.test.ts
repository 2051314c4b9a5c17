import { cleanup, render, screen } from '@testing-library/svelte';
import { afterEach, expect, test, vi } from 'vitest';
import Page from './+page.svelte';

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

/** The page of this payment, for a milestone that stands like this. */
function opened(isTest: boolean, status: string) {
  const payment = { id: 'p', milestoneId: 'm', status: 'succeeded', amountMinor: 124_235, currency: 'EUR', isTest };
  const quote = { serviceFeeMinor: 4_235, clientPaysMinor: 124_235 };
  const milestone = { title: 'Logo', status, amountMinor: 120_000, currency: 'EUR', hold: null, proposal: null, quote };
  vi.stubGlobal('fetch', (address: string) => {
    const answer = address.includes('/payments/') ? { payment, clientSecret: null } : { milestone, roomId: 'r' };
    return Promise.resolve(Response.json(answer));
  });
  render(Page, { data: { publishableKey: 'pk' } as never });
}

test.each([true, false])('UX 33 the page of a payment says whether it is test money: %s', async (isTest) => {
  opened(isTest, 'planned');
  await screen.findByRole('heading', { name: '€1,242.35 is paid' });
  expect(screen.queryAllByText('Test money')).toHaveLength(isTest ? 1 : 0);
});

test.each([
  ['planned', /is held for ‘Logo’ until you approve/],
  ['submitted', /is held for ‘Logo’ until you approve/],
  ['released', /where it is now, stands in the room/],
  ['refunded', /where it is now, stands in the room/],
])('UX 33 what was paid is said to be held as long as it is: %s', async (status, words) => {
  opened(false, status);
  await screen.findByText(words);
});

test('UX 33 L6 the page of a payment that is not mine says that there is none, and tries nothing again', async () => {
  const answer = () => Promise.resolve(Response.json({ code: 'missing', detail: 'No.' }, { status: 404 }));
  vi.stubGlobal('fetch', answer);
  render(Page, { data: { publishableKey: 'pk' } as never });
  await screen.findByText(/There is no such payment of yours/);
  expect(screen.queryByRole('button')).toBeNull();
});
