// Releases of money: asked over HTTP, decided, transferred and written down, by two processes that serve and work.
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { newId } from '@safesend/shared/ids.ts';
import { freePort } from '../../src/kernel/postgres/cluster.ts';
import { launchRedis } from '../../test/redis.ts';
import { cpuOfFamily } from '../cpu.ts';
import { median, type Figure } from '../figure.ts';
import { BrokenRun, ServerProcess } from '../process.ts';
import type { Stage } from '../stage.ts';
import { startProduct, type Product } from '../systems.ts';
import { inTurns, type Topic } from './topic.ts';

const releases = { whole: 400, quick: 100 };
const atOnce = 16;
const size = { rooms: 32, members: 2, senders: 1 };
/** Of each hold; so little of it at a time that nobody is asked for his password. */
const fundedMinor = 400_000;
const partMinor = 1_000;

interface Cost {
  readonly seconds: number;
  readonly cpuSeconds: number;
}

export const money: Topic = {
  name: 'money',
  async measure(stage, { quick, rounds }) {
    const count = quick ? releases.quick : releases.whole;
    const redis = stage.keep(await launchRedis(stage.folder, await freePort()));
    const product = await startProduct(stage, size, [redis.url, redis.url]);
    const program = join(import.meta.dirname, '../yardsticks/bare-release.ts');
    const bare = stage.keep(
      await ServerProcess.start(program, { DATABASE_URL: await stage.createDatabase('bare_release') }),
    );
    try {
      const holds = await fundHolds(stage, product);
      const asked = (times: number) => costOf(stage, product.servers, () => releaseAll(stage, product, holds, times));
      const inSql = (times: number) => costOf(stage, [bare], () => releaseInSql(bare, times));
      await asked(100);
      await inSql(100);
      const results = await inTurns(rounds, { product: () => asked(count), bare: () => inSql(count) });
      await checkBooks(stage, product, 100 + rounds * count);
      return figuresOf(results, count);
    } finally {
      await stage.end(...product.servers, bare, redis);
    }
  },
};

async function costOf(stage: Stage, servers: readonly ServerProcess[], work: () => Promise<void>): Promise<Cost> {
  const used = async () => {
    const usages = await Promise.all(servers.map((server) => server.usage()));
    const postgres = (await cpuOfFamily(await stage.postgresPid())) ?? 0;
    return usages.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, postgres);
  };
  const before = await used();
  const begun = performance.now();
  await work();
  return { seconds: (performance.now() - begun) / 1_000, cpuSeconds: (await used()) - before };
}

interface Held {
  readonly milestoneId: string;
  readonly url: string;
  readonly headers: Record<string, string>;
}

/** A paid milestone in each room; their clients are spread over both processes. */
async function fundHolds(stage: Stage, { databaseUrl, places, servers }: Product): Promise<Held[]> {
  await stage.sql(databaseUrl, 'update users set email_verified_at = now()');
  await stage.sql(
    databaseUrl,
    `update projects p set status = 'active', activated_at = now(), freelancer_id = (
       select m.user_id from memberships m where m.room_id = p.room_id and m.role = 'freelancer' limit 1)`,
  );
  const clients = places.filter(({ sends }) => sends);
  const holds: Held[] = [];
  for (const [at, { projectId, cookie }] of clients.entries()) {
    const { url } = servers[at % servers.length] as ServerProcess;
    const headers = { cookie, origin: url, 'content-type': 'application/json' };
    const plan = { title: 'First draft', amountMinor: fundedMinor, criteria: 'Three pages.', commandId: newId() };
    const { milestone } = await post<{ milestone: { id: string } }>(`${url}/api/v1/projects/${projectId}/milestones`, {
      ...{ headers, body: plan },
    });
    const funding = `${url}/api/v1/milestones/${milestone.id}/funding`;
    const { payment } = await post<{ payment: { id: string } }>(funding, { headers, body: { commandId: newId() } });
    const body = { paymentId: payment.id, outcome: 'succeed' };
    await post(`${url}/api/v1/test/money`, { headers, body });
    holds.push({ milestoneId: milestone.id, url, headers });
  }
  return holds;
}

/** Until the last transfer is written down. */
async function releaseAll(stage: Stage, { databaseUrl }: Product, holds: readonly Held[], count: number) {
  let next = 0;
  const keepReleasing = async () => {
    for (let n = next++; n < count; n = next++) {
      const { milestoneId, url, headers } = holds[n % holds.length] as Held;
      const body = { amountMinor: partMinor, commandId: newId() };
      await post(`${url}/api/v1/milestones/${milestoneId}/release`, { headers, body });
    }
  };
  await Promise.all(Array.from({ length: atOnce }, keepReleasing));
  const open = `select 1 from money_operations where kind = 'transfer' and state <> 'succeeded' limit 1`;
  // Each look is a connection of its own: as seldom as the end can be told.
  while ((await stage.sql(databaseUrl, open)).length > 0) await pause(50);
}

/** What was asked for has left its hold, once, and the books say so. */
async function checkBooks(stage: Stage, { databaseUrl }: Product, count: number): Promise<void> {
  const [row] = await stage.sql<{ released: number; transfers: number; off: number }>(
    databaseUrl,
    `select (select sum(released_minor) from holds)::float8 as released,
       (select count(*) from test_money_objects where kind = 'transfer')::float8 as transfers,
       (select count(*) from (select from ledger_entries group by transaction_id having sum(amount_minor) <> 0) t)::float8 as off`,
  );
  if (row?.released !== count * partMinor || row.transfers !== count || row.off !== 0)
    throw new BrokenRun(`${count} releases left ${JSON.stringify(row)}`);
}

async function releaseInSql({ url }: ServerProcess, count: number): Promise<void> {
  const response = await fetch(`${url}/?count=${count}&atOnce=${atOnce}`);
  if (response.status !== 200) throw new BrokenRun(`bare SQL failed: ${await response.text()}`);
  await response.arrayBuffer();
}

async function post<Answer>(url: string, { headers, body }: { headers: Record<string, string>; body: object }) {
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  const text = await response.text();
  if (!response.ok) throw new BrokenRun(`${url} answered ${response.status}: ${text}`);
  return JSON.parse(text) as Answer;
}

function figuresOf({ product, bare }: Record<'product' | 'bare', readonly Cost[]>, count: number): Figure[] {
  const compare = (pick: (cost: Cost) => number) => ({
    product: median(product.map(pick)),
    yardstick: { name: 'bare SQL, two transactions', value: median(bare.map(pick)) },
  });
  return [
    {
      ...{ id: 'money.releases', what: 'releases with two processes, asked over HTTP until transferred and booked' },
      ...{ unit: 'per second', ...compare(({ seconds }) => count / seconds), goal: null },
    },
    {
      ...{ id: 'money.cpu', what: '– CPU of both servers and Postgres per 1,000', unit: 'CPU seconds' },
      ...{ ...compare(({ cpuSeconds }) => (cpuSeconds / count) * 1_000), goal: null },
    },
  ];
}
