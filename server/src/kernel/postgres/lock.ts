import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { StartupError } from '../startup.ts';

interface Holder {
  readonly pid: number;
  /** Tells the holder from a later process that happens to get its number. */
  readonly bornAt: string;
}

/** One owner per data folder. A lock whose process is gone (power cut, kill -9) is taken over. */
export async function acquireLock(path: string, whatItGuards: string): Promise<() => Promise<void>> {
  const mine: Holder = { pid: process.pid, bornAt: birthOf(process.pid) ?? '' };
  for (let attempt = 0; attempt < 20; attempt++) {
    if (await claim(path, JSON.stringify(mine))) return () => rm(path, { force: true });
    const content = await readFile(path, 'utf8').catch(() => undefined);
    if (content === undefined) continue;
    const holder = parseHolder(content);
    if (holder && isAlive(holder)) {
      throw new StartupError(
        `SafeSend is already running on ${whatItGuards} (process ${holder.pid}). Stop it first, or choose another folder with SAFESEND_DATA_DIR.`,
      );
    }
    await setAside(path, content);
  }
  throw new StartupError(`SafeSend could not take the lock ${path}. Another start is fighting for it; try again.`);
}

// Written whole beside the lock and then linked: the lock never exists half written, and only one link succeeds.
async function claim(path: string, content: string): Promise<boolean> {
  const draft = `${path}.${process.pid}`;
  await writeFile(draft, content, { mode: 0o600 });
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

// Two starts may find the same dead lock. The slower one must not throw away the lock the faster one just took.
async function setAside(path: string, deadContent: string): Promise<void> {
  const aside = `${path}.dead.${process.pid}`;
  try {
    await rename(path, aside);
  } catch {
    return;
  }
  const taken = await readFile(aside, 'utf8');
  if (taken !== deadContent) await link(aside, path).catch(() => undefined);
  await rm(aside, { force: true });
}

function parseHolder(content: string): Holder | undefined {
  try {
    const value: unknown = JSON.parse(content);
    if (typeof value !== 'object' || value === null || !('pid' in value) || !('bornAt' in value)) return undefined;
    return typeof value.pid === 'number' ? { pid: value.pid, bornAt: String(value.bornAt) } : undefined;
  } catch {
    return undefined;
  }
}

function isAlive({ pid, bornAt }: Holder): boolean {
  if (!isRunning(pid)) return false;
  return bornAt === '' || birthOf(pid) === bornAt;
}

export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

export function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return ps(pid, 'command=') ?? '';
  }
}

function birthOf(pid: number): string | undefined {
  try {
    // The 22nd field, counted after the command's name, which may itself hold spaces and brackets.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return `${boot}:${fields[19] ?? ''}`;
  } catch {
    return ps(pid, 'lstart=');
  }
}

function ps(pid: number, column: string): string | undefined {
  try {
    return execFileSync('ps', ['-o', column, '-p', String(pid)], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return undefined;
  }
}
