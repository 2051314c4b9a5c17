import type { Tx } from '../../../kernel/transact.ts';
import type { Hold } from '../entity.ts';
import { findUnborne } from './covering.ts';
import type { Entry } from './ledger.ts';
import { atLeastNothing, least, owedOf, shareOf } from './shares.ts';
import { freezeTransfers, thawTransfers, withholdTransfers } from './withholding.ts';

/** Who bears what was lost: what was held, what was on its way, and what the freelancer owes. The rest is the platform's. */
export interface Borne {
  readonly held: bigint;
  readonly withheld: bigint;
  readonly owed: bigint;
}
interface Lost {
  readonly id: string;
  readonly paymentId: string;
  /** What of it is frozen in the hold, and what had left the hold. */
  readonly frozen: bigint;
  readonly rest: bigint;
}

/** What is still here bears a lost chargeback first; for what has reached him the freelancer does. */
export async function bear(tx: Tx, hold: Hold, { frozen, rest, ...dispute }: Lost): Promise<Borne> {
  hold.chargeBack(frozen, tx.now);
  // Some of it may have been at the processor when it opened, and have come back since.
  await freezeTransfers(tx, hold, dispute, rest);
  const { gross, net } = await withholdTransfers(tx, hold, dispute);
  const owed = await owedOf(tx, hold, dispute.paymentId, rest - gross);
  hold.owe(owed);
  await tx.query(
    'update chargebacks set frozen_minor = frozen_minor + $2, owed_minor = owed_minor + $3 where id = $1',
    [dispute.id, String(gross), String(owed)],
  );
  return { held: frozen, withheld: net, owed };
}

export const sumOf = ({ held, withheld, owed }: Borne) => held + withheld + owed;

export function borneBy(hold: Hold, { held, withheld, owed }: Borne): Entry[] {
  return [
    { account: 'hold', ownerId: hold.id, amountMinor: held },
    { account: 'release_clearing', amountMinor: withheld },
    { account: 'receivable', ownerId: hold.freelancerId, amountMinor: owed },
  ];
}

interface Other {
  readonly id: string;
  readonly status: 'open' | 'lost';
  readonly amount_minor: string;
  readonly share_minor: string;
  readonly frozen_minor: string;
}

/**
 * One was won: the others of its payment are about what it leaves, the oldest first. As much is frozen for those that are
 * open, and those that were lost before are borne now as if they had been lost after it: who bears what does not depend
 * on which bank decides first. Answers what those took.
 */
export async function shareAnew(tx: Tx, hold: Hold, paymentId: string): Promise<Borne[]> {
  const others = await tx.query<Other>(
    `select id, status, amount_minor::text, share_minor::text, frozen_minor::text from chargebacks
     where payment_id = $1 and status <> 'won' order by opened_at, id`,
    [paymentId],
  );
  const borne: Borne[] = [];
  for (const other of others) {
    const { id } = other;
    const [had, frozen] = [BigInt(other.share_minor), BigInt(other.frozen_minor)];
    const { share, here } = await shareOf(tx, paymentId, BigInt(other.amount_minor), id);
    if (other.status === 'lost') {
      const more = atLeastNothing(least(share - had, await findUnborne(tx, paymentId)));
      const frozenNow = hold.freeze(least(more, atLeastNothing(here - frozen)));
      borne.push(await bear(tx, hold, { id, paymentId, frozen: frozenNow, rest: more - frozenNow }));
      await addTo(tx, id, more, frozenNow);
    } else {
      const [more, frozenNow] = [atLeastNothing(share - had), hold.freeze(atLeastNothing(here - frozen))];
      await addTo(tx, id, more, frozenNow);
      // What is held again bears it before what is on its way does.
      await thawTransfers(tx, { id, paymentId });
      await freezeTransfers(tx, hold, { id, paymentId }, had + more - frozen - frozenNow);
    }
  }
  return borne;
}

async function addTo(tx: Tx, id: string, share: bigint, frozen: bigint): Promise<void> {
  await tx.query(
    'update chargebacks set share_minor = share_minor + $2, frozen_minor = frozen_minor + $3 where id = $1',
    [id, String(share), String(frozen)],
  );
}
