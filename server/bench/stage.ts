import { chmod, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { startPostgres } from '../src/kernel/postgres.ts';
import { folderOf } from '../src/kernel/postgres/cluster.ts';
import { readState } from '../src/kernel/postgres/state.ts';
import { BrokenRun } from './process.ts';

interface Stoppable {
  stop(): void | Promise<void>;
}

/** Where the measuring happens: a folder, a Postgres in it, and everything that was started, cleared away however it ends. */
export class Stage {
  readonly folder: string;
  readonly #admin: string;
  readonly #postgres: Stoppable;
  readonly #running = new Set<Stoppable>();
  readonly #interrupted = new AbortController();
  #databases = 0;

  /** On the disk of the repository: a folder in memory would make every fsync free. */
  static async open(results: string): Promise<Stage> {
    await mkdir(results, { recursive: true });
    const folder = await mkdtemp(join(results, 'data-'));
    // Others may pass through it, as the account must that runs Postgres when we are root.
    await chmod(folder, 0o711);
    try {
      const postgres = await startPostgres({ dataDir: folder, onProgress: () => undefined });
      return new Stage(folder, postgres);
    } catch (error) {
      await removeDataDir(folder);
      throw error;
    }
  }

  private constructor(folder: string, postgres: Stoppable & { readonly url: string }) {
    this.folder = folder;
    this.#admin = postgres.url;
    this.#postgres = postgres;
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => this.#interrupt());
  }

  /** What is kept here is stopped at the latest when the stage is cleared. */
  keep<Kept extends Stoppable>(started: Kept): Kept {
    this.#running.add(started);
    if (this.isInterrupted) void started.stop();
    return started;
  }

  async end(...started: readonly Stoppable[]): Promise<void> {
    for (const each of started) {
      await each.stop();
      this.#running.delete(each);
    }
  }

  get isInterrupted(): boolean {
    return this.#interrupted.signal.aborted;
  }

  throwIfInterrupted(): void {
    this.#interrupted.signal.throwIfAborted();
  }

  /** Without its servers a measurement fails, and the stage is cleared. */
  #interrupt(): void {
    this.#interrupted.abort(new BrokenRun('It was interrupted.'));
    for (const each of this.#running) void each.stop();
  }

  async createDatabase(name: string): Promise<string> {
    const database = `${name}_${++this.#databases}`;
    await this.sql(this.#admin, `create database ${database}`);
    return Object.assign(new URL(this.#admin), { pathname: `/${database}` }).href;
  }

  async sql<Row extends object>(databaseUrl: string, text: string, parameters: unknown[] = []): Promise<Row[]> {
    this.throwIfInterrupted();
    const client = new pg.Client({ connectionString: databaseUrl });
    client.on('error', () => undefined);
    const connection = this.keep({ stop: () => client.end() });
    await client.connect();
    try {
      return (await client.query<Row>(text, parameters)).rows;
    } finally {
      await this.end(connection);
    }
  }

  /** The first process of the stage's Postgres, the parent of all others. */
  async postgresPid(): Promise<number> {
    const home = (await readState(this.folder))?.home ?? this.folder;
    return Number.parseInt(await readFile(join(folderOf(home), 'postmaster.pid'), 'utf8'), 10);
  }

  async clear(): Promise<void> {
    await this.end(...this.#running);
    await this.#postgres.stop();
    await removeDataDir(this.folder);
  }
}

/** With the cluster, which lies elsewhere when its account could not enter the folder. */
export async function removeDataDir(dataDir: string): Promise<void> {
  const state = await readState(dataDir);
  if (state) await rm(state.home, { recursive: true, force: true });
  await rm(dataDir, { recursive: true, force: true });
}
