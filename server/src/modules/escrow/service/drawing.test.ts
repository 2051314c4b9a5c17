import type { Statement, Transaction } from '@safesend/shared/escrow/wallet.ts';
import { newId } from '@safesend/shared/ids.ts';
import { setImmediate as laterOn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { drawStatement } from './drawing.ts';

const at = '2026-01-31T12:00:00.000Z';
const period = { currency: 'EUR', from: '2026-01-01T00:00:00.000Z', until: '2026-02-01T00:00:00.000Z' } as const;
const statement: Statement = { ...period, openingMinor: 0, closingMinor: 0, totals: [] };
const line: Transaction = {
  ...{
    id: newId(),
    kind: 'funding',
    amountMinor: -100,
    currency: 'EUR',
    at,
    isTest: false,
    papers: [],
    reference: null,
    invoiceId: null,
  },
  ...{
    projectId: null,
    projectTitle: '설계 设计 हिन्दी',
    milestoneId: null,
    milestoneTitle: 'تصميم',
    roomId: null,
    seq: null,
  },
};

test('T-S15 a statement of many lines lets everybody else through while it is drawn', async () => {
  let isDrawn = false;
  const lines = Array.from({ length: 400 }, () => line);
  const drawn = drawStatement({ userId: newId(), name: 'Mei' }, statement, lines, false).finally(
    () => (isDrawn = true),
  );
  let turns = 0;
  for (; !isDrawn; turns++) await laterOn();
  expect((await drawn).length).toBeGreaterThan(0);
  expect(turns).toBeGreaterThan(lines.length / 20);
});
