// From the command to the first yes of /readyz: a data folder with its embedded Postgres, migrated, pages built.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { startPostgres } from '../../src/kernel/postgres.ts';
import { median, type Figure } from '../figure.ts';
import { ServerProcess } from '../process.ts';
import { removeDataDir, type Stage } from '../stage.ts';
import { productEnv } from '../systems.ts';
import { inTurns, type Topic } from './topic.ts';

const main = join(import.meta.dirname, '../../src/main.ts');
const goalSeconds = 4;

export const start: Topic = {
  name: 'start',
  async measure(stage, { rounds }) {
    const dataDir = join(stage.folder, 'start');
    await mkdir(dataDir, { mode: 0o711 });
    try {
      // The first start makes the database; what is measured are those after it.
      await timeStart(stage, dataDir);
      const results = await inTurns(rounds, {
        product: () => timeStart(stage, dataDir),
        postgres: () => timePostgres(dataDir),
      });
      const common = { unit: 'seconds', product: median(results.product) } as const;
      return [
        {
          ...{ id: 'start', what: 'start to ready, embedded Postgres included', ...common },
          ...{ yardstick: null, goal: { atMost: goalSeconds } },
        },
        {
          ...{ id: 'start.postgres', what: '– of that Postgres', ...common, goal: null },
          yardstick: { name: 'its Postgres alone', value: median(results.postgres) },
        },
      ] satisfies Figure[];
    } finally {
      await removeDataDir(dataDir);
    }
  },
};

async function timeStart(stage: Stage, dataDir: string): Promise<number> {
  stage.throwIfInterrupted();
  const begun = performance.now();
  const server = stage.keep(await ServerProcess.start(main, productEnv(dataDir, null)));
  while (!(await isReady(server.url))) await pause(10);
  const seconds = (performance.now() - begun) / 1_000;
  await stage.end(server);
  return seconds;
}

async function isReady(url: string): Promise<boolean> {
  const response = await fetch(`${url}/readyz`).catch(() => null);
  await response?.arrayBuffer();
  return response?.status === 200;
}

async function timePostgres(dataDir: string): Promise<number> {
  const begun = performance.now();
  const postgres = await startPostgres({ dataDir, onProgress: () => undefined });
  const seconds = (performance.now() - begun) / 1_000;
  await postgres.stop();
  return seconds;
}
