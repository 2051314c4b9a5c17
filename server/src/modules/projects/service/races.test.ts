import { newId } from '@safesend/shared/ids.ts';
import * as calls from '@safesend/shared/projects/money-calls.ts';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { startTestApp, type TestApp } from '../../../../test/harness.ts';
import { seeded } from '../../../../../scripts/seeded.ts';
import * as m from '../../../../test/money.ts';
import { patience, trials } from '../../../../test/tier.ts';

let first: TestApp;
let second: TestApp;
beforeAll(async () => {
  first = await startTestApp();
  second = await startTestApp({ databaseUrl: first.databaseUrl, dataDir: first.dataDir });
});
afterAll(async () => {
  await m.expectSoundBooks(first);
  await second.close();
  await first.close();
});

const at = (deal: m.Deal, base: string): m.Deal => ({
  ...deal,
  client: deal.client.at(base),
  freelancer: deal.freelancer.at(base),
});
const both = (deal: m.Deal, turn: number) => at(deal, (turn % 2 === 0 ? first : second).url);

interface Problem {
  readonly code?: string;
  readonly winner?: { readonly seq: number; readonly type: string };
}

test(
  'T-M2 X6 fifty releases at once over two processes are one transfer, and the losers are shown the fact that won',
  { timeout: patience(60_000) },
  async () => {
    for (let trial = 0; trial < trials(200); trial++) {
      const deal = await m.makeDeal(first);
      const { milestoneId } = await m.fund(deal);
      const answers = await Promise.all(
        Array.from({ length: 50 }, (_, turn) => m.release(both(deal, turn), milestoneId, 100_000)),
      );
      expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
      const losers = answers.filter(({ status }) => status !== 201);
      expect(losers.every(({ status }) => status === 409)).toBe(true);
      const winners = losers.map(({ body }) => (body as unknown as Problem).winner?.type);
      expect(winners.every((type) => type === 'milestone.releasing' || type === 'milestone.released')).toBe(true);
      await m.settled(deal, milestoneId, 'released');
      expect(await m.objectsOf(first, milestoneId, 'transfer')).toEqual([90_000]);
    }
  },
);

test('T-M3 release against refund: one wins, and nothing is paid twice', { timeout: patience(60_000) }, async () => {
  for (let trial = 0; trial < trials(200); trial++) {
    const deal = await m.makeDeal(first);
    const { milestoneId } = await m.fund(deal);
    const answers = await Promise.all([
      m.release(both(deal, trial), milestoneId, 100_000),
      m.refund(both(deal, trial + 1), milestoneId, 100_000),
    ]);
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409]);
    const { hold } = await m.settled(deal, milestoneId);
    expect((hold?.releasedMinor ?? 0) + (hold?.refundedMinor ?? 0)).toBe(100_000);
    const [transfers, refunds] = await Promise.all([
      m.objectsOf(first, milestoneId, 'transfer'),
      m.objectsOf(first, milestoneId, 'refund'),
    ]);
    expect(transfers.length + refunds.length).toBe(1);
  }
});

test(
  'T-M4 X22 release against a chargeback: what is frozen is not released',
  { timeout: patience(60_000) },
  async () => {
    for (let trial = 0; trial < trials(200); trial++) {
      const deal = await m.makeDeal(first);
      const { milestoneId, paymentId } = await m.fund(deal);
      const [release] = await Promise.all([
        m.release(both(deal, trial), milestoneId, 100_000),
        m.drive(both(deal, trial + 1), paymentId, 'chargeback'),
      ]);
      const isReleased = release.status === 201;
      expect((await m.look(deal, milestoneId)).hold?.frozenMinor).toBe(isReleased ? 0 : 100_000);
      // What was released first and has not left by then waits for the bank, and leaves once when it has decided.
      if (isReleased) await m.drive(deal, paymentId, 'chargeback_won');
      await m.settled(deal, milestoneId, isReleased ? 'released' : 'disputed');
      expect(await m.objectsOf(first, milestoneId, 'transfer')).toHaveLength(isReleased ? 1 : 0);
    }
  },
);

