/** A reason not to start that the person at the keyboard can act on: one sentence, printed without a stack. */
export class StartupError extends Error {
  override readonly name = 'StartupError';
}

/** Puts the failures every start can meet (a full disk, a folder that is not ours) into that one sentence. */
export function asStartupError(error: unknown, doing: string): StartupError {
  if (error instanceof StartupError) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const path = error instanceof Error && 'path' in error ? ` (${String(error.path)})` : '';
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new StartupError(`The disk is full: SafeSend could not ${doing}${path}. Free some space and start again.`);
  }
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
    return new StartupError(`SafeSend may not write where it must to ${doing}${path}. Check who owns that folder.`);
  }
  const reason = error instanceof Error ? error.message : String(error);
  return new StartupError(`SafeSend could not ${doing}${path}: ${reason.split('\n', 1)[0] ?? reason}`);
}
