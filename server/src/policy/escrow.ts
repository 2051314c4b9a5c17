import { about, type Rule } from './rule.ts';
import {
  reads,
  writes,
  noPaper,
  withMoney,
  nobodys,
  notTheirs,
  unsigned,
  withoutAccount,
  unproven,
} from './verdicts.ts';

/** Money: wallets, papers, cards, payments and payouts. The doors that move it are those of milestones. */
export const escrow: readonly Rule[] = [
  ...about(
    'nothing',
    ['GET /wallet', reads],
    ['GET /transactions', reads],
    ['GET /invoices', reads],
    // Papers are issued of money that moved; nobody here has one yet, and there is no other than one's own.
    ['GET /invoices/{invoiceId}', noPaper],
    ['GET /invoices/{invoiceId}/pdf', noPaper],
    ['GET /statements', reads],
    ['GET /statements/download', reads],
  ),
  // A payment is its payer's alone; the one in question is nobody's here.
  ...about('nothing', ['GET /payments/{paymentId}', { ...nobodys, anonymous: 'unauthenticated' }]),
  ...about(
    'nothing',
    ['POST /payments/{paymentId}/retry', notTheirs],
    ['POST /payments/{paymentId}/cancellation', notTheirs],
  ),
  // Cards and payouts are one's own. Those in question are nobody's; who has not set payouts up yet has none to change.
  ...about(
    'nothing',
    ['GET /payment-methods', reads],
    ['POST /payment-methods', withMoney(writes)],
    ['GET /payment-methods/setups/{setupId}', { ...nobodys, anonymous: 'unauthenticated' }],
    ['PUT /payment-methods/{paymentMethodId}/default', notTheirs],
    ['DELETE /payment-methods/{paymentMethodId}', notTheirs],
    ['GET /payout-account', reads],
    ['POST /payout-account/onboarding', unproven],
    ['PUT /payout-account/schedule', withoutAccount],
    ['GET /me/tax-details', reads],
    ['PUT /me/tax-details', withMoney(writes)],
    ['GET /payouts', reads],
    ['POST /payouts', unproven],
  ),
  // Whoever cannot sign like Stripe is refused, whoever he is.
  ...about(
    'nothing',
    ['POST /webhooks/stripe', unsigned],
    ['POST /webhooks/stripe/connect', unsigned],
    ['POST /webhooks/stripe/thin', unsigned],
  ),
  // Anybody on this machine drives test money, where it is used; it knows no such payment.
  ...about('nothing', ['POST /test/money', nobodys]),
  // Its form is about one's own account.
  ...about('nothing', ['POST /test/payout-account', withoutAccount]),
];
