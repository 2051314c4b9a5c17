import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { advanceClock } from '@safesend/shared/clock.ts';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ServerNode } from '../faults/server-node.ts';
import { createDatabase, send } from '../harness.ts';
import { look, makeDeal, release, settled, type Deal } from '../money.ts';
import { StripeDouble } from './double.ts';
import { onboard, paid, secrets, stripeEnvironment } from './product.ts';

let double: StripeDouble;
let node: ServerNode;
let deal: Deal;
let folder: string;
let owner: pg.Pool;

beforeAll(async () => {
  double = await new StripeDouble().listen();
  folder = await mkdtemp(join(tmpdir(), 'safesend-crash-'));
  const databaseUrl = await createDatabase();
  owner = new pg.Pool({ connectionString: databaseUrl, max: 2 });
  const settings = {
    ...{ NODE_ENV: 'test', HOST: '127.0.0.1', RATE_LIMITS: 'off', SAFESEND_TEST_CLOCK: '1', SAFESEND_FAULTS: 'none' },
    ...{ DATABASE_URL: databaseUrl, SAFESEND_DATA_DIR: folder, LOG_LEVEL: 'warn', ...stripeEnvironment(double) },
  };
  node = new ServerNode(settings, join(folder, 'server.log'));
  await node.startSomewhere();
  double.webhooks.addressee = { url: `${node.url}/api/v1`, secrets };
  const app = {
    port: node.port,
    sql: async <Row extends object>(text: string, parameters?: unknown[]) =>
      (await owner.query<Row>(text, parameters)).rows,
  };
  deal = await makeDeal(app);
  await onboard(double, app, deal.freelancer);
});
afterAll(async () => {
  await node.kill();
  await owner.end();
  await double.close();
  await rm(folder, { recursive: true, force: true });
});

test.each(['claimed', 'accepted', 'answered', 'recorded'] as const)(
  'T-M7 a process that dies when a release was %s leaves one transfer, and the room knows after the restart',
  async (point) => {
    const { milestoneId } = await paid(double, deal);
    const hold = (await look(deal, milestoneId)).hold?.id;
    await node.arm(`exit:${point}`);
    const died = node.ended();
    await release(deal, milestoneId, 100_000).catch(() => undefined);
    await died;
    await node.start();
    // What was sent and not answered is looked at after half a minute.
    await send(node.url, advanceClock, { body: { advanceSeconds: 31 } });
    expect((await settled(deal, milestoneId)).hold).toMatchObject({ releasedMinor: 100_000, paidMinor: 90_000 });
    expect(double.of('transfer', { transfer_group: `ss_hold_${hold}` })).toHaveLength(1);
  },
);
