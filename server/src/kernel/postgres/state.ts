import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { canEnter, type Account } from './account.ts';

/** What the data folder remembers about its database. Readable by its owner alone: it holds the password. */
export interface PostgresState {
  /** The folder that holds the cluster: the data folder itself, or one outside that the account can enter. */
  readonly home: string;
  readonly password: string;
  /** Present while it runs, and after a crash. */
  readonly port?: number;
}

// A home outside the data folder is recorded whole; one inside stays right when the whole folder is moved.
const inside = '.';

export async function readState(dataDir: string): Promise<PostgresState | undefined> {
  const content = await readFile(fileIn(dataDir), 'utf8').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (content === undefined) return undefined;
  const { home, password, port }: { home: string; password: string; port?: number } = JSON.parse(content);
  return { home: home === inside ? dataDir : home, password, ...(port === undefined ? {} : { port }) };
}

export async function writeState(dataDir: string, state: PostgresState): Promise<void> {
  const draft = `${fileIn(dataDir)}.${process.pid}`;
  const kept = { ...state, home: state.home === dataDir ? inside : state.home };
  await writeFile(draft, JSON.stringify(kept), { mode: 0o600, flush: true });
  await rename(draft, fileIn(dataDir));
}

/** The state of a data folder that has none yet, written before anything is made so that a crash leaves a trace. */
export async function newState(dataDir: string, account: Account | undefined): Promise<PostgresState> {
  const password = randomBytes(24).toString('hex');
  const state = { home: canEnter(dataDir, account) ? dataDir : await homeOutside(), password };
  await writeState(dataDir, state);
  return state;
}

/** Others may pass through it (the Postgres user must) but not list it; its files guard themselves. */
export async function makeDataDir(dataDir: string): Promise<void> {
  if (await stat(dataDir).catch(() => undefined)) return;
  await mkdir(dataDir, { recursive: true });
  await chmod(dataDir, process.getuid?.() === 0 ? 0o711 : 0o700);
}

async function homeOutside(): Promise<string> {
  const home = join('/var/lib', `safesend-${randomBytes(4).toString('hex')}`);
  await mkdir(home, { mode: 0o711 });
  await chmod(home, 0o711);
  return home;
}

function fileIn(dataDir: string): string {
  return join(dataDir, 'postgres.json');
}
