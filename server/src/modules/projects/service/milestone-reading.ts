import type { AnswerOf } from '@safesend/shared/call.ts';
import type { MilestoneTerms, Submission } from '@safesend/shared/projects/milestone.ts';
import type { getMilestone, getPayment } from '@safesend/shared/projects/money-calls.ts';
import { Failure } from '@safesend/shared/failure.ts';
import type { Processor } from '../../../kernel/ports/processor.ts';
import { findSight, type Sight } from '../../../kernel/reading.ts';
import { query, type Em } from '../../../kernel/sql.ts';
import { atOneInstant } from '../../../kernel/transact.ts';
import { accessOwnPayment } from '../../escrow/access.ts';
import { Hold, Payment } from '../../escrow/entity.ts';
import { presentPayment } from '../../escrow/present.ts';
import { accessVisibleProject } from '../access.ts';
import { Milestone } from '../entity.ts';
import { presentMilestone } from '../present.ts';
import { termsOf } from './agreeing.ts';

/** A milestone with everything that was handed in, agreed and tried, as far as the reader was shown it. */
export async function findMilestone(
  em: Em,
  milestoneId: string,
  userId: string,
): Promise<AnswerOf<typeof getMilestone>> {
  return atOneInstant(em, async (reading) => {
    const milestone = await reading.findOne(Milestone, milestoneId);
    const project = milestone && (await accessVisibleProject(reading, milestone.project.id, userId).catch(() => null));
    if (!milestone || !project) throw new Failure('missing', 'No such milestone.');
    // Who pays next reads nothing of how the one before him paid.
    const hold = await reading.findOne(Hold, { milestoneId });
    const shown = await findShown(reading, await findSight(reading, project.roomId, userId), milestoneId);
    return {
      milestone: presentMilestone(milestone),
      roomId: project.roomId,
      submissions: (await findSubmissions(reading, milestoneId)).flatMap((it) => asShown(it, milestone, shown)),
      versions: (await findVersions(reading, milestone)).filter(
        ({ revision }) => !shown || revision === milestone.revision || shown.revisions.has(revision),
      ),
      payments: hold ? await findPayments(reading, hold, userId) : [],
      ...(hold?.clientId === userId
        ? await findTakenBack(reading, milestoneId)
        : { takenBackMinor: 0, coveredMinor: 0 }),
    };
  });
}

interface Shown {
  readonly revisions: ReadonlySet<number | null>;
  /** By its id, whether he was shown how it was answered too. */
  readonly submissions: ReadonlyMap<string | null, boolean>;
}

/**
 * What of a milestone the facts show to somebody who does not see all of them: those that he sees, and for each time he
 * came the newest before it, which is how the milestone stood then. Null for whoever sees them all.
 */
async function findShown(em: Em, { roomId, intervals }: Sight, milestoneId: string): Promise<Shown | null> {
  if (intervals.some(({ fromSeq, untilSeq }) => fromSeq === 1 && untilSeq === null)) return null;
  const rows = await query<{ revision: number | null; submission: string | null; answered: boolean }>(
    em,
    `with told as materialized (
       select f.seq, it.stood from facts f join fact_payloads p using (room_id, seq)
         cross join lateral (select coalesce(p.data -> 'milestone', p.data) as stood) it
       where f.room_id = $1 and f.type like 'milestone.%' and it.stood ->> 'id' = $2)
     select (stood ->> 'revision')::int as revision, stood -> 'submission' ->> 'id' as submission,
       bool_or(stood -> 'submission' ->> 'answeredAt' is not null) as answered
     from told where exists (
       select from unnest($3::bigint[], $4::bigint[]) as seen (from_seq, until_seq)
       where told.seq <= coalesce(seen.until_seq, 9223372036854775807) and not exists (
         select from told later where later.seq > told.seq and later.seq < seen.from_seq) )
     group by 1, 2`,
    [roomId, milestoneId, intervals.map(({ fromSeq }) => fromSeq), intervals.map(({ untilSeq }) => untilSeq)],
  );
  const answered = (id: string | null) => rows.some((row) => row.submission === id && row.answered);
  return {
    revisions: new Set(rows.map(({ revision }) => revision)),
    submissions: new Map(rows.map(({ submission }) => [submission, answered(submission)])),
  };
}

