import { Failure } from '@safesend/shared/failure.ts';
import { newId } from '@safesend/shared/ids.ts';
import type { ChargebackState } from '../../../kernel/ports/processor.ts';
import { queryOne } from '../../../kernel/sql.ts';
import type { Tx } from '../../../kernel/transact.ts';
import type { Hold } from '../entity.ts';
import { presentChargeback, type ChargebackRow } from '../present.ts';
import { winAppeal } from './appealing.ts';
import { bear, borneBy, shareAnew, sumOf } from './bearing.ts';
import { bookMoved, bookProcessorFee } from './booking.ts';
import { noteCovered, takeCovered } from './covering.ts';
import { isBooked } from './ledger.ts';
import { lockedHold, type MoneyDeps } from './owner.ts';
import { queueRecovery } from './recovering.ts';
import { noteRisk, shareOf } from './shares.ts';
import { giveBackStranded } from './stranded.ts';
import { findUndecided } from './undecided.ts';
import { freezeTransfers, thawTransfers } from './withholding.ts';

type Applying = Pick<MoneyDeps, 'owner' | 'log'>;

const columns = `id, hold_id, payment_id, amount_minor::text, share_minor::text, frozen_minor::text, fee_minor::text, owed_minor::text, evidence_due_at, currency, reason, status, opened_at, closed_at`;

/** Makes of a chargeback what the processor says it is now, in any order and however often. */
export async function applyChargeback(tx: Tx, deps: Applying, state: ChargebackState): Promise<void> {
  const at = await queryOne<{ id: string; payment_id: string }>(
    tx.em,
    'select hold_id as id, id as payment_id from payments where processor_payment_id = $1',
    [state.processorPaymentId],
  );
  if (!at)
    return deps.log.warn({ chargeback: state.processorChargebackId }, 'a chargeback of a payment that is not ours');
  const hold = await lockedHold(tx, deps, at.id);
  const known = await find(tx, state.processorChargebackId);
  if (!known) await requirePaid(tx, at.payment_id, state);
  if (known) await bookFee(tx, hold, known, state);
  if (known?.status === 'won' && state.status === 'lost') return loseAfterAll(tx, deps, hold, known, state);
  const open = known ?? (await openChargeback(tx, deps, hold, at.payment_id, state));
  if (open.status === 'lost' && state.status === 'won') return winAppeal(tx, deps, hold, open);
  if (state.status === 'open' || open.status !== 'open') return;
  await closeChargeback(tx, deps, hold, open, state.status);
}

/** What has not come yet cannot be frozen: it is asked about again when it has. */
async function requirePaid(tx: Tx, paymentId: string, { currency }: ChargebackState): Promise<void> {
  const text = `select 1 as one from payments where id = $1 and status = 'succeeded' and currency = $2`;
  if (!(await queryOne(tx.em, text, [paymentId, currency])))
    throw new Failure('conflict', `A chargeback in ${currency} of a payment that has not come here as that.`);
}

async function find(tx: Tx, processorChargebackId: string): Promise<ChargebackRow | null> {
  return queryOne<ChargebackRow>(tx.em, `select ${columns} from chargebacks where processor_chargeback_id = $1`, [
    processorChargebackId,
  ]);
}

/** Freezes what is still here; what was released already is at the platform's risk until the bank decides. */
async function openChargeback(
  tx: Tx,
  deps: Applying,
  hold: Hold,
  paymentId: string,
  state: ChargebackState,
): Promise<ChargebackRow> {
  const { share, here } = await shareOf(tx, paymentId, state.amountMinor);
  const frozen = hold.freeze(here);
  const [row] = await tx.query<ChargebackRow>(
    `insert into chargebacks (id, hold_id, processor_chargeback_id, amount_minor, frozen_minor, fee_minor, currency, reason, status, opened_at, evidence_due_at, payment_id, share_minor)
     values ($1, $2, $3, $4, $5, $6, $7, $8, 'open', $9, $10, $11, $12) returning ${columns}`,
    [
      newId(),
      hold.id,
      state.processorChargebackId,
      String(state.amountMinor),
      String(frozen),
      String(state.feeMinor),
      state.currency,
      state.reason,
      tx.now,
      state.evidenceDueAt,
      paymentId,
      String(share),
    ],
  );
  if (!row) throw new Error('a chargeback was not written');
  await noteOpened(tx, deps, hold, row, { ...state, objectId: state.processorChargebackId });
  return row;
}

/** `objectId`: null where its opening is booked already. */
type Opened = Pick<ChargebackState, 'amountMinor' | 'feeMinor'> & { readonly objectId: string | null };

