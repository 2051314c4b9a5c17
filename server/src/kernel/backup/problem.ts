/** Why a backup or a restore did not happen, in one sentence for the person at the keyboard. */
export class BackupProblem extends Error {
  override readonly name = 'BackupProblem';
  readonly kind: 'missing' | 'conflict' | 'damaged' | 'failed';

  constructor(kind: BackupProblem['kind'], message: string) {
    super(message);
    this.kind = kind;
  }
}

/** The failures every long write can meet, as that sentence; anything else stays what it is. */
export function asBackupProblem(error: unknown, doing: string): unknown {
  if (error instanceof BackupProblem) return error;
  const code = codeOf(error);
  const path = error instanceof Error && 'path' in error ? ` (${String(error.path)})` : '';
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new BackupProblem('failed', `The disk is full: could not ${doing}${path}.`);
  if (code === '53100') return new BackupProblem('failed', `The disk of the database is full: could not ${doing}.`);
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS')
    return new BackupProblem('failed', `No right to write where it must be to ${doing}${path}.`);
  if (code === '55P03')
    return new BackupProblem('conflict', 'Somebody else is using this database. Stop SafeSend first.');
  if (/^(57P0\d|08\w{3}|ECONN\w+)$/.test(code))
    return new BackupProblem('failed', `The database went away (${code}): could not ${doing}.`);
  return error;
}

export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
