import type { Currency } from '@safesend/shared/money.ts';
import type { Invoice } from '@safesend/shared/escrow/wallet.ts';

/** What a paper said when it was issued; it says so for ever. */
export interface PaperText {
  readonly number: string;
  readonly issuerName: string;
  readonly recipientName: string;
  readonly projectTitle: string;
  readonly milestoneId: string;
  readonly milestoneTitle: string;
  readonly lines: readonly { readonly text: string; readonly amountMinor: number }[];
  readonly taxes: readonly { readonly text: string; readonly rateBps: number; readonly amountMinor: number }[];
  readonly corrects: string | null;
  /** Absent on papers from before tax was asked for. */
  readonly tax?: { readonly label: string; readonly number: string | null; readonly rateBps: number } | null;
  /** Of a receipt of what was paid here: when it was charged and with what. */
  readonly paid?: { readonly at: string; readonly with: string };
  readonly isTest: boolean;
}

/** A ledger transaction that brings papers. */
export interface Due {
  readonly id: string;
  readonly kind: DueKind;
  readonly hold_id: string;
  readonly client_id: string;
  readonly freelancer_id: string;
  readonly client_name: string;
  readonly freelancer_name: string;
  readonly milestone_id: string;
  readonly milestone_title: string;
  readonly project_title: string;
  readonly currency: Currency;
  readonly is_test: boolean;
  readonly at: string;
  /** The card it was paid with, where that was a saved one. */
  readonly card: { readonly brand: string; readonly last4: string } | null;
  /** Its entries by the kind of their account. */
  readonly entries: Readonly<Record<string, string>>;
}
export type DueKind =
  | 'funding'
  | 'release'
  | 'transfer'
  | 'refunded'
  | 'refund_credited'
  | 'refund_returned'
  | 'credit_covered'
  | 'chargeback_lost'
  | 'chargeback_won'
  | 'chargeback_appealed';

/** What its issuer said about his tax when it was issued, or when what it corrects was. */
export type Tax = NonNullable<PaperText['tax']>;

export interface Paper {
  readonly kind: Invoice['kind'];
  readonly line: string;
  readonly from: 'platform' | 'freelancer';
  readonly to: 'client' | 'freelancer';
  readonly text: string;
  readonly amount: bigint;
  /** What else it is made of, in words. */
  readonly more?: { readonly text: string; readonly amount: bigint };
  readonly paid?: PaperText['paid'];
  readonly corrects?: { readonly id: string; readonly number: string };
  /** Null: it says nothing about tax. */
  readonly tax: Tax | null;
  /** The tax of a part: the taxes of the parts sum to the tax of the whole. */
  readonly taxed?: bigint;
}
