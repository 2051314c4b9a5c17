import type Stripe from 'stripe';
import type { ChargebackState, Listed, Processor } from '../processor.ts';
import { anyMoneyOf, holdOf, idOf, isOurs, moneyOf, orNull } from './client.ts';

type Listing = Pick<Processor, 'readChargeback' | 'listChargebacks' | 'list'>;

export function listingMethods(stripe: Stripe): Listing {
  return {
    async readChargeback(id) {
      const dispute = await orNull(stripe.disputes.retrieve(id));
      return dispute && asChargeback(dispute);
    },
    async listChargebacks(since) {
      const found: ChargebackState[] = [];
      for await (const dispute of stripe.disputes.list({ created: createdSince(since), limit: 100 })) {
        const state = asChargeback(dispute);
        if (state) found.push(state);
      }
      return found;
    },
    async list(since, cursor) {
      const [kind = 'payments', after] = (cursor ?? 'payments').split(' ');
      const page = { created: createdSince(since), limit: 100, ...(after !== undefined && { starting_after: after }) };
      const at = kinds.findIndex((it) => it === kind);
      const { items, last } = await pages[kinds[at] ?? 'payments'](stripe, page);
      const following = kinds[at + 1] ?? null;
      return { items, next: last === null ? following : `${kind} ${last}` };
    },
  };
}

export async function listReturned(stripe: Stripe, since: Date): Promise<string[]> {
  const returned: string[] = [];
  for await (const { id, status } of stripe.refunds.list({ created: createdSince(since), limit: 100 })) {
    if (status === 'failed' || status === 'canceled') returned.push(id);
  }
  return returned;
}

const kinds = ['payments', 'transfers', 'refunds', 'disputes'] as const;
interface Page {
  readonly created: { readonly gte: number };
  readonly limit: number;
  readonly starting_after?: string;
}
interface Read {
  readonly items: readonly Listed[];
  /** Where to go on; null at the end. */
  readonly last: string | null;
}

const pages: Record<(typeof kinds)[number], (stripe: Stripe, page: Page) => Promise<Read>> = {
  async payments(stripe, page) {
    const { data, has_more: more } = await stripe.paymentIntents.list(page);
    const items = data.map(({ id, amount, amount_received: received, currency, metadata, status }): Listed => {
      const succeeded = status === 'succeeded';
      const operationId = metadata['money_op_id'] ?? null;
      const money = anyMoneyOf(succeeded ? received : amount, currency);
      return { ...ofNothing, ...money, kind: 'payment', objectId: id, operationId, succeeded };
    });
    return { items, last: more ? (data.at(-1)?.id ?? null) : null };
  },
  async transfers(stripe, page) {
    const { data, has_more: more } = await stripe.transfers.list(page);
    const items = data.flatMap((transfer) => {
      const of = { holdId: holdOf(transfer.transfer_group), accountId: idOf(transfer.destination) };
      const reversals = transfer.reversals.data.map((reversal) => ({ ...moved('reversal', reversal), ...of }));
      return [{ ...moved('transfer', transfer), ...of }, ...reversals];
    });
    return { items, last: more ? (data.at(-1)?.id ?? null) : null };
  },
  async refunds(stripe, page) {
    const { data, has_more: more } = await stripe.refunds.list(page);
    const items = data.map((refund) => ({
      ...moved('refund', refund),
      ...{ processorPaymentId: idOf(refund.payment_intent), succeeded: refund.status === 'succeeded' },
    }));
    return { items, last: more ? (data.at(-1)?.id ?? null) : null };
  },
  async disputes(stripe, page) {
    const { data, has_more: more } = await stripe.disputes.list(page);
    const items = data.flatMap((dispute): Listed[] => {
      const state = asChargeback(dispute);
      if (!state) return [];
      const { amountMinor, currency, processorChargebackId: objectId, processorPaymentId } = state;
      const about = { ...ofNothing, kind: 'chargeback', objectId, operationId: null, processorPaymentId } as const;
      return [{ ...about, amountMinor, currency, succeeded: true }];
    });
    return { items, last: more ? (data.at(-1)?.id ?? null) : null };
  },
};

interface Movable {
  readonly id: string;
  readonly amount: number;
  readonly currency: string;
  readonly metadata: Stripe.Metadata | null;
}

function moved(kind: Listed['kind'], { id, amount, currency, metadata }: Movable): Listed {
  const operationId = metadata?.['money_op_id'] ?? null;
  const money = anyMoneyOf(amount, currency);
  return { ...ofNothing, ...money, kind, objectId: id, operationId, succeeded: true };
}

const ofNothing = { processorPaymentId: null, holdId: null, accountId: null } as const;

function createdSince(since: Date): { gte: number } {
  return { gte: Math.floor(since.getTime() / 1_000) };
}

/**
 * An inquiry has taken no money: null, until it becomes a dispute. So is one in a currency that nothing is paid in here: it is
 * about another product's payment. A status that is new to us is one still open.
 */
export function asChargeback(dispute: Stripe.Dispute): ChargebackState | null {
  const payment = idOf(dispute.payment_intent);
  const hasTaken = dispute.balance_transactions.length > 0;
  if (payment === null || !isOurs(dispute.currency) || (!hasTaken && /^(warning_|prevented)/.test(dispute.status)))
    return null;
  const isWon = ['won', 'warning_closed', 'prevented'].includes(dispute.status);
  const fee = dispute.balance_transactions[0];
  const { due_by: dueBy } = dispute.evidence_details;
  return {
    ...moneyOf(dispute.amount, dispute.currency),
    processorChargebackId: dispute.id,
    processorPaymentId: payment,
    reason: dispute.reason,
    status: isWon ? 'won' : dispute.status === 'lost' ? 'lost' : 'open',
    feeMinor: fee && fee.currency === dispute.currency ? moneyOf(fee.fee, fee.currency).amountMinor : 0n,
    evidenceDueAt: dueBy === null ? null : new Date(dueBy * 1_000),
  };
}
