import { cleanup, render } from '@testing-library/svelte';
import { tick } from 'svelte';
import { afterEach, expect, test, vi } from 'vitest';
import CardChoice from './CardChoice.svelte';
import { Cards } from './cards.svelte.ts';

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

test('I05 UX 33 nothing is offered before all that can be chosen is known, and then one is chosen', async () => {
  const wallet = { processor: 'test-money', publishableKey: null, testMethods: [], items: [] };
  let list: (() => void) | undefined;
  vi.stubGlobal('fetch', (url: string) =>
    url.includes('payment-methods')
      ? new Promise((resolve) => (list = () => resolve(Response.json(wallet))))
      : Promise.resolve(Response.json(wallet)),
  );
  const { container } = render(CardChoice, { choice: '', cards: new Cards() });
  await vi.waitFor(() => expect(list).toBeDefined());
  await tick();
  expect(container.textContent).toBe('');
  list?.();
  await vi.waitFor(() => expect(container.textContent).toMatch(/succeeds|4242|Test card/i));
});

test('I05 cards that are read when nobody chooses among them any more choose none', async () => {
  const warned = vi.spyOn(console, 'warn');
  const answers: (() => void)[] = [];
  const wallet = { processor: 'test-money', publishableKey: null, testMethods: [], items: [] };
  vi.stubGlobal('fetch', () => new Promise((resolve) => answers.push(() => resolve(Response.json(wallet)))));
  const cards = new Cards();
  const read = vi.spyOn(cards, 'read');
  const { unmount } = render(CardChoice, { choice: 'new:tm_card_ok', cards });
  await vi.waitFor(() => expect(answers).toHaveLength(1));
  answers[0]?.();
  await vi.waitFor(() => expect(answers).toHaveLength(2));
  unmount();
  answers[1]?.();
  await read.mock.results[0]?.value;
  await tick();
  expect(warned).not.toHaveBeenCalled();
});
