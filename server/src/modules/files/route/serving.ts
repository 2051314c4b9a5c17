import { Failure } from '@safesend/shared/failure.ts';
import type { HttpContext } from '../../../kernel/http.ts';
import { findEnded, type Identity } from '../../../kernel/identity.ts';
import type { Logger } from '../../../kernel/log.ts';
import type { Storage } from '../../../kernel/ports/storage.ts';
import type { Em } from '../../../kernel/sql.ts';
import { contentResponse, type Served } from '../service/content.ts';
import type { ReadableVersion, RoomRules } from '../service/reading.ts';
import type { Sent } from '../service/receipts.ts';
import type { FileLimits } from '../service/usage.ts';

export interface FilesSetup extends RoomRules {
  readonly storage: Storage;
  readonly limits: FileLimits;
  /** Is a malware scanner configured? */
  readonly scanned: boolean;
  readonly log: Logger;
}

type Ending = Required<Pick<Served, 'stillMay' | 'ended'>>;

/** The bytes of a version that somebody may have, as a download. */
export async function answerVersion(
  c: HttpContext,
  storage: Storage,
  { storageKey, size, type, sha256: tag, name, isDamaged }: ReadableVersion,
  ending: Ending,
): Promise<Response> {
  if (isDamaged) throw new Failure('unavailable', 'The stored bytes are damaged. They have to come from a backup.');
  return contentResponse(c, storage, { storageKey, size, type, tag, name, disposition: 'attachment', ...ending });
}

/** A receipt that could not be written down is no reason to refuse the bytes. */
export function noting({ log }: Pick<FilesSetup, 'log'>, note: (sent: Sent) => Promise<unknown>): (sent: Sent) => void {
  return (sent) => void note(sent).catch((error: unknown) => log.warn({ err: error }, 'a receipt was not written'));
}

/** Somebody who signs out, or whose session ends, gets no more of what he was getting. */
export async function refuseEnded({
  em,
  identity,
}: {
  readonly em: Em;
  readonly identity: Identity | null;
}): Promise<void> {
  if (!identity) return;
  const { ended } = await findEnded(em.fork(), [identity.credentialKey]);
  if (ended.size > 0) throw new Failure('unauthenticated', 'Sign in first.');
}
