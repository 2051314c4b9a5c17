import { Failure, refuseField } from '@safesend/shared/failure.ts';
import { newId } from '@safesend/shared/ids.ts';
import { leastReviewDays, reviewDays } from '@safesend/shared/projects/limits.ts';
import type { NewSubmission, Submission } from '@safesend/shared/projects/milestone.ts';
import type { Identity } from '../../../kernel/identity.ts';
import { query } from '../../../kernel/sql.ts';
import type { Tx } from '../../../kernel/transact.ts';
import { requireFresh, requireVerified } from '../../escrow/access.ts';
import { presentHold } from '../../escrow/present.ts';
import { decideRelease } from '../../escrow/service/decisions.ts';
import { pinVersions } from '../../files/service/evidence.ts';
import { accessMoney, type MilestoneInHand } from '../access.ts';
import type { Milestone } from '../entity.ts';
import { presentMilestone } from '../present.ts';
import { dropClocks, findClock, pauseClock, resumeClock, setClock, setDeadline } from './clocks.ts';
import { decided, endWork, requireHold } from './money.ts';

const dayMs = 86_400_000;

export async function startMilestone(tx: Tx, milestoneId: string): Promise<Milestone> {
  const inHand = await accessMoney(tx, milestoneId, 'freelancer');
  const { project, milestone } = inHand;
  await decided(tx, inHand, () => milestone.start());
  tx.append(project.roomId, { type: 'milestone.started', data: presentMilestone(milestone) });
  return milestone;
}

/** Hands in exactly these bytes; an older submission that waits is superseded. The review begins, or goes on. */
export async function submitMilestone(tx: Tx, milestoneId: string, input: NewSubmission): Promise<Milestone> {
  const inHand = await accessMoney(tx, milestoneId, 'freelancer');
  const { project, milestone } = inHand;
  const submission: Submission = {
    id: newId(),
    number: (milestone.submission?.number ?? 0) + 1,
    note: input.note,
    files: await pin(tx, project.roomId, input.files),
    submittedBy: tx.me,
    submittedAt: tx.now.toISOString(),
    status: 'open',
    changes: null,
    answeredBy: null,
    answeredAt: null,
  };
  await decided(tx, inHand, () => milestone.submit(submission));
  await tx.query(`update submissions set status = 'superseded' where milestone_id = $1 and status = 'open'`, [
    milestone.id,
  ]);
  await tx.query(
    `insert into submissions (id, milestone_id, number, note, files, status, submitted_by, submitted_at)
     values ($1, $2, $3, $4, $5, 'open', $6, $7)`,
    [submission.id, milestone.id, submission.number, input.note, JSON.stringify(submission.files), tx.me, tx.now],
  );
  await pinVersions(tx, { submissionId: submission.id, milestoneId: milestone.id, files: submission.files });
  await dropClocks(tx, milestone, 'deadline');
  if (findClock(milestone, 'review')?.pausedAt) await resumeClock(tx, milestone, 'review', leastReviewDays);
  else await setClock(tx, milestone, 'review', new Date(tx.now.getTime() + reviewDays * dayMs));
  tx.append(project.roomId, { type: 'milestone.submitted', data: presentMilestone(milestone) });
  return milestone;
}

/** Each file must lie in this room, in that version, with those bytes. */
async function pin(tx: Tx, roomId: string, files: NewSubmission['files']): Promise<Submission['files']> {
  if (files.length === 0) return [];
  const rows = await query<{ file_id: string; version: number; sha256: string; name: string }>(
    tx.em,
    `select v.file_id, v.version, v.sha256, f.name from file_versions v join files f on f.id = v.file_id
     where f.room_id = $1 and f.removed_at is null and v.seq is not null and v.object_id is not null
       and v.file_id = any($2) for share of f`,
    [roomId, files.map(({ fileId }) => fileId)],
  );
  return files.map(({ fileId, version, sha256 }, at) => {
    const found = rows.find((row) => row.file_id === fileId && row.version === version);
    if (!found) throw refuseField('invalid', `files.${at}`, 'This version of a file is not in the room.');
    if (found.sha256 !== sha256)
      throw refuseField('invalid', `files.${at}.sha256`, 'This is not the hash of that version.');
    return { fileId, version, sha256, name: found.name };
  });
}

export async function requestChanges(
  tx: Tx,
  milestoneId: string,
  { submissionId, reason }: { readonly submissionId: string; readonly reason: string },
): Promise<Milestone> {
  const inHand = await accessMoney(tx, milestoneId, 'client');
  const { project, milestone } = inHand;
  await decided(tx, inHand, () => {
    const submission = requireNewest(milestone, submissionId);
    milestone.requestChanges({ ...submission, ...answer(tx, 'changes_requested'), changes: reason });
  });
  await writeAnswer(tx, milestone.submission);
  await pauseClock(tx, milestone, 'review');
  await setDeadline(tx, milestone);
  tx.append(project.roomId, { type: 'milestone.changes.requested', data: presentMilestone(milestone) });
  return milestone;
}

/** Approves exactly this submission: everything that is held is released. */
export async function approveMilestone(
  tx: Tx,
  identity: Identity,
  milestoneId: string,
  submissionId: string,
): Promise<Milestone> {
  const inHand = await accessMoney(tx, milestoneId, 'client');
  await requireVerified(tx);
  const { milestone } = inHand;
  await decided(tx, inHand, async () => {
    const submission = requireNewest(milestone, submissionId);
    const hold = await requireHold(tx, milestone);
    if (milestone.status === 'submitted') await requireFresh(tx, identity, hold, hold.heldMinor);
    milestone.approve({ ...submission, ...answer(tx, 'approved') });
  });
  await release(tx, inHand);
  return milestone;
}

/** The review ended without an answer: that is an approval by the product. */
export async function approveByClock(tx: Tx, inHand: MilestoneInHand): Promise<void> {
  const { milestone } = inHand;
  const { submission } = milestone;
  if (milestone.status !== 'submitted' || !submission) return;
  milestone.approve({ ...submission, ...answer(tx, 'approved') });
  await release(tx, inHand);
}

async function release(tx: Tx, { project, milestone }: MilestoneInHand): Promise<void> {
  await writeAnswer(tx, milestone.submission);
  await endWork(tx, milestone);
  const hold = await requireHold(tx, milestone);
  const decision = hold.heldMinor > 0n ? await decideRelease(tx, hold, hold.heldMinor) : null;
  milestone.settle(hold.hasMoney() ? 'approved' : 'released');
  milestone.hold = presentHold(hold);
  const data = { milestone: presentMilestone(milestone), movement: decision?.movement ?? null };
  const fact = tx.append(project.roomId, { type: 'milestone.approved', data });
  await decision?.book(fact);
}

/** An answer is to the submission one has seen. */
function requireNewest(milestone: Milestone, submissionId: string): Submission {
  const { submission } = milestone;
  if (!submission) throw new Failure('conflict', 'Nothing was handed in yet.');
  if (submission.id !== submissionId)
    throw new Failure('conflict', 'It changed since you looked: look at the newest submission.');
  return submission;
}

function answer(tx: Tx, status: 'approved' | 'changes_requested') {
  return { status, answeredBy: tx.actor.id, answeredAt: tx.now.toISOString() };
}

async function writeAnswer(tx: Tx, submission: Submission | null | undefined): Promise<void> {
  if (!submission) return;
  await tx.query('update submissions set status = $2, changes = $3, answered_by = $4, answered_at = $5 where id = $1', [
    submission.id,
    submission.status,
    submission.changes,
    submission.answeredBy,
    submission.answeredAt,
  ]);
}
