import { transactionKind, type PaperKind, type Transaction } from '@safesend/shared/escrow/wallet.ts';
import { m } from '#lib/paraglide/messages.js';

const words: Record<Transaction['kind'], () => string> = {
  funding: m.payments_kind_funding,
  service_fee: m.payments_kind_service_fee,
  release: m.payments_kind_release,
  platform_fee: m.payments_kind_platform_fee,
  refund: m.payments_kind_refund,
  refund_returned: m.payments_kind_refund_returned,
  chargeback: m.payments_kind_chargeback,
  chargeback_won: m.payments_kind_chargeback_won,
  reversal: m.payments_kind_reversal,
  payout: m.payments_kind_payout,
};

export function kindWords(kind: Transaction['kind']): string {
  return words[kind]();
}

const papers: Record<PaperKind, () => string> = {
  invoice: m.payments_paper_invoice,
  credit_note: m.payments_paper_credit_note,
  receipt: m.payments_paper_receipt,
};

export function paperWords(kind: PaperKind): string {
  return papers[kind]();
}

export const kinds = transactionKind.options;
