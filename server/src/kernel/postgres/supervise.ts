import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'pg';
import { StartupError } from '../startup.ts';
import { freePort, launch, logOf, prepareLog, refusal, superuser, watchOver, type Cluster } from './cluster.ts';

interface Server {
  readonly process: ChildProcess;
  readonly watch: ChildProcess | undefined;
}

export interface Supervised {
  readonly port: number;
  stop(): Promise<void>;
}

/** Keeps a Postgres of the cluster running, on one port, until it is told to stop. */
export async function supervise(cluster: Cluster, onProgress: (line: string) => void): Promise<Supervised> {
  await prepareLog(cluster);
  const first = await startSomewhere(cluster);
  let current = first.server;
  let stopping = false;
  let recovery = Promise.resolve();
  const restart = async () => {
    while (!stopping) {
      onProgress('The database ended by itself; starting it again');
      const again = await startOn(cluster, first.port);
      if (again && stopping) return end(again);
      if (again) {
        current = again;
        again.process.once('exit', onExit);
        return;
      }
      if (!stopping) await pause(1000);
    }
  };
  const onExit = () => {
    if (!stopping) recovery = end(current).then(restart);
  };
  current.process.once('exit', onExit);
  return {
    port: first.port,
    stop: async () => {
      stopping = true;
      await end(current);
      // One that was just being started again is ended by its starter, and only then nothing writes here any more.
      await recovery;
    },
  };
}

export function urlOf(password: string, port: number, database: string): string {
  return `postgres://${superuser}:${password}@127.0.0.1:${port}/${database}`;
}

/** Whether a Postgres that takes this password listens there. */
export async function answers(password: string, port: number): Promise<'yes' | 'no' | 'refused'> {
  const client = new Client({ connectionString: urlOf(password, port, 'postgres'), connectionTimeoutMillis: 2000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return 'yes';
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === '28P01' ? 'refused' : 'no';
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function startSomewhere(cluster: Cluster): Promise<{ server: Server; port: number }> {
  let output = '';
  for (let attempt = 0; attempt < 5; attempt++) {
    const port = await freePort();
    const server = await startOn(cluster, port);
    if (server) return { server, port };
    output = await readFile(logOf(cluster.home), 'utf8').catch(() => '');
    // The last backends of a killed server need a moment to notice; a port can be taken between look and use.
    if (!/pre-existing shared memory|Address already in use|could not bind/.test(output)) break;
    await pause(1000);
  }
  throw refusal('start its database', cluster.home, output);
}

async function startOn(cluster: Cluster, port: number): Promise<Server | undefined> {
  const process = launch(cluster, port);
  let failed = false;
  process.once('error', () => (failed = true));
  const server = { process, watch: process.pid === undefined ? undefined : watchOver(cluster, process.pid) };
  while (!failed && isUp(process)) {
    const answer = await answers(cluster.password, port);
    if (answer === 'yes') return server;
    if (answer === 'refused') {
      await end(server);
      throw new StartupError('The database does not accept the password kept in postgres.json of the data folder.');
    }
    await pause(50);
  }
  await end(server);
  return undefined;
}

// Fast shutdown first; a session that will not end is cut, which the write-ahead log survives.
async function end({ process, watch }: Server): Promise<void> {
  for (const signal of ['SIGINT', 'SIGQUIT', 'SIGKILL'] as const) {
    if (!isUp(process)) break;
    const gone = once(process, 'exit');
    process.kill(signal);
    await Promise.race([gone, pause(10_000, undefined, { ref: false })]);
  }
  watch?.stdin?.end();
  if (watch && isUp(watch)) await once(watch, 'exit');
}

function isUp(child: ChildProcess): boolean {
  return child.pid !== undefined && child.exitCode === null && child.signalCode === null;
}
