import { advanceClock } from '@safesend/shared/clock.ts';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { startTestApp, type TestApp } from '../../../../test/harness.ts';
import * as m from '../../../../test/money.ts';
import { queryOne } from '../../../kernel/sql.ts';
import { createLog } from '../../../kernel/log.ts';
import { milestonesHold } from '../../projects/service/holding.ts';
import { notePayment } from './applying.ts';
import { record } from './operations.ts';
import { operationColumns, type OperationRow } from './queue.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(async () => {
  await m.expectSoundBooks(app);
  await app.close();
});

const until = (look: () => Promise<void>) => vi.waitFor(look, { timeout: 20_000, interval: 50 });

test('T-M33 while the books and the processor differ about him, or about nobody in particular, nothing is released to him', async () => {
  const [deal, other] = [await m.makeDeal(app), await m.makeDeal(app)];
  const { milestoneId } = await m.fund(deal);
  const differ = (freelancerId: string | null) =>
    app.sql(
      `insert into processor_differences (processor, kind, object_id, what, freelancer_id, since, found_at)
       values ('test-money', 'transfer', 'tm_x', 'missing', $1, now() - interval '1 day', now())`,
      [freelancerId],
    );
  const agree = () => app.sql('delete from processor_differences');
  await differ(other.freelancer.id);
  expect((await m.release(deal, milestoneId, 10_000)).status).toBe(201);
  await m.settled(deal, milestoneId);
  for (const whose of [deal.freelancer.id, null]) {
    await agree();
    await differ(whose);
    expect((await m.release(deal, milestoneId, 10_000)).status).toBe(201);
    await until(async () =>
      expect((await m.look(deal, milestoneId)).waiting).toMatchObject({ reason: 'processor', on: 'product' }),
    );
    expect((await m.look(deal, milestoneId)).hold?.releasingMinor).toBe(10_000);
    await agree();
    await deal.client.must(advanceClock, { body: { advanceSeconds: 700 } });
    await m.settled(deal, milestoneId);
  }
  expect(await m.objectsOf(app, milestoneId, 'transfer')).toEqual([9_000, 9_000, 9_000]);
});

test('T-M8 G10 what is heard of a call or a payment after it was settled changes nothing, whatever it says', async () => {
  const deal = await m.makeDeal(app);
  const { milestoneId, paymentId } = await m.fund(deal);
  await m.release(deal, milestoneId, 40_000);
  const before = await m.settled(deal, milestoneId);
  const text = `select ${operationColumns}, true as in_doubt, false as key_is_old from money_operations o
    join holds h on h.id = o.hold_id where h.milestone_id = $1 and o.kind = 'transfer'`;
  const read = () => queryOne<OperationRow>(app.orm.em.fork(), text, [milestoneId]);
  const operation = await read();
  if (!operation) throw new Error('no transfer');
  const deps = {
    ...{ orm: app.orm, transact: app.transact, owner: milestonesHold, processor: null },
    log: createLog({ level: 'silent', pretty: false }),
  };
  const late = [
    { status: 'unknown', message: 'no answer' },
    { status: 'waiting', reason: 'account', message: 'not yet' },
    { status: 'failed', objectId: null, code: 'refused', message: 'no' },
    { status: 'succeeded', objectId: 'tm_another' },
  ] as const;
  for (const result of late) await app.transact({ id: null }, (tx) => record(tx, deps, operation, result));
  const refusal = { code: 'refused', message: 'too late' };
  await app.transact({ id: null }, (tx) => notePayment(tx, deps, paymentId, refusal));
  expect(await read()).toEqual(operation);
  expect(await m.look(deal, milestoneId)).toEqual(before);
  expect(await app.sql('select status from payments where id = $1', [paymentId])).toEqual([{ status: 'succeeded' }]);
});
