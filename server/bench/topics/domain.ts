// A change of a milestone through the HTTP API, against the same change as bare SQL in one transaction.
import { join } from 'node:path';
import { newId } from '@safesend/shared/ids.ts';
import { cpuOfFamily } from '../cpu.ts';
import { median, type Figure } from '../figure.ts';
import { BrokenRun, ServerProcess } from '../process.ts';
import type { Stage } from '../stage.ts';
import { startProduct, type Product } from '../systems.ts';
import { inTurns, type Topic } from './topic.ts';

const changes = { whole: 600, quick: 200 };
const atOnce = 4;
const projects = 8;

interface Cost {
  readonly seconds: number;
  readonly cpuSeconds: number;
}

export const domain: Topic = {
  name: 'domain',
  async measure(stage, { quick, rounds }) {
    const count = quick ? changes.quick : changes.whole;
    const product = await startProduct(stage, { rooms: projects, members: 2, senders: 1 });
    const program = join(import.meta.dirname, '../yardsticks/bare-sql.ts');
    const bareSql = stage.keep(await ServerProcess.start(program, { DATABASE_URL: await otherDatabase(stage) }));
    try {
      const milestones = await planMilestones(product);
      const overHttp = (times: number) =>
        costOf(stage, product.servers[0], () => changeOverHttp(product, milestones, times));
      const inSql = (times: number) => costOf(stage, bareSql, () => changeInSql(bareSql, times));
      await overHttp(300);
      await inSql(300);
      const results = await inTurns(rounds, { product: () => overHttp(count), bareSql: () => inSql(count) });
      const per1000 = ({ cpuSeconds }: Cost) => (cpuSeconds / count) * 1_000;
      const perSecond = ({ seconds }: Cost) => count / seconds;
      const compare = (pick: (cost: Cost) => number) => ({
        product: median(results.product.map(pick)),
        yardstick: { name: 'bare SQL, one transaction', value: median(results.bareSql.map(pick)) },
      });
      const what = 'CPU of server and Postgres per 1,000 changes of a milestone over HTTP';
      return [
        { id: 'domain', what, unit: 'CPU seconds', ...compare(per1000), goal: { atMost: 3 } },
        {
          id: 'domain.speed',
          what: `– changes, ${atOnce} at once`,
          unit: 'per second',
          ...compare(perSecond),
          goal: null,
        },
      ] satisfies Figure[];
    } finally {
      await stage.end(...product.servers, bareSql);
    }
  },
};

async function otherDatabase(stage: Stage): Promise<string> {
  return stage.createDatabase('bare_sql');
}

async function costOf(stage: Stage, server: ServerProcess | undefined, work: () => Promise<void>): Promise<Cost> {
  if (!server) throw new Error('a cost needs a server');
  const used = async () => (await server.usage()).cpuSeconds + ((await cpuOfFamily(await stage.postgresPid())) ?? 0);
  const before = await used();
  const begun = performance.now();
  await work();
  return { seconds: (performance.now() - begun) / 1_000, cpuSeconds: (await used()) - before };
}

interface Planned {
  readonly id: string;
  readonly headers: Record<string, string>;
}

async function planMilestones({ places, servers }: Product): Promise<Planned[]> {
  const url = servers[0]?.url ?? '';
  const owners = places.filter(({ sends }) => sends);
  return Promise.all(
    owners.map(async ({ projectId, cookie }) => {
      const headers = { cookie, origin: url, 'content-type': 'application/json' };
      const body = { title: 'First draft', amountMinor: 120_000, criteria: 'Three pages.', commandId: newId() };
      const answer = await call(`${url}/api/v1/projects/${projectId}/milestones`, 'POST', headers, body);
      return { id: (answer as { milestone: { id: string } }).milestone.id, headers };
    }),
  );
}

async function changeOverHttp({ servers }: Product, milestones: readonly Planned[], count: number): Promise<void> {
  const url = servers[0]?.url ?? '';
  let next = 0;
  const keepChanging = async () => {
    for (let n = next++; n < count; n = next++) {
      const { id, headers } = milestones[n % milestones.length] as Planned;
      const body = { amountMinor: 100_000 + Math.floor(Math.random() * 9e7), commandId: newId() };
      await call(`${url}/api/v1/milestones/${id}`, 'PATCH', headers, body);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, keepChanging));
}

async function changeInSql({ url }: ServerProcess, count: number): Promise<void> {
  const response = await fetch(`${url}/?count=${count}&atOnce=${atOnce}`);
  if (response.status !== 200) throw new BrokenRun(`bare SQL failed: ${await response.text()}`);
  await response.arrayBuffer();
}

async function call(url: string, method: string, headers: Record<string, string>, body: object): Promise<unknown> {
  const response = await fetch(url, { method, headers, body: JSON.stringify(body) });
  const text = await response.text();
  if (!response.ok) throw new BrokenRun(`${method} ${url} answered ${response.status}: ${text}`);
  return JSON.parse(text);
}
