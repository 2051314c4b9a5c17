import { defaultFeeTerms } from '@safesend/shared/escrow/fees.ts';
import { cleanup, render, screen } from '@testing-library/svelte';
import { afterEach, expect, test } from 'vitest';
import type { Side } from '#lib/money/side.ts';
import MilestoneFields from './MilestoneFields.svelte';

afterEach(cleanup);

test.each<[Side, string]>([
  ['client', 'You pay €1,035.35'],
  ['freelancer', 'The client pays €1,035.35'],
])('UX 31 who plans a milestone reads what it costs, and the client that it is him: %s', (side, words) => {
  render(MilestoneFields, {
    values: { title: 'Logo', amount: '1000', due: '', criteria: '' },
    ...{ currency: 'EUR', quoted: { fees: defaultFeeTerms, side } },
    field: (name: string) => ({ id: name, error: undefined }),
  } as never);
  expect(screen.getByText(words, { exact: false })).toBeTruthy();
});
