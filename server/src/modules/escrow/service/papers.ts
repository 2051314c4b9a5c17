import type { Tx } from '../../../kernel/transact.ts';
import { correctRefunded, correctTakenBack } from './corrections.ts';
import type { Due, DueKind, Paper } from './paper.ts';
import { findTaxDetails } from './tax.ts';
import { findBrought } from './together.ts';

export async function papersOf(tx: Tx, due: Due): Promise<Paper[]> {
  const of = (account: string) => BigInt(due.entries[account] ?? 0);
  const work = { from: 'freelancer', to: 'client' } as const;
  const own = due.kind === 'funding' ? await findTaxDetails(tx.em, due.freelancer_id) : null;
  const takenBack = () => correctTakenBack(tx, due);
  const papers: Record<DueKind, () => Paper[] | Promise<Paper[]>> = {
    funding: () => [
      { ...work, kind: 'invoice', line: 'funding', text: due.milestone_title, amount: -of('hold'), tax: own },
      {
        ...{ kind: 'invoice', from: 'platform', to: 'client', line: 'service_fee' },
        ...{ text: `Service fee for “${due.milestone_title}”`, amount: -of('service_fee'), tax: null },
      },
      {
        ...{ kind: 'receipt', from: 'platform', to: 'client', line: 'payment', tax: null },
        ...{ text: `Paid into hold for “${due.milestone_title}”`, amount: -of('hold') },
        more: { text: 'Service fee', amount: -of('service_fee') },
        paid: { at: due.at, with: paidWith(due) },
      },
    ],
    release: () => [
      {
        ...{ kind: 'invoice', from: 'platform', to: 'freelancer', line: 'platform_fee' },
        ...{ text: `Platform fee for “${due.milestone_title}”`, amount: -of('platform_fee'), tax: null },
      },
    ],
    transfer: () => receiptsOf(tx, due),
    refunded: () => correctRefunded(tx, due, of('refund_clearing')),
    // A chargeback that was lost before may have brought him some of it.
    refund_credited: async () => {
      const refunded = await correctRefunded(tx, due, of('refund_clearing'));
      return [...refunded, ...(await correctTakenBack(tx, due, refunded))];
    },
    refund_returned: takenBack,
    credit_covered: takenBack,
    chargeback_lost: takenBack,
    chargeback_won: takenBack,
    chargeback_appealed: takenBack,
  };
  return (await papers[due.kind]()).filter(({ amount }) => amount > 0n);
}

/** A card that was not saved is known to nobody here. */
function paidWith({ is_test: isTest, card }: Due): string {
  const name = card ? `${card.brand.charAt(0).toUpperCase()}${card.brand.slice(1)} ending in ${card.last4}` : 'Card';
  if (!isTest) return name;
  return card ? `Test card ending in ${card.last4}, test money` : 'Test money';
}

interface Transfer {
  readonly gross: string;
  readonly net: string;
  readonly decision_id: string | null;
}

/**
 * Each side has a receipt of its own, one of a release, from however many payments that came: the client of what he had
 * paid, the freelancer of what has reached him of that.
 */
async function receiptsOf(tx: Tx, due: Due): Promise<Paper[]> {
  const [transfer] = await tx.query<Transfer>(
    `select o.gross_minor::text as gross, o.amount_minor::text as net, o.decision_id
     from ledger_transactions t join money_operations o on o.id = t.operation_id where t.id = $1`,
    [due.id],
  );
  if (!transfer) return [];
  const his = { kind: 'receipt', from: 'platform', to: 'freelancer', line: 'transfer', tax: null } as const;
  const title = `“${due.milestone_title}”`;
  if (transfer.gross === '0')
    return [
      { ...his, text: `Sent again for ${title}: the chargeback was won after all`, amount: BigInt(transfer.net) },
    ];
  const { gross, net } = transfer.decision_id === null ? ownOf(transfer) : await findUntold(tx, transfer.decision_id);
  return [
    {
      kind: 'receipt',
      from: 'freelancer',
      to: 'client',
      line: 'release',
      tax: null,
      text: `Paid for ${title}`,
      amount: gross,
    },
    { ...his, text: `Released for ${title}`, amount: gross, more: { text: 'Platform fee', amount: net - gross } },
  ];
}

const ownOf = ({ gross, net }: Transfer) => ({ gross: BigInt(gross), net: BigInt(net) });

/** What a release has brought, less what there are receipts of. */
async function findUntold(tx: Tx, decisionId: string): Promise<{ readonly gross: bigint; readonly net: bigint }> {
  const [told] = await tx.query<{ gross: string; net: string }>(
    `select coalesce(sum(i.total_minor) filter (where i.line = 'release'), 0)::text as gross,
       coalesce(sum(i.total_minor) filter (where i.line = 'transfer'), 0)::text as net
     from money_operations o join ledger_transactions t on t.operation_id = o.id and t.kind = 'transfer'
       join invoices i on i.transaction_id = t.id where o.decision_id = $1`,
    [decisionId],
  );
  const brought = await findBrought(tx, decisionId, null);
  return { gross: brought.gross - BigInt(told?.gross ?? 0), net: brought.net - BigInt(told?.net ?? 0) };
}