test('T-M6 ten parts of 15.00 of 100.00 at once: six are released, 10.00 stays held (I12)', async () => {
  const deal = await m.makeDeal(first);
  const { milestoneId } = await m.fund(deal, 10_000);
  const answers = await Promise.all(
    Array.from({ length: 10 }, (_, turn) => m.release(both(deal, turn), milestoneId, 1_500)),
  );
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(6);
  expect(answers.filter(({ status }) => status === 409)).toHaveLength(4);
  const { hold } = await m.settled(deal, milestoneId);
  expect(hold).toMatchObject({ heldMinor: 1_000, releasedMinor: 9_000, platformFeeMinor: 900, paidMinor: 8_100 });
});

test('T-M26 one command id is one effect and one answer, however often; another body or door is a conflict', async () => {
  const deal = await m.makeDeal(first);
  const { milestoneId } = await m.fund(deal);
  const key = newId();
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, turn) => m.release(both(deal, turn), milestoneId, 1_000, key)),
  );
  expect(new Set(answers.map(({ status, body }) => `${status} ${JSON.stringify(body)}`)).size).toBe(1);
  expect(answers[0]?.status).toBe(201);
  expect((await m.settled(deal, milestoneId)).hold?.releasedMinor).toBe(1_000);
  expect((await m.release(deal, milestoneId, 1_001, key)).status).toBe(409);
  const elsewhere = { params: { milestoneId }, body: { commandId: key } };
  expect((await deal.client.call(calls.fundMilestone, elsewhere)).status).toBe(409);
  for (const commandId of ['x'.repeat(256), '']) {
    expect((await m.release(deal, milestoneId, 1_000, commandId)).status).toBe(422);
  }
});

test('X6 an attempt to pay that ended while somebody waited to give it up is not given up', async () => {
  const deal = await m.makeDeal(first);
  const { id: milestoneId } = await m.plan(deal);
  const { id: paymentId } = await m.beginFunding(deal, milestoneId);
  const isHeldUp = async () => {
    const text = `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
    expect(await first.sql(text)).not.toEqual([]);
  };
  const { result } = await first.transact({ id: null }, async (tx) => {
    await tx.query('select 1 from projects where id = $1 for update', [deal.projectId]);
    const answer = deal.client.call(calls.cancelPayment, { params: { paymentId }, body: { commandId: newId() } });
    await vi.waitFor(isHeldUp, { timeout: 20_000, interval: 20 });
    await tx.query(`update payments set status = 'expired' where id = $1`, [paymentId]);
    return { answer };
  });
  expect((await result.answer).status).toBe(409);
});

test(
  'T-M1 T-M34 L9 anything in any order from several sides: the books stay sound and nobody meets a deadlock',
  {
    timeout: patience(90_000),
  },
  async () => {
    const seed = 20_261_128;
    const random = seeded(seed);
    const deals = await Promise.all(Array.from({ length: 3 }, () => m.makeDeal(first)));
    const funded = await Promise.all(
      deals.flatMap((deal) => [0, 1].map(async () => ({ deal, ...(await m.fund(deal)) }))),
    );
    const statuses = new Set<number>();
    const step = async (turn: number) => {
      const chosen = funded[Math.floor(random() * funded.length)];
      if (!chosen) throw new Error('nothing is funded');
      const { deal, milestoneId, paymentId } = chosen;
      const here = both(deal, turn);
      const amount = 1 + Math.floor(random() * 30_000);
      const kind = Math.floor(random() * 5);
      const answer =
        kind < 2
          ? await m.release(here, milestoneId, amount)
          : kind < 3
            ? await m.refund(here, milestoneId, amount)
            : kind < 4
              ? await m.approve(here, milestoneId, (await m.look(here, milestoneId)).submission?.id ?? newId())
              : await here.client
                  .must(calls.getMilestone, { params: { milestoneId } })
                  .then(() => m.drive(here, paymentId, random() < 0.2 ? 'chargeback' : 'chargeback_won'))
                  .then(() => ({ status: 201 }))
                  .catch(() => ({ status: 409 }));
      statuses.add(answer.status);
    };
    for (let round = 0; round < trials(600); round++) {
      await Promise.all(Array.from({ length: 16 }, (_, turn) => step(turn)));
      if (round % 4 === 0) await m.expectSoundBooks(first);
    }
    expect(
      [...statuses].filter((status) => status !== 201 && status !== 409),
      `seed ${seed}`,
    ).toEqual([]);
    for (const { deal, milestoneId } of funded) await m.settled(deal, milestoneId);
    await m.expectSoundBooks(first);
  },
);
