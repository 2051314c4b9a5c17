import { execFileSync, spawnSync } from 'node:child_process';
import { chown } from 'node:fs/promises';
import { StartupError } from '../startup.ts';

/** Who runs Postgres: it refuses to run as root, so root starts it as the system user `postgres`. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

const name = 'postgres';

/** Undefined when this process is nobody special and Postgres simply runs as the same user. */
export function postgresAccount(): Account | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const found = lookUp();
  if (found) return found;
  try {
    execFileSync('groupadd', ['--system', '--force', name], { stdio: 'ignore' });
    execFileSync('useradd', ['--system', '--gid', name, '--no-create-home', '--shell', '/usr/sbin/nologin', name], {
      stdio: 'ignore',
    });
  } catch {
    // Looked up again below: another start may have made it in the meantime.
  }
  const made = lookUp();
  if (made) return made;
  throw new StartupError(
    'Postgres will not run as root and no user "postgres" could be made. Start SafeSend as another user, or set DATABASE_URL.',
  );
}

/** Tried for real, as that user: permissions of every parent folder count, and so do mounts and ACLs. */
export function canEnter(folder: string, account: Account | undefined): boolean {
  return spawnSync('/bin/sh', ['-c', 'cd "$1"', 'sh', folder], { ...account, cwd: '/', stdio: 'ignore' }).status === 0;
}

export async function giveTo(path: string, account: Account | undefined): Promise<void> {
  if (account) await chown(path, account.uid, account.gid);
}

function lookUp(): Account | undefined {
  const number = (flag: string) => {
    const { status, stdout } = spawnSync('id', [flag, name], { encoding: 'utf8' });
    return status === 0 ? Number.parseInt(stdout, 10) : undefined;
  };
  const [uid, gid] = [number('-u'), number('-g')];
  return uid === undefined || gid === undefined ? undefined : { uid, gid };
}
