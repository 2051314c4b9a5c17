import { setTimeout as pause } from 'node:timers/promises';
import { createLog } from '../kernel/log.ts';
import { openTestMoney } from '../kernel/ports/test-money.ts';
import type { TestOutcome } from '../kernel/ports/test-money/payments.ts';
import { queryOne } from '../kernel/sql.ts';
import { executeDue } from '../modules/escrow/jobs.ts';
import { driveTestMoney, type Driving } from '../modules/escrow/service/driving.ts';
import { milestonesHold } from '../modules/projects/service/holding.ts';
import { fundMilestone, refundMilestone } from '../modules/projects/service/money.ts';
import { approveMilestone, requestChanges, startMilestone, submitMilestone } from '../modules/projects/service/work.ts';
import { people, type PersonName } from './people.ts';
import type { Act, Stage } from './stage.ts';

function moneyOf({ theatre: { orm, transact } }: Stage): Driving {
  const log = createLog({ level: 'silent', pretty: false });
  return { orm, transact, log, processor: openTestMoney(orm), owner: milestonesHold };
}

const milestoneOf = (stage: Stage, title: string) => stage.milestones.get(title) ?? '';

/** Pays with test money, and what became of it. */
export function pays(by: PersonName, title: string, outcome: TestOutcome = 'succeed'): Act {
  return async (stage, step) => {
    const money = moneyOf(stage);
    const paymentId = await stage.once(
      by,
      step,
      (tx) => fundMilestone(tx, money.processor, milestoneOf(stage, title), {}),
      ({ result }) => result.payment.id,
    );
    const text = `select status from payments where id = $1 and status in ('processing', 'declined')`;
    if (await queryOne(stage.em, text, [paymentId])) await driveTestMoney(money, paymentId, outcome);
  };
}

export function begins(by: PersonName, title: string): Act {
  return async (stage, step) =>
    void (await stage.once(by, step, (tx) => startMilestone(tx, milestoneOf(stage, title)), nothing));
}

export function handsIn(by: PersonName, title: string, note: string): Act {
  return async (stage, step) => {
    const work = { note, files: [] };
    await stage.once(by, step, (tx) => submitMilestone(tx, milestoneOf(stage, title), work), nothing);
  };
}

export function asksForChanges(by: PersonName, title: string, reason: string): Act {
  return async (stage, step) => {
    const submissionId = await newestOf(stage, title);
    const asked = { submissionId, reason };
    await stage.once(by, step, (tx) => requestChanges(tx, milestoneOf(stage, title), asked), nothing);
  };
}

/** Approves what was handed in last; the money arrives before the story goes on. */
export function approves(by: PersonName, title: string): Act {
  return async (stage, step) => {
    const submissionId = await newestOf(stage, title);
    const identity = { userId: people[by].id, kind: 'session', credentialKey: '', scopes: [] } as const;
    const approve = () =>
      stage.once(by, step, (tx) => approveMilestone(tx, identity, milestoneOf(stage, title), submissionId), nothing);
    await approve();
    await arrive(stage, title);
  };
}

export function givesBack(by: PersonName, title: string, amountMinor: number, reason: string): Act {
  return async (stage, step) => {
    const refund = { amountMinor, reason };
    await stage.once(by, step, (tx) => refundMilestone(tx, milestoneOf(stage, title), refund), nothing);
    await arrive(stage, title);
  };
}

/** Whether a worker is awake or not: what is decided is also done. */
async function arrive(stage: Stage, title: string): Promise<void> {
  const text = `select 1 as one from holds where milestone_id = $1 and releasing_minor + refunding_minor > 0`;
  while (await queryOne(stage.em, text, [milestoneOf(stage, title)])) {
    await executeDue(moneyOf(stage));
    await pause(20);
  }
}

async function newestOf(stage: Stage, title: string): Promise<string> {
  const text = 'select id from submissions where milestone_id = $1 order by number desc limit 1';
  return (await queryOne<{ id: string }>(stage.em, text, [milestoneOf(stage, title)]))?.id ?? '';
}

function nothing(): null {
  return null;
}
