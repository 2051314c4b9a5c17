import { cleanup, render, screen } from '@testing-library/svelte';
import { afterEach, expect, test, vi } from 'vitest';
import Page from './+page.svelte';

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

test.each([true, false])('UX 33 the page of a payment says whether it is test money: %s', async (isTest) => {
  const payment = { id: 'p', milestoneId: 'm', status: 'succeeded', amountMinor: 124_235, currency: 'EUR', isTest };
  const quote = { serviceFeeMinor: 4_235, clientPaysMinor: 124_235 };
  const milestone = { title: 'Logo', amountMinor: 120_000, currency: 'EUR', hold: null, proposal: null, quote };
  vi.stubGlobal('fetch', (address: string) => {
    const answer = address.includes('/payments/') ? { payment, clientSecret: null } : { milestone, roomId: 'r' };
    return Promise.resolve(Response.json(answer));
  });
  render(Page, { data: { publishableKey: 'pk' } as never });
  await screen.findByRole('heading', { name: '€1,242.35 is paid' });
  expect(screen.queryAllByText('Test money')).toHaveLength(isTest ? 1 : 0);
});
