import type { Invoice } from '@safesend/shared/escrow/wallet.ts';
import { expect, test } from 'vitest';
import { invoicesCsv } from './csv.ts';

const invoice: Invoice = {
  ...{ id: 'i', number: 'FRIDA-1', kind: 'invoice', issuerName: 'Frida', recipientName: 'Clara, Ltd.' },
  ...{ netMinor: 100_000, taxMinor: 20_000, totalMinor: 120_000, currency: 'EUR', correctsInvoiceId: null },
  ...{ projectTitle: 'Site', milestoneId: 'm', milestoneTitle: 'Logo' },
  ...{ issuedAt: '2026-11-30T12:00:00.000Z', isTest: true },
};

test('UX 36 J08 each paper is a row; what a credit note takes back is below nothing', () => {
  const note = { ...invoice, kind: 'credit_note' as const, number: 'FRIDA-2', isTest: false };
  const yen = { ...invoice, ...{ kind: 'receipt' as const, currency: 'JPY' as const, number: 'R-1', taxMinor: 0 } };
  const about = '2026-11-30T12:00:00.000Z';
  expect(invoicesCsv([invoice, note, yen, { ...note, taxMinor: 0 }]).split('\r\n')).toEqual([
    '\ufeffdate,kind,number,from,to,project,milestone,net,tax,total,currency,test money',
    `${about},Invoice,FRIDA-1,Frida,"Clara, Ltd.",Site,Logo,1000.00,200.00,1200.00,EUR,yes`,
    `${about},Credit note,FRIDA-2,Frida,"Clara, Ltd.",Site,Logo,-1000.00,-200.00,-1200.00,EUR,no`,
    `${about},Receipt,R-1,Frida,"Clara, Ltd.",Site,Logo,100000,0,120000,JPY,yes`,
    `${about},Credit note,FRIDA-2,Frida,"Clara, Ltd.",Site,Logo,-1000.00,0.00,-1200.00,EUR,no`,
    '',
  ]);
});
