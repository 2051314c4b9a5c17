import type { FactRef } from '../../../kernel/fact-buffer.ts';
import type { Tx } from '../../../kernel/transact.ts';
import { lockHoldOf } from '../../escrow/access.ts';
import { findArrival, takeUntold } from '../../escrow/service/together.ts';
import { everybodyElse, findAudience } from './audience.ts';
import { but, tell, tellFormer, tellSide, type Told } from './telling.ts';

/**
 * Tells of what has arrived of a milestone's money, or was taken back: each his own amount, of a release the freelancer what reached him,
 * everybody else what was paid of the hold. `ref` is the fact that it is told with.
 */
export async function tellArrived(tx: Tx, ref: FactRef, milestone: Told): Promise<void> {
  await tellUntold(tx, milestone, async () => ({ about: ref }));
}

/**
 * The rest of it is in the hands of the processor, for days maybe, and no fact says so: it is told with the fact that it
 * arrived with. Whoever has read that finds it in his list, and has nothing left to read.
 */
export async function tellLate(tx: Tx, milestone: Told): Promise<void> {
  await lockHoldOf(tx, milestone.id);
  await tellUntold(tx, milestone, async (ids) => {
    const about = await findArrival(tx, ids);
    return about && { about, readBy: await findReaders(tx, about) };
  });
}

interface Place {
  readonly about: FactRef;
  readonly readBy?: ReadonlySet<string>;
}

async function tellUntold(
  tx: Tx,
  milestone: Told,
  placeOf: (operationIds: readonly string[]) => Promise<Place | null>,
): Promise<void> {
  for (const { kind, ids, gross, net, currency } of await takeUntold(tx, milestone.id)) {
    const place = await placeOf(ids);
    if (!place) continue;
    const { roomId } = place.about;
    const notice = { ...place, isReachable: true, subject: milestone.title } as const;
    const amount = { amountMinor: Number(net), currency };
    await tellFormer(tx, { ...place, milestone, ...formerOf[kind], amount });
    if (kind !== 'transfer') {
      const audience = await findAudience(tx, everybodyElse, [roomId]);
      tell(tx, audience, { ...notice, kind: wordsOf[kind], amount });
      continue;
    }
    await tellSide(tx, { ...place, milestone, side: 'freelancer', kind: 'milestone.released', amount });
    // Sent again after a chargeback that was won after all, it was paid before: the others know how the bank decided.
    if (gross === 0n) continue;
    const audience = await findAudience(tx, but('freelancer'), [roomId, milestone.id]);
    tell(tx, audience, { ...notice, kind: 'milestone.paid', amount: { amountMinor: Number(gross), currency } });
  }
}

/** Who is told of it also where he has left. */
const formerOf = {
  refund: { side: 'client', kind: 'milestone.refunded' },
  reversal: { side: 'freelancer', kind: 'chargeback.recovered' },
  transfer: { side: 'freelancer', kind: 'milestone.released' },
} as const;
const wordsOf = { refund: 'milestone.refunded', reversal: 'chargeback.recovered' } as const;

async function findReaders(tx: Tx, { roomId, seq }: FactRef): Promise<ReadonlySet<string>> {
  const text = 'select user_id from read_marks where room_id = $1 and seq >= $2';
  const rows = await tx.query<{ user_id: string }>(text, [roomId, seq]);
  return new Set(rows.map(({ user_id: userId }) => userId));
}
