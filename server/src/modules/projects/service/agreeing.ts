import { serviceFee } from '@safesend/shared/escrow/fees.ts';
import { canonicalJson } from '@safesend/shared/canonical.ts';
import { Failure, refuseField } from '@safesend/shared/failure.ts';
import { answerDays } from '@safesend/shared/projects/limits.ts';
import type { ChangeProposal, MilestoneChange, MilestoneTerms } from '@safesend/shared/projects/milestone.ts';
import { leastAmountOf } from '@safesend/shared/projects/moves.ts';
import { agreedAnew } from '@safesend/shared/projects/reasons.ts';
import { sha256 } from '../../../kernel/chain.ts';
import type { Tx } from '../../../kernel/transact.ts';
import { amountWords } from '../../../kernel/amount-words.ts';
import { requireVerified } from '../../escrow/access.ts';
import { decideRefund } from '../../escrow/service/decisions.ts';
import { accessMoney, type MilestoneInHand } from '../access.ts';
import type { Milestone } from '../entity.ts';
import { presentMilestone } from '../present.ts';
import { requireChargeable, requireOnePayment } from './chargeable.ts';
import { dropClocks, findClock, setClock, setDeadline } from './clocks.ts';
import { decided, endPaying, requireHold, tellMoved } from './money.ts';

const dayMs = 86_400_000;

export function termsOf({ title, amountMinor, currency, dueAt, criteria }: Milestone): MilestoneTerms {
  return { title, amountMinor, currency, dueAt: dueAt?.toISOString() ?? null, criteria };
}

/** Once money is held nobody changes the text, the amount or the date alone: he proposes, the other side accepts the hash. */
export async function proposeChange(tx: Tx, milestoneId: string, change: MilestoneChange): Promise<Milestone> {
  const inHand = await accessMoney(tx, milestoneId, 'party');
  const { project, milestone } = inHand;
  const present = termsOf(milestone);
  const terms = changed(present, change);
  requireChargeable(terms.amountMinor, terms.currency, 'paid');
  requireOnePayment(moneyOf(milestone, terms).topUpMinor, terms.currency, milestone);
  await decided(tx, inHand, () => {
    milestone.requireMove('propose');
    if (milestone.proposal?.acceptedBy) throw new Failure('conflict', 'The agreed change waits for its payment.');
    if (milestone.proposal && milestone.proposal.proposedBy !== tx.me)
      throw new Failure('conflict', 'The other side has proposed a change. Answer that first.');
    if (canonicalJson(terms) === canonicalJson(present)) throw new Failure('conflict', 'This changes nothing.');
    requireEnough(milestone, terms);
  });
  const answerBy = new Date(tx.now.getTime() + answerDays * dayMs);
  const { revision } = milestone;
  milestone.proposal = {
    hash: sha256(canonicalJson({ milestoneId: milestone.id, revision, terms })),
    revision,
    terms,
    money: moneyOf(milestone, terms),
    acceptedBy: null,
    proposedBy: tx.me,
    proposedAt: tx.now.toISOString(),
    answerBy: answerBy.toISOString(),
  };
  await setClock(tx, milestone, 'proposal', answerBy);
  tx.append(project.roomId, { type: 'milestone.change.proposed', data: presentMilestone(milestone) });
  return milestone;
}

/** What was released, given back or is on its way does not come back by an agreement. */
function requireEnough(milestone: Milestone, { amountMinor, currency }: MilestoneTerms): void {
  const least = leastAmountOf(milestone);
  if (amountMinor >= least) return;
  const words = `It cannot be less than ${amountWords(least, currency)}: that much is not held any more.`;
  throw refuseField('conflict', 'amountMinor', words);
}

/** What it costs and gives back is said before anybody agrees. */
function moneyOf(milestone: Milestone, { amountMinor, currency }: MilestoneTerms): ChangeProposal['money'] {
  const topUpMinor = Math.max(0, amountMinor - milestone.amountMinor);
  const serviceFeeMinor = topUpMinor === 0 ? 0 : Number(serviceFee(BigInt(topUpMinor), currency, milestone));
  const clientPaysMinor = topUpMinor + serviceFeeMinor;
  return {
    topUpMinor,
    serviceFeeMinor,
    clientPaysMinor,
    refundMinor: Math.max(0, milestone.amountMinor - amountMinor),
  };
}

function changed(terms: MilestoneTerms, { title, amountMinor, dueAt, criteria }: MilestoneChange): MilestoneTerms {
  return {
    ...terms,
    title: title ?? terms.title,
    amountMinor: amountMinor ?? terms.amountMinor,
    criteria: criteria ?? terms.criteria,
    dueAt: dueAt === undefined ? terms.dueAt : dueAt,
  };
}

