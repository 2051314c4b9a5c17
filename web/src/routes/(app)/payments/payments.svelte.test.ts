import type { Wallet } from '@safesend/shared/escrow/wallet.ts';
import { cleanup, fireEvent, render, screen } from '@testing-library/svelte';
import type { Component } from 'svelte';
import { afterEach, expect, test, vi } from 'vitest';
import Overview from './+page.svelte';
import Probe from './MoneyPageProbe.test.svelte';
import Payouts from './payouts/+page.svelte';
import TransactionTable from './TransactionTable.svelte';
import Statements from './statements/+page.svelte';

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

const at = '2026-11-30T12:00:00.000Z';
const sums = { currency: 'EUR', openingMinor: 0, totals: [] };
const paid = { id: 'p', currency: 'EUR', status: 'paid', failureMessage: null, createdAt: at, arrivesAt: null };
const line = { id: 't', at, kind: 'payout', currency: 'EUR', milestoneTitle: null, papers: [], isTest: false };
const none = { heldMinor: 0, frozenMinor: 0, takenBackMinor: 0 };
const balance: Wallet['balances'][number] = {
  currency: 'EUR',
  earning: {
    ...{ ...none, pendingMinor: 0, availableMinor: 0, paidOutMinor: 0, earnedMinor: 0 },
    ...{ owedMinor: 0, atRiskMinor: 0 },
  },
  spending: {
    ...{ ...none, refundingMinor: 0, spentMinor: 0, refundedMinor: 0, creditMinor: 0 },
    undecidedMinor: 0,
  },
};
const wallet = {
  processor: 'stripe',
  balances: [balance],
  payoutAccount: { status: 'active', schedule: 'manual', requirements: [] },
  nextPayoutAt: null,
};
const nothing = { session: { user: { role: 'client' } }, latest: [] };
const days = { from: '2026-11-01', until: '2026-11-30' };

test.each([
  ['payouts', Payouts, {}, (amountMinor: number) => [{ ...paid, amountMinor }]],
  [
    'statements',
    Statements,
    { days, wanted: null, statements: [] },
    (minor: number) => [{ ...sums, closingMinor: minor }],
  ],
  ['lines of the overview', Overview, nothing, (amountMinor: number) => [{ ...line, amountMinor }]],
])('UX 42 of the %s an older answer overwrites no newer one', async (_, page, data, of) => {
  const answers: ((sum: number) => Response)[] = [];
  vi.stubGlobal('fetch', () => {
    return new Promise((resolve) => {
      answers.push((sum) => {
        const response = Response.json({ items: of(sum) });
        resolve(response);
        return response;
      });
    });
  });
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  let news: (() => void) | undefined;
  const live = {
    connection: { onUp: (tell: () => void) => ((news = tell), () => undefined), on: () => () => undefined },
  };
  render(Probe, {
    ...{ of: page as unknown as Component<{ data: never }>, data, live },
    wallet: { current: wallet, refresh: () => Promise.resolve() } as never,
  });
  // Some ask when they open as well.
  const before = answers.length;
  news?.();
  news?.();
  await vi.advanceTimersByTimeAsync(1_000);
  vi.useRealTimers();
  expect(answers.length - before).toBe(2);
  answers.at(-1)?.(20_000);
  await screen.findAllByText('€200.00', { exact: false });
  const late = answers.at(-2)?.(10_000);
  await vi.waitFor(() => expect(late?.bodyUsed).toBe(true));
  await new Promise((resolve) => setTimeout(resolve));
  expect(screen.queryAllByText('€100.00', { exact: false })).toEqual([]);
});

test('J08 UX 70 the documents beside one line are told apart by what they are, and two alike by their numbers', () => {
  const papers = [
    { id: '1', kind: 'invoice', number: 'FRIDA-1' },
    { id: '2', kind: 'receipt', number: 'FRIDA-2' },
    { id: '3', kind: 'credit_note', number: 'FRIDA-3' },
    { id: '4', kind: 'credit_note', number: 'SAFESEND-4' },
  ] as const;
  const nowhere = { projectId: null, projectTitle: null, milestoneId: null, roomId: null, seq: null, reference: null };
  const row = { ...line, ...nowhere, amountMinor: 1, papers };
  render(TransactionTable, {
    items: [{ ...row, kind: 'release', invoiceId: '1', currency: 'EUR', papers: [...papers] }],
  });
  const links = screen.getAllByRole('link');
  expect(links.map(({ textContent }) => textContent.trim())).toEqual([
    ...['Invoice', 'Receipt', 'Credit note FRIDA-3', 'Credit note SAFESEND-4'],
  ]);
  const names = links.map((link) => link.getAttribute('aria-label') ?? '');
  expect(new Set(names).size).toBe(4);
  for (const [at, { textContent }] of links.entries()) expect(names[at]).toContain(textContent.trim());
});

test('UX 36 a line leads to the fact that tells of it, and to the room where there is none', () => {
  const about = { projectId: 'p', projectTitle: 'Site', milestoneId: 'm', milestoneTitle: 'Logo', roomId: 'r' };
  const row = { ...line, ...about, kind: 'refund' as const, currency: 'EUR' as const, amountMinor: 1 };
  const rest = { papers: [], invoiceId: null };
  const items = [
    { ...row, ...rest, id: 'a', seq: 17, reference: null },
    { ...row, ...rest, id: 'b', seq: null, reference: null },
    { ...row, ...rest, id: 'c', seq: 19, reference: 'Transfer 4711' },
  ];
  render(TransactionTable, { items });
  const hrefs = screen.getAllByRole('link').map((link) => link.getAttribute('href'));
  expect(hrefs).toEqual(['/rooms/r?seq=17', '/rooms/r', '/rooms/r?seq=19']);
  expect(screen.getAllByText('Paid another way: Transfer 4711')).toHaveLength(1);
});

test('UX 60 what is typed and is no period stays, with what is said about it, when another part of the page is renewed', async () => {
  const data = { days, wanted: null, statements: [] };
  const live = { connection: { onUp: () => () => undefined, on: () => () => undefined } };
  const props = {
    ...{ of: Statements as unknown as Component<{ data: never }>, live },
    wallet: { current: wallet, refresh: () => Promise.resolve() } as never,
  };
  const { rerender } = render(Probe, { ...props, data });
  const until = screen.getByLabelText<HTMLInputElement>('Until');
  await fireEvent.change(until, { target: { value: '2026-10-01' } });
  expect(screen.getByText(/It ends before it begins/)).toBeTruthy();
  await rerender({ ...props, data: { ...data, session: 'renewed' } });
  expect(screen.getByText(/It ends before it begins/)).toBeTruthy();
  expect(until.value).toBe('2026-10-01');
});

test('UX 70 the files of the statements of several currencies are told apart by what they are called', () => {
  const live = { clock: { ahead: 0 }, connection: { onUp: () => () => undefined, on: () => () => undefined } };
  const statements = ['EUR', 'USD'].map((currency) => ({ ...sums, currency, closingMinor: 0 }));
  render(Probe, {
    ...{ of: Statements as unknown as Component<{ data: never }>, data: { days, wanted: null, statements }, live },
    wallet: { current: wallet, refresh: () => Promise.resolve() } as never,
  });
  expect(screen.getAllByRole('link', { name: /^Download/ }).map((it) => it.getAttribute('aria-label'))).toEqual([
    'Download CSV, EUR',
    'Download PDF, EUR',
    'Download CSV, USD',
    'Download PDF, USD',
  ]);
});
