import { setTimeout as pause } from 'node:timers/promises';
import { testMoneyPart } from '@safesend/shared/escrow/wallet.ts';
import { createLog } from '../kernel/log.ts';
import { openTestMoney } from '../kernel/ports/test-money.ts';
import type { TestOutcome } from '../kernel/ports/test-money/payments.ts';
import { queryOne } from '../kernel/sql.ts';
import { executeDue } from '../modules/escrow/jobs.ts';
import { driveTestMoney, type Driving } from '../modules/escrow/service/driving.ts';
import { answerTestMoney, openOnboarding } from '../modules/escrow/service/payout-accounts.ts';
import { acceptProposal, proposeChange } from '../modules/projects/service/agreeing.ts';
import { milestonesHold } from '../modules/projects/service/holding.ts';
import { fundMilestone, refundMilestone } from '../modules/projects/service/money.ts';
import { approveMilestone, requestChanges, startMilestone, submitMilestone } from '../modules/projects/service/work.ts';
import type { Paper } from './papers.ts';
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

/** Says where the money is to go, before anything is released. */
export function setsUpPayouts(by: PersonName): Act {
  return async (stage) => {
    const money = moneyOf(stage);
    const { id } = people[by];
    await openOnboarding(money, id, undefined, `${stage.theatre.origin}/payments/payouts`);
    for (const part of testMoneyPart.options) await answerTestMoney(money, id, part);
  };
}

export function begins(by: PersonName, title: string): Act {
  return async (stage, step) =>
    void (await stage.once(by, step, (tx) => startMilestone(tx, milestoneOf(stage, title)), nothing));
}

export function handsIn(by: PersonName, title: string, note: string, paper?: Paper): Act {
  return async (stage, step) => {
    const work = { note, files: paper ? [await stage.dropHashed(by, step, paper)] : [] };
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

/** What the client's bank says about a payment; said once, however often the story is told. */
export function charges(by: PersonName, title: string, outcome: 'chargeback' | 'chargeback_lost'): Act {
  return async (stage) => {
    const milestoneId = milestoneOf(stage, title);
    const text = `select p.id, c.status from payments p join holds h on h.id = p.hold_id
      left join chargebacks c on c.payment_id = p.id where h.milestone_id = $1 and p.status = 'succeeded' and h.client_id = $2`;
    const paid = await queryOne<{ id: string; status: string | null }>(stage.em, text, [milestoneId, people[by].id]);
    const isSaid = outcome === 'chargeback' ? (paid?.status ?? null) !== null : paid?.status === 'lost';
    if (paid && !isSaid) await driveTestMoney(moneyOf(stage), paid.id, outcome);
    await arrive(stage, title);
  };
}

/** Proposes another amount once money is held. */
export function proposes(by: PersonName, title: string, amountMinor: number): Act {
  return async (stage, step) =>
    void (await stage.once(by, step, (tx) => proposeChange(tx, milestoneOf(stage, title), { amountMinor }), nothing));
}

export function agrees(by: PersonName, title: string): Act {
  return async (stage, step) => {
    const milestoneId = milestoneOf(stage, title);
    const text = `select proposal ->> 'hash' as hash from milestones where id = $1`;
    const hash = (await queryOne<{ hash: string | null }>(stage.em, text, [milestoneId]))?.hash ?? '';
    await stage.once(by, step, (tx) => acceptProposal(tx, milestoneId, hash), nothing);
  };
}

/** Whether a worker is awake or not: what is decided is also done. */
async function arrive(stage: Stage, title: string): Promise<void> {
  const text = `select 1 as one from holds where milestone_id = $1 and releasing_minor + refunding_minor + owed_minor > 0`;
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
