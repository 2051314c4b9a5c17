import { driveTestMoney } from '@safesend/shared/escrow/calls.ts';
import { newId } from '@safesend/shared/ids.ts';
import { planMilestone } from '@safesend/shared/projects/calls.ts';
import * as calls from '@safesend/shared/projects/money-calls.ts';
import { expect } from 'vitest';
import { invariants } from '../../src/modules/escrow/service/checks.ts';
import type { Person } from '../harness.ts';
import { setUpPayouts } from '../money.ts';
import type { Casting } from './actors.ts';
import type { Bench, Room } from './bench.ts';
import type { Chance } from './chance.ts';
import { attempt, insist } from './folk.ts';

interface Paid {
  readonly milestoneId: string;
  readonly paymentId: string;
  submissionId?: string;
}

/** Two people who trade on test money, each on his own account and at the same time, in a room that both watch. */
export interface Trade {
  readonly client: Person;
  readonly freelancer: Person;
  readonly room: Room;
  readonly paid: Paid[];
}

export async function openTrade(bench: Bench): Promise<Trade> {
  const [client, freelancer] = await bench.folk(2);
  if (!client || !freelancer) throw new Error('nobody came');
  await bench.sql('update users set email_verified_at = now() where id = any($1)', [[client.id, freelancer.id]]);
  await setUpPayouts(freelancer);
  const room = await bench.room(client, freelancer);
  for (const person of [client, freelancer]) await bench.follower(person, room);
  return { client, freelancer, room, paid: [] };
}

/** Everything money can do, by whoever may, with nobody waiting for anybody: who is too late is told so. */
export function traders(trade: Trade): Casting[] {
  return [payer(trade), worker(trade), bank(trade)];
}

const part = (chance: Chance) => Math.round(chance.between(1, 40_000));

/** More than a room's plan may hold is not planned. */
const mostMilestones = 40;

function payer({ client, room, paid }: Trade): Casting {
  return (_bench, chance) => ({
    pace: [100, 1_000],
    deeds: {
      'a milestone is paid': async () => {
        if (paid.length >= mostMilestones) return;
        const { milestone } = await insist(client, planMilestone, {
          params: { projectId: room.projectId },
          body: { title: 'Design', criteria: 'Done', amountMinor: Math.round(chance.between(10_000, 200_000)) },
        });
        const params = { milestoneId: milestone.id };
        const { payment } = await insist(client, calls.fundMilestone, { params, body: command() });
        // It may have succeeded although nobody could say so.
        await attempt(client, driveTestMoney, { body: { paymentId: payment.id, outcome: 'succeed' } });
        paid.push({ milestoneId: milestone.id, paymentId: payment.id });
      },
      'a part is released': async () => {
        const it = one(chance, paid);
        if (it)
          await attempt(client, calls.releaseMilestone, {
            params: paramsOf(it),
            body: { amountMinor: part(chance), ...command() },
          });
      },
      'work is approved': async () => {
        const it = one(chance, paid);
        const submissionId = it?.submissionId;
        if (it && submissionId !== undefined)
          await attempt(client, calls.approveMilestone, { params: paramsOf(it), body: { submissionId, ...command() } });
      },
    },
  });
}

function worker({ freelancer, paid }: Trade): Casting {
  return (_bench, chance) => ({
    pace: [100, 1_000],
    deeds: {
      'work is handed in': async () => {
        const it = one(chance, paid);
        if (!it) return;
        const answer = await attempt(freelancer, calls.submitMilestone, {
          params: paramsOf(it),
          body: { note: 'Done', files: [] },
        });
        const submissionId = answer?.body.milestone.submission?.id;
        if (submissionId !== undefined) it.submissionId = submissionId;
      },
      'money is given back': async () => {
        const it = one(chance, paid);
        const body = { amountMinor: part(chance), reason: 'As agreed', ...command() };
        if (it) await attempt(freelancer, calls.refundMilestone, { params: paramsOf(it), body });
      },
    },
  });
}

/** X22: what banks do, whenever they like. */
function bank({ client, paid }: Trade): Casting {
  return (_bench, chance) => ({
    pace: [500, 3_000],
    deeds: Object.fromEntries(
      (['chargeback', 'chargeback_lost', 'chargeback_won', 'refund_returned'] as const).map((outcome) => [
        `a bank says ${outcome}`,
        async () => {
          const it = one(chance, paid);
          if (it) await attempt(client, driveTestMoney, { body: { paymentId: it.paymentId, outcome } });
        },
      ]),
    ),
  });
}

const command = () => ({ commandId: newId() });
const paramsOf = ({ milestoneId }: Paid) => ({ milestoneId });

function one(chance: Chance, paid: readonly Paid[]): Paid | null {
  return paid.length === 0 ? null : chance.pick(paid);
}

/**
 * When everything is up again every operation comes to its end, but for what an account has not enough for. Then the
 * processor has made exactly what the books say, each unit once.
 */
export async function settledBooks(bench: Bench): Promise<void> {
  const open = async () => {
    // What was sent and not answered is looked at after half a minute of the product's clock.
    await bench.sql('update product_clock set offset_seconds = offset_seconds + 31');
    const rows = await bench.sql(
      `select kind, state from money_operations where state not in ('succeeded', 'failed', 'returned')
         and (kind, state) <> ('reversal', 'waiting')`,
    );
    return rows;
  };
  await expect.poll(open, { timeout: 60_000, interval: 500 }).toEqual([]);
  // A refund that came back while nobody could be told is found when the books are compared, as every process does at its start.
  const [node] = bench.nodes;
  await node?.kill();
  await node?.start();
  await expect.poll(() => unlikeHolds(bench), { timeout: 60_000, interval: 500 }).toEqual([]);
  for (const [kind, count] of Object.entries(await countsOf(bench))) bench.note(kind, count);
}

/** Holds that say other than the processor. What came back and the client has over his bank, or another way, it has not given. */
function unlikeHolds(bench: Bench): Promise<object[]> {
  return bench.sql(
    `select h.id, h.paid_minor, h.recovered_minor, h.refunded_minor, h.credit_minor, o.* from holds h left join lateral (
       select coalesce(sum(amount_minor) filter (where kind = 'transfer'), 0) as paid,
         coalesce(sum(amount_minor) filter (where kind = 'reversal'), 0) as recovered,
         coalesce(sum(amount_minor) filter (where kind = 'refund' and status = 'succeeded'), 0) as given
       from test_money_objects where parent_id = h.id::text) o on true
       left join lateral (select coalesce(sum(amount_minor), 0) as otherwise from credit_payments where hold_id = h.id) c on true
     where (o.paid, o.recovered, o.given) is distinct from
       (h.paid_minor, h.recovered_minor, h.refunded_minor - h.credit_minor - c.otherwise)`,
  );
}

async function countsOf(bench: Bench): Promise<Record<string, number>> {
  const rows = await bench.sql<{ kind: string; n: number }>(
    `select kind || 's' as kind, count(*)::int as n from money_operations where state in ('succeeded', 'returned') group by 1`,
  );
  return Object.fromEntries(rows.map(({ kind, n }) => [kind, n]));
}

/** C6: every invariant of the books that is broken, with what breaks it. */
export async function brokenBooks(bench: Bench): Promise<string[]> {
  const broken: string[] = [];
  for (const [invariant, text] of Object.entries(invariants)) {
    for (const { id } of await bench.sql<{ id: string }>(text)) broken.push(`${invariant}: ${id}`);
  }
  return broken;
}
