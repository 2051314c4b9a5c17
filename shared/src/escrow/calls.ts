import { z } from 'zod';
import { call } from '../call.ts';
import { commandId, id } from '../ids.ts';
import { amountMinor, currency, maxAmountMinor } from '../money.ts';
import { instant, moment, page, pageQuery, wholeNumber } from '../values.ts';
import { payment } from './hold.ts';
import {
  cardSetup,
  country,
  invoice,
  paymentMethod,
  payout,
  payoutAccount,
  statement,
  taxDetails,
  transaction,
  transactionKind,
  wallet,
  testCard,
  testMoneyPart,
} from './wallet.ts';

/** Needed; in the body or as the `Idempotency-Key` header. */
const withCommand = { commandId: commandId.optional() };

export const getWallet = call({
  method: 'get',
  path: '/wallet',
  summary: 'My money: held, pending, available and paid, per currency',
  access: 'read',
  answers: { 200: wallet },
});
const period = { from: instant.optional(), until: instant.optional() };
const amountsText =
  'An amount without its sign, in minor units of `currency`. Without `currency`: in hundredths of a whole unit of each, so that 10000 is 100 EUR, 100 JPY and 100 KWD.';

export const listTransactions = call({
  method: 'get',
  path: '/transactions',
  summary: 'What my money did, the newest first',
  access: 'read',
  query: z.strictObject({
    ...pageQuery,
    ...period,
    kind: transactionKind.optional(),
    projectId: id.optional(),
    currency: currency.optional(),
    /** Amounts without their sign, in minor units of `currency`; without one, in hundredths of a whole unit of each currency. */
    leastMinor: wholeNumber(0, maxAmountMinor).optional().describe(amountsText),
    mostMinor: wholeNumber(0, maxAmountMinor).optional().describe(amountsText),
    /** Part of a project's or milestone's title. */
    q: z.string().trim().max(120).optional(),
  }),
  answers: { 200: page(transaction) },
});
export const listInvoices = call({
  method: 'get',
  path: '/invoices',
  summary: 'Invoices, credit notes and receipts to me or by me, the newest first',
  access: 'read',
  query: z.strictObject({ ...pageQuery, ...period }),
  answers: { 200: page(invoice) },
});
export const getInvoice = call({
  method: 'get',
  path: '/invoices/{invoiceId}',
  summary: 'One invoice, credit note or receipt',
  access: 'read',
  params: z.strictObject({ invoiceId: id }),
  answers: { 200: z.strictObject({ invoice }) },
});
/** Answers the PDF itself, the same bytes every time. */
export const getInvoicePdf = call({
  method: 'get',
  path: '/invoices/{invoiceId}/pdf',
  summary: 'The PDF of an invoice',
  access: 'read',
  params: z.strictObject({ invoiceId: id }),
  answers: { 200: null },
});
export const getStatements = call({
  method: 'get',
  path: '/statements',
  summary: 'The totals of a period, per currency; they equal the ledger. Without one: this month (UTC) until now',
  access: 'read',
  query: z.strictObject(period),
  answers: { 200: page(statement) },
});
/** Answers CSV or PDF. */
export const downloadStatement = call({
  method: 'get',
  path: '/statements/download',
  summary: 'A statement of a period as CSV or PDF',
  access: 'read',
  query: z.strictObject({ from: instant, until: instant, currency, format: z.enum(['csv', 'pdf']) }),
  answers: { 200: null },
});

export const getTaxDetails = call({
  method: 'get',
  path: '/me/tax-details',
  summary: 'What my invoices say about tax; null: nothing',
  access: 'read',
  answers: { 200: z.strictObject({ taxDetails: taxDetails.nullable() }) },
});
/** Papers that were issued keep what they say. */
export const setTaxDetails = call({
  method: 'put',
  path: '/me/tax-details',
  summary: 'Say what my invoices say about tax from now on; the prices include it',
  access: 'money',
  body: z.strictObject({ taxDetails: taxDetails.nullable() }),
  answers: { 204: null },
});