/** Accepts exactly what this hash names. */
export async function acceptProposal(tx: Tx, milestoneId: string, hash: string): Promise<Milestone> {
  const inHand = await accessMoney(tx, milestoneId, 'party');
  const { project, milestone } = inHand;
  let freed = 0n;
  await decided(tx, inHand, async () => {
    const proposal = requireProposal(milestone, hash);
    if (proposal.acceptedBy) throw new Failure('conflict', 'The agreed change waits for its payment.');
    if (proposal.proposedBy === tx.me) throw new Failure('forbidden', 'The other side accepts your proposal, not you.');
    milestone.requireMove('propose');
    if (proposal.money.topUpMinor > 0) return agreeOnMore(tx, milestone, proposal);
    freed = BigInt(proposal.money.refundMinor);
    if (freed > 0n) await requireVerified(tx);
    const hold = await requireHold(tx, milestone);
    if (freed > hold.heldMinor) throw new Failure('conflict', 'Less than that is held by now.');
    await agree(tx, milestone, proposal);
  });
  const type = milestone.proposal ? 'milestone.change.agreed' : 'milestone.change.accepted';
  tx.append(project.roomId, { type, data: presentMilestone(milestone) });
  if (freed > 0n) await giveBack(tx, inHand, freed);
  return milestone;
}

/** Both sides want it. Until the difference is paid everything stays as it was agreed before. */
async function agreeOnMore(tx: Tx, milestone: Milestone, proposal: ChangeProposal): Promise<void> {
  const answerBy = new Date(tx.now.getTime() + answerDays * dayMs);
  milestone.proposal = { ...proposal, acceptedBy: tx.me, answerBy: answerBy.toISOString() };
  milestone.waiting = { reason: 'top_up', on: 'client', paymentId: null, since: tx.now.toISOString() };
  await setClock(tx, milestone, 'proposal', answerBy);
}

/** The difference was paid: what both sides wanted is in force. */
export async function agreeOnPaid(tx: Tx, { project, milestone }: MilestoneInHand): Promise<void> {
  const { proposal } = milestone;
  if (!proposal?.acceptedBy) return;
  await agree(tx, milestone, proposal, proposal.acceptedBy);
  milestone.waiting = null;
  tx.append(project.roomId, { type: 'milestone.change.accepted', data: presentMilestone(milestone) });
}

async function agree(tx: Tx, milestone: Milestone, proposal: ChangeProposal, acceptedBy = tx.me): Promise<void> {
  await keepVersion(tx, milestone, null, null);
  const { title, amountMinor, criteria, dueAt } = proposal.terms;
  milestone.change({ title, amountMinor, criteria, dueAt }, 'agreed');
  milestone.revision += 1;
  milestone.proposal = null;
  await dropClocks(tx, milestone, 'proposal');
  if (milestone.status !== 'submitted') await setDeadline(tx, milestone);
  await keepVersion(tx, milestone, proposal.proposedBy, acceptedBy);
}

async function giveBack(tx: Tx, inHand: MilestoneInHand, amount: bigint): Promise<void> {
  const hold = await requireHold(tx, inHand.milestone);
  const refund = await decideRefund(tx, hold, amount, agreedAnew);
  await tellMoved(tx, inHand, hold, refund, 'milestone.refunding', agreedAnew);
}

/** Old versions stay readable; the first one is kept when the second comes. */
async function keepVersion(tx: Tx, milestone: Milestone, proposedBy: string | null, acceptedBy: string | null) {
  await tx.query(
    `insert into milestone_versions (milestone_id, revision, terms, proposed_by, accepted_by, at)
     values ($1, $2, $3, $4, $5, $6) on conflict do nothing`,
    [
      milestone.id,
      milestone.revision,
      JSON.stringify(termsOf(milestone)),
      proposedBy,
      acceptedBy,
      proposedBy ? tx.now : milestone.createdAt,
    ],
  );
}

/** Declines the other side's proposal, or takes one's own back. */
export async function declineProposal(tx: Tx, milestoneId: string, hash: string): Promise<Milestone> {
  const inHand = await accessMoney(tx, milestoneId, 'party');
  await decided(tx, inHand, async () => {
    requireProposal(inHand.milestone, hash);
    if (findClock(inHand.milestone, 'payment')) throw new Failure('conflict', 'It is being paid. Give that up first.');
  });
  await dropProposal(tx, inHand);
  return inHand.milestone;
}

/** Also when nobody answered in time. */
export async function dropProposal(tx: Tx, { project, milestone }: MilestoneInHand): Promise<void> {
  if (!milestone.proposal) return;
  milestone.endProposal();
  await dropClocks(tx, milestone, 'proposal');
  await endPaying(tx, milestone, 'cancelled');
  tx.append(project.roomId, { type: 'milestone.change.declined', data: presentMilestone(milestone) });
}

function requireProposal({ proposal }: Milestone, hash: string): ChangeProposal {
  if (!proposal) throw new Failure('conflict', 'Nothing is proposed.');
  if (proposal.hash !== hash) throw new Failure('conflict', 'It changed since you looked: look at the proposal again.');
  return proposal;
}
