import { join } from 'node:path';
import { Client } from 'pg';
import { postgresAccount, type Account } from './postgres/account.ts';
import { findBinaries } from './postgres/binaries.ts';
import { endOrphan, exists, folderOf, initialise } from './postgres/cluster.ts';
import { acquireLock } from './postgres/lock.ts';
import { makeDataDir, newState, readState, writeState, type PostgresState } from './postgres/state.ts';
import { answers, supervise, urlOf } from './postgres/supervise.ts';
import { asStartupError, StartupError } from './startup.ts';

const database = 'safesend';

export interface RunningPostgres {
  readonly url: string;
  stop(): Promise<void>;
}

interface StartOptions {
  readonly dataDir: string;
  readonly onProgress: (line: string) => void;
}

/** The embedded Postgres of a data folder: made when there is none, recovered when it was killed, ours alone while it runs. */
export async function startPostgres({ dataDir, onProgress }: StartOptions): Promise<RunningPostgres> {
  try {
    await makeDataDir(dataDir);
    const unlock = await acquireLock(join(dataDir, 'postgres.lock'), `the data folder ${dataDir}`);
    try {
      return await startLocked(dataDir, onProgress, unlock);
    } catch (error) {
      await unlock();
      throw error;
    }
  } catch (error) {
    throw asStartupError(error, 'start its database');
  }
}

/** The address of the embedded Postgres another process of this data folder runs, or null. */
export async function findPostgres(dataDir: string): Promise<string | null> {
  const state = await readState(dataDir);
  if (state?.port === undefined) return null;
  return (await answers(state.password, state.port)) === 'yes' ? urlOf(state.password, state.port, database) : null;
}

async function startLocked(
  dataDir: string,
  onProgress: (line: string) => void,
  unlock: () => Promise<void>,
): Promise<RunningPostgres> {
  const account = postgresAccount();
  const { home, password } = await stateFor(dataDir, account);
  const cluster = { home, password, account, binaries: await findBinaries(account, home) };
  await endOrphan(home);
  if (!exists(home)) {
    onProgress(`Making the database in ${folderOf(home)}`);
    await initialise(cluster);
  }
  onProgress('Starting the database');
  const server = await supervise(cluster, onProgress);
  try {
    await createDatabase(urlOf(password, server.port, 'postgres'));
    await writeState(dataDir, { home, password, port: server.port });
  } catch (error) {
    await server.stop();
    throw error;
  }
  let stopped: Promise<void> | undefined;
  const stop = async () => {
    await server.stop();
    await writeState(dataDir, { home, password });
    await unlock();
  };
  return { url: urlOf(password, server.port, database), stop: () => (stopped ??= stop()) };
}

async function stateFor(dataDir: string, account: Account | undefined): Promise<PostgresState> {
  const state = await readState(dataDir);
  if (state) return state;
  if (exists(dataDir)) {
    throw new StartupError(
      `${folderOf(dataDir)} holds a database, but its password file ${join(dataDir, 'postgres.json')} is missing. Put it back, or move the database away.`,
    );
  }
  return newState(dataDir, account);
}

async function createDatabase(url: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [database]);
    if (rowCount === 0) await client.query(`create database ${database}`);
  } finally {
    await client.end();
  }
}