async function noteOpened(tx: Tx, deps: Applying, hold: Hold, row: ChargebackRow, opened: Opened): Promise<void> {
  const { id, payment_id: paymentId } = row;
  await freezeTransfers(tx, hold, { id, paymentId }, BigInt(row.share_minor) - BigInt(row.frozen_minor));
  const before = hold.atRiskMinor;
  const shown = presentChargeback(row, hold.milestoneId, (await noteRisk(tx, hold)) - before);
  const { amountMinor, feeMinor, objectId } = opened;
  await bookMoved(tx, hold, {
    kind: 'chargeback',
    amount: amountMinor,
    operationId: null,
    objectId,
    tell: (movement) => deps.owner.chargebackOpened(tx, hold, shown, movement),
    entries: [
      { account: 'dispute_suspense', amountMinor },
      { account: 'dispute_fee', amountMinor: feeMinor },
      { account: 'processor_balance', amountMinor: -amountMinor - feeMinor },
    ],
  });
}

/**
 * It was won, and the bank decided anew: it is opened once more, of what is here now, and lost. Once: what was lost and won on
 * appeal before stays won, for an answer may be older than that.
 */
async function loseAfterAll(
  tx: Tx,
  deps: Applying,
  hold: Hold,
  { id, payment_id: paymentId }: ChargebackRow,
  { processorChargebackId: chargeback, amountMinor }: ChargebackState,
): Promise<void> {
  if (await isBooked(tx, id, 'chargeback_lost'))
    return deps.log.error({ chargeback }, 'a chargeback that was won on appeal is lost at the processor');
  const { share, here } = await shareOf(tx, paymentId, amountMinor, id);
  const [row] = await tx.query<ChargebackRow>(
    `update chargebacks set status = 'open', closed_at = null, share_minor = $2, frozen_minor = $3 where id = $1 returning ${columns}`,
    [id, String(share), String(hold.freeze(here))],
  );
  if (!row) throw new Error('a chargeback was not written');
  await noteOpened(tx, deps, hold, row, { amountMinor, feeMinor: 0n, objectId: null });
  await closeChargeback(tx, deps, hold, row, 'lost');
}

/** What the bank asks for it may be named only after it was opened. */
async function bookFee(tx: Tx, hold: Hold, known: ChargebackRow, state: ChargebackState): Promise<void> {
  const { feeMinor, processorChargebackId: objectId } = state;
  if (feeMinor === 0n || BigInt(known.fee_minor) !== 0n) return;
  await tx.query('update chargebacks set fee_minor = $2 where id = $1', [known.id, String(feeMinor)]);
  await bookProcessorFee(tx, hold, { account: 'dispute_fee', feeMinor, objectId });
}

async function closeChargeback(
  tx: Tx,
  deps: Applying,
  hold: Hold,
  open: ChargebackRow,
  status: 'won' | 'lost',
): Promise<void> {
  const { id, payment_id: paymentId } = open;
  const [amount, frozen] = [BigInt(open.amount_minor), BigInt(open.frozen_minor)];
  const lost = { id, paymentId, frozen, rest: BigInt(open.share_minor) - frozen };
  const borne = status === 'lost' ? [await bear(tx, hold, lost)] : [];
  const [row] = await tx.query<ChargebackRow>(
    `update chargebacks set status = $2, closed_at = $3 where id = $1 returning ${columns}`,
    [id, status, tx.now],
  );
  if (!row) throw new Error('a chargeback was not written');
  if (status === 'won') {
    hold.thaw(frozen);
    await thawTransfers(tx, { id, paymentId });
    borne.push(...(await shareAnew(tx, hold, paymentId)));
  }
  const covered = status === 'won' ? 0n : await takeCovered(tx, hold, paymentId);
  await noteRisk(tx, hold);
  const closed = presentChargeback(row, hold.milestoneId, 0n);
  await bookMoved(tx, hold, {
    kind: `chargeback_${status}`,
    amount,
    operationId: null,
    objectId: open.id,
    tell: async (movement) => {
      await noteCovered(tx, hold, paymentId, covered, movement);
      return deps.owner.chargebackClosed(tx, hold, closed, movement, await findUndecided(tx, hold.milestoneId));
    },
    entries: [
      { account: status === 'won' ? 'processor_balance' : 'chargeback_loss', amountMinor: amount },
      { account: 'dispute_suspense', amountMinor: -amount },
      { account: 'client_credit', ownerId: hold.clientId, amountMinor: covered },
      ...borne.flatMap((it) => borneBy(hold, it)),
      // What nobody else bears, the fees for instance, is the platform's to lose.
      { account: 'chargeback_loss', amountMinor: -borne.reduce((sum, it) => sum + sumOf(it), covered) },
    ],
  });
  if (borne.some(({ owed }) => owed > 0n)) await queueRecovery(tx, hold);
  await giveBackStranded(tx, deps, hold);
}
