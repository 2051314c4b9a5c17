import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import type { Component } from 'svelte';
import { afterEach, expect, test, vi } from 'vitest';
import { awake } from '#lib/ui/awake.svelte.ts';
import Probe from '../MoneyPageProbe.test.svelte';
import Payouts from './+page.svelte';

awake.current = true;
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

const patience = { timeout: 8_000 };
const none = { heldMinor: 0, frozenMinor: 0, takenBackMinor: 0 };
const walletWith = (availableMinor: number, schedule = 'manual') => ({
  ...{ processor: 'stripe', payoutAccount: { status: 'active', schedule, requirements: [] }, nextPayoutAt: null },
  balances: [{ currency: 'EUR', earning: { ...none, availableMinor, atRiskMinor: 0, owedMinor: 0 }, spending: none }],
});

type Answer = (body: Record<string, unknown>) => Response | null;
const refusal = (status: number, code: string) => Response.json({ code, detail: 'No.' }, { status });

/** The page of payouts, with what the server answers to what is changed; null: the answer is lost. */
function opened(answer: Answer, refresh = (): void => undefined, read = () => refusal(503, 'unavailable')) {
  let current = $state.raw(walletWith(27_000));
  const bodies: Record<string, unknown>[] = [];
  vi.stubGlobal('fetch', async (address: string, { method, body }: { method: string; body: string }) => {
    if (method === 'GET') return address.endsWith('/payout-account') ? read() : Response.json({ items: [] });
    const said = JSON.parse(body) as Record<string, unknown>;
    bodies.push(said);
    const response = answer(said);
    if (!response) throw new TypeError('the line is cut');
    return Promise.resolve(response);
  });
  const live = { connection: { onUp: () => () => undefined, on: () => () => undefined } };
  const wallet = {
    get current() {
      return current;
    },
    refresh: () => Promise.resolve(refresh()),
  };
  const of = Payouts as unknown as Component<{ data: never }>;
  render(Probe, { of, data: {}, live, wallet: wallet as never });
  return { bodies, becomes: (next: typeof current) => (current = next) };
}

const press = async (name: string) => fireEvent.click(await screen.findByRole('button', { name }, patience));
const choose = async (from: string, to: string) => {
  const select = screen.getByLabelText('How often to your bank');
  expect(select.textContent).toContain(from);
  await fireEvent.keyDown(select, { key: 'ArrowDown' });
  const option = await screen.findByRole('option', { name: to }, patience);
  await fireEvent.pointerMove(option);
  await fireEvent.pointerUp(option);
};
const chosen = () => screen.getByLabelText('How often to your bank').textContent?.trim();

test('J16 UX 42 a payout whose answer is lost is not called undone, and pressed again it is the same one', async () => {
  let isCut = true;
  const { bodies } = opened(() => (isCut ? null : Response.json({ payout: {} }, { status: 201 })));
  await press('Pay out €270.00');
  const dialog = await screen.findByRole('alertdialog');
  const pay = () => [...dialog.querySelectorAll('button')].at(-1) as HTMLElement;
  await fireEvent.click(pay());
  await waitFor(() => expect(dialog.textContent).toContain('It is not known whether this was done'), patience);
  expect(dialog.textContent).not.toContain('cannot be reached');
  expect([...dialog.querySelectorAll('button')].map((button) => button.textContent.trim())[0]).toBe('Close');

  // Also when it was closed meanwhile.
  await press('Close');
  await waitFor(() => expect(screen.queryByRole('alertdialog')).toBeNull());
  isCut = false;
  await press('Pay out €270.00');
  expect((await screen.findByRole('alertdialog')).textContent).toContain('It is not known whether this was done');
  await fireEvent.click([...screen.getByRole('alertdialog').querySelectorAll('button')].at(-1) as HTMLElement);
  await waitFor(() => expect(screen.queryByRole('alertdialog')).toBeNull(), patience);
  expect(bodies.length).toBeGreaterThan(1);
  expect(new Set(bodies.map(({ commandId }) => commandId)).size).toBe(1);
}, 20_000);

test('J16 UX 42 what is gone while it is asked for is offered no more, and what is left is asked for anew', async () => {
  const { bodies, becomes } = opened(() => Response.json({ payout: {} }, { status: 201 }));
  await press('Pay out €270.00');
  const dialog = await screen.findByRole('alertdialog');
  becomes(walletWith(20_000));
  await waitFor(() => expect(dialog.textContent).toContain('What is available has changed'));
  const labels = () => [...dialog.querySelectorAll('button')].map((button) => button.textContent.trim());
  expect(labels()).toEqual(['Close', 'Pay out €200.00']);
  await fireEvent.click([...dialog.querySelectorAll('button')].at(-1) as HTMLElement);
  await waitFor(() => expect(dialog.textContent).toContain('Pay out €200.00?'));
  expect(bodies).toEqual([]);
  becomes(walletWith(0));
  await waitFor(() => expect(labels()).toEqual(['Close']));
  expect(dialog.textContent).toContain('€200.00 is not available any more, and nothing else is.');
});

test('J16 UX 42 a refusal because it is gone says what there is instead, before anything else has told', async () => {
  const page: { becomes?: (next: ReturnType<typeof walletWith>) => unknown } = {};
  const { becomes } = opened(
    () => refusal(409, 'conflict'),
    () => page.becomes?.(walletWith(10_000)),
  );
  page.becomes = becomes;
  await press('Pay out €270.00');
  const dialog = await screen.findByRole('alertdialog');
  await fireEvent.click([...dialog.querySelectorAll('button')].at(-1) as HTMLElement);
  await waitFor(() => expect(dialog.textContent).toContain('€270.00 is not available any more. Now it is €100.00.'));
});

test('J16 UX 42 a schedule that is refused is taken back', async () => {
  opened(() => refusal(403, 'forbidden'));
  await choose('When I ask', 'Every day');
  await waitFor(() => expect(chosen()).toContain('When I ask'));
});

test('J16 UX 42 a schedule whose answer is lost is looked up until it is known', async () => {
  let isCut = true;
  const payoutAccount = { status: 'active', schedule: 'manual', requirements: [] };
  const read = () => (isCut ? refusal(503, 'unavailable') : Response.json({ payoutAccount }));
  opened(() => null, undefined, read);
  await choose('When I ask', 'Every day');
  await screen.findByText(/It is not known whether this was saved/, {}, patience);
  isCut = false;
  await screen.findByText('Your choice was not saved. Choose it again.', {}, patience);
  expect(chosen()).toContain('When I ask');
}, 20_000);