/** The newest is part of how the milestone stands, which every member sees. */
function asShown(submission: Submission, milestone: Milestone, shown: Shown | null): Submission[] {
  if (!shown || submission.id === milestone.submission?.id) return [submission];
  const answered = shown.submissions.get(submission.id);
  if (answered === undefined) return [];
  return answered ? [submission] : [{ ...submission, ...unanswered }];
}

const unanswered = { status: 'superseded', changes: null, answeredBy: null, answeredAt: null } as const;

async function findSubmissions(em: Em, milestoneId: string): Promise<Submission[]> {
  const rows = await query<
    Omit<Submission, 'submittedAt' | 'answeredAt'> & Record<'at' | 'answered', Date | string | null>
  >(
    em,
    `select id, number, note, files, submitted_by as "submittedBy", submitted_at as at, status, changes,
       answered_by as "answeredBy", answered_at as answered from submissions where milestone_id = $1 order by number desc`,
    [milestoneId],
  );
  return rows.map(({ at, answered, ...row }) => ({ ...row, submittedAt: iso(at) ?? '', answeredAt: iso(answered) }));
}

async function findVersions(em: Em, milestone: Milestone) {
  const rows = await query<{
    revision: number;
    terms: MilestoneTerms;
    at: Date;
    by: string | null;
    accepted: string | null;
  }>(
    em,
    `select revision, terms, at, proposed_by as by, accepted_by as accepted from milestone_versions
     where milestone_id = $1 order by revision`,
    [milestone.id],
  );
  const kept = rows.map(({ revision, terms, at, by, accepted }) => ({
    ...{ revision, terms, proposedBy: by, acceptedBy: accepted },
    at: iso(at) ?? '',
  }));
  const { revision, createdAt } = milestone;
  const first = {
    revision,
    terms: termsOf(milestone),
    at: createdAt.toISOString(),
    proposedBy: null,
    acceptedBy: null,
  };
  return kept.length > 0 ? kept : [first];
}

async function findPayments(em: Em, hold: Hold, payerId: string) {
  const payments = await em.find(Payment, { holdId: hold.id, payerId }, { orderBy: { createdAt: 'desc' } });
  return payments.map((payment) => presentPayment(payment, hold));
}

/** As his bank counts it: the hold knows the milestone's part of it, what of that was held, and not what it took off his credit. */
async function findTakenBack(em: Em, milestoneId: string) {
  const [row] = await query<{ taken: number; covered: number }>(
    em,
    `select (select coalesce(sum(c.amount_minor), 0)::float8 from chargebacks c
         where c.hold_id = h.id and c.status = 'lost') as taken,
       (select coalesce(sum(c.amount_minor), 0)::float8 from credit_payments c
         join ledger_transactions t on t.id = c.transaction_id where c.hold_id = h.id and t.kind <> 'credit_paid') as covered
     from holds h where h.milestone_id = $1`,
    [milestoneId],
  );
  return { takenBackMinor: row?.taken ?? 0, coveredMinor: row?.covered ?? 0 };
}

/** With what the payer's browser needs to finish it, asked of the processor each time and kept nowhere. */
export async function findOwnPayment(
  em: Em,
  processor: Processor | null,
  paymentId: string,
  userId: string,
): Promise<AnswerOf<typeof getPayment>> {
  const { payment, hold } = await accessOwnPayment(em, paymentId, userId);
  const id = payment.isOpen() ? payment.processorPaymentId : null;
  return {
    payment: presentPayment(payment, hold),
    clientSecret: id && processor ? await processor.clientSecret(id) : null,
  };
}

function iso(moment: Date | string | null): string | null {
  return moment && new Date(moment).toISOString();
}
