import { newId } from '@safesend/shared/ids.ts';
import { driveTestMoney } from '@safesend/shared/escrow/calls.ts';
import * as projects from '@safesend/shared/projects/calls.ts';
import * as calls from '@safesend/shared/projects/money-calls.ts';
import { expect } from 'vitest';
import { setUpPayouts } from '../money.ts';
import { trials } from '../tier.ts';
import type { Bench } from './bench.ts';
import { faultTest } from './fault-test.ts';

interface Held {
  readonly milestoneId: string;
  release(): Promise<unknown>;
}

/** A milestone of 1,000.00 that is paid for, at a front that sends people to whoever is up. */
async function held(bench: Bench): Promise<Held> {
  const [client, freelancer] = await bench.folk(2);
  if (!client || !freelancer) throw new Error('nobody came');
  await bench.sql('update users set email_verified_at = now()');
  await setUpPayouts(freelancer);
  const { projectId } = await bench.room(client, freelancer);
  const body = { title: 'Design', criteria: 'Done', amountMinor: 100_000 };
  const { milestone } = await client.must(projects.planMilestone, { params: { projectId }, body });
  const params = { milestoneId: milestone.id };
  const { payment } = await client.must(calls.fundMilestone, { params, body: { commandId: newId() } });
  await client.must(driveTestMoney, { body: { paymentId: payment.id, outcome: 'succeed' } });
  const release = () =>
    client.must(calls.releaseMilestone, { params, body: { amountMinor: 100_000, commandId: newId() } });
  return { milestoneId: milestone.id, release };
}

const points = ['claimed', 'accepted', 'answered', 'recorded'] as const;

faultTest(
  'T-M7 G10 X5 a server that dies at any step of a transfer: one transfer, a definite state, sound books',
  { without: 'read-back', timeout: 120_000, environment: { ROLES: 'web,worker' } },
  async (bench) => {
    let died = 0;
    for (let trial = 0; trial < trials(20); trial++) {
      for (const point of points) {
        const { milestoneId, release } = await held(bench);
        await Promise.all(bench.nodes.map((node) => node.arm(`exit:${point}`)));
        const ended = Promise.race(bench.nodes.map((node) => node.ended()));
        await release();
        await ended;
        died += 1;
        // Whoever is still up dies of it, too, when he takes it up again: both are fresh from here on.
        await Promise.all(bench.nodes.filter(({ isUp }) => isUp).map((node) => node.kill()));
        await Promise.all(bench.nodes.map((node) => node.start()));
        await bench.sql('update product_clock set offset_seconds = offset_seconds + 31');
        await expect
          .poll(() => stateOf(bench, milestoneId), { timeout: 30_000 })
          .toEqual({ status: 'released', transfers: 1, open: 0 });
      }
    }
    bench.note('deaths', died);
    const [sums] = await bench.sql<{ off: number }>(
      `select count(*)::int as off from (select transaction_id from ledger_entries group by 1 having sum(amount_minor) <> 0) t`,
    );
    expect(sums?.off).toBe(0);
  },
);

async function stateOf(bench: Bench, milestoneId: string) {
  const [row] = await bench.sql<{ status: string; transfers: number; open: number }>(
    `select m.status, (select count(*)::int from test_money_objects o where o.kind = 'transfer' and o.parent_id = h.id::text) as transfers,
       (select count(*)::int from money_operations o where o.hold_id = h.id and o.state <> 'succeeded') as open
     from milestones m join holds h on h.milestone_id = m.id where m.id = $1`,
    [milestoneId],
  );
  return row;
}