export const listPaymentMethods = call({
  method: 'get',
  path: '/payment-methods',
  summary: 'My saved cards',
  access: 'read',
  answers: { 200: z.strictObject({ items: z.array(paymentMethod), nextCursor: z.string().nullable() }) },
});
export const addPaymentMethod = call({
  method: 'post',
  path: '/payment-methods',
  summary: 'Begin to save a card; its number never comes here',
  access: 'money',
  body: z.strictObject({
    /** A named test card, where no real processor is used or its base is not its own. */
    testCard: testCard.optional(),
    ...withCommand,
  }),
  answers: { 201: z.strictObject({ setup: cardSetup }) },
  command: 'required',
});
export const getCardSetup = call({
  method: 'get',
  path: '/payment-methods/setups/{setupId}',
  summary: 'How saving a card goes, with what the browser needs to finish it',
  access: 'read',
  params: z.strictObject({ setupId: id }),
  answers: { 200: z.strictObject({ setup: cardSetup }) },
});
export const setDefaultPaymentMethod = call({
  method: 'put',
  path: '/payment-methods/{paymentMethodId}/default',
  summary: 'Use this card first',
  access: 'money',
  params: z.strictObject({ paymentMethodId: id }),
  answers: { 204: null },
});
export const removePaymentMethod = call({
  method: 'delete',
  path: '/payment-methods/{paymentMethodId}',
  summary: 'Forget a card',
  access: 'money',
  params: z.strictObject({ paymentMethodId: id }),
  answers: { 204: null },
  command: 'optional',
});

export const getPayoutAccount = call({
  method: 'get',
  path: '/payout-account',
  summary: 'Where my money goes, and what is missing',
  access: 'read',
  answers: { 200: z.strictObject({ payoutAccount }) },
});
export const openPayoutOnboarding = call({
  method: 'post',
  path: '/payout-account/onboarding',
  summary: 'A page of the processor on which payouts are set up; single use',
  access: 'money',
  body: z.strictObject({ country: country.optional(), ...withCommand }),
  answers: { 201: z.strictObject({ url: z.string(), expiresAt: moment.nullable() }) },
  command: 'required',
});
export const setPayoutSchedule = call({
  method: 'put',
  path: '/payout-account/schedule',
  summary: 'How often my money goes to my bank',
  access: 'money',
  body: z.strictObject({ schedule: payoutAccount.shape.schedule }),
  answers: { 204: null },
});
export const listPayouts = call({
  method: 'get',
  path: '/payouts',
  summary: 'My payouts, the newest first',
  access: 'read',
  query: z.strictObject(pageQuery),
  answers: { 200: page(payout) },
});
export const requestPayout = call({
  method: 'post',
  path: '/payouts',
  summary: 'Pay out what is available now',
  access: 'money',
  body: z.strictObject({ amountMinor, currency, ...withCommand }),
  answers: { 201: z.strictObject({ payout }) },
  command: 'required',
});

/** Test-money only: refused in production and with a Stripe key. */
export const driveTestMoney = call({
  method: 'post',
  path: '/test/money',
  summary: 'Decide what becomes of a payment made with test-money (its payer, or anybody on this machine)',
  access: 'public',
  body: z.strictObject({
    paymentId: id,
    outcome: z.enum([
      'succeed',
      'decline',
      'challenge',
      'chargeback',
      'chargeback_won',
      'chargeback_lost',
      'refund_returned',
    ]),
    commandId: commandId.optional(),
  }),
  answers: { 201: z.strictObject({ payment }) },
  command: 'optional',
});
/** Test-money only, too: what a person tells a real processor on its own pages. Nothing of it is sent or kept. */
export const answerTestMoney = call({
  method: 'post',
  path: '/test/payout-account',
  summary: 'Say on the form of test-money who I am, and then where my bank is: payouts are set up after both',
  access: 'money',
  body: z.strictObject({ part: testMoneyPart, commandId: commandId.optional() }),
  answers: { 201: z.strictObject({ payoutAccount }) },
  command: 'optional',
});
