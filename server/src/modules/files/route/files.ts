import { Failure } from '@safesend/shared/failure.ts';
import * as calls from '@safesend/shared/files/calls.ts';
import { findEnded } from '../../../kernel/identity.ts';
import type { Asked, Door } from '../../../kernel/http.ts';
import type { Storage } from '../../../kernel/ports/storage.ts';
import { contentResponse } from '../service/content.ts';
import { joinFile, removeFile, restoreVersion } from '../service/files.ts';
import { findFile, findFiles, findReadable, findStorage, type OwnsRoom } from '../service/reading.ts';
import type { FileLimits } from '../service/usage.ts';

export interface FilesSetup {
  readonly storage: Storage;
  readonly limits: FileLimits;
  readonly ownsRoom: OwnsRoom;
  /** Is a malware scanner configured? */
  readonly scanned: boolean;
}

export function fileDoors(door: Door, { storage, limits, ownsRoom, scanned }: FilesSetup): void {
  door(calls.listRoomFiles, ({ em, me, params, query }) => findFiles(em, me, { ...query, ...params }));
  door(calls.listFiles, ({ em, me, query }) => findFiles(em, me, query));
  door(calls.getFile, ({ em, me, params }) => findFile(em, params.fileId, me, ownsRoom));
  door(calls.getStorage, ({ em, me, params }) => findStorage(em, params.roomId, me, limits, scanned));
  door(calls.removeFile, ({ params, transact }) =>
    transact(
      (tx) => removeFile(tx, params.fileId, ownsRoom),
      () => null,
    ),
  );
  door(calls.restoreVersion, ({ params, body, transact }) =>
    transact(
      (tx) => restoreVersion(tx, params.fileId, body.version, ownsRoom),
      ({ result: file }) => ({ file }),
    ),
  );
  door(calls.joinFile, ({ params, body, transact }) =>
    transact(
      (tx) => joinFile(tx, params.fileId, body.fileId, ownsRoom),
      ({ result: file }) => ({ file }),
    ),
  );
  door(calls.getContent, (asked) => answerContent(asked, storage));
}

async function answerContent(asked: Asked<typeof calls.getContent>, storage: Storage): Promise<Response> {
  const { em, me, params, c } = asked;
  const read = () => findReadable(em.fork(), me, params.fileId, params.version);
  const { storageKey, size, type, sha256: tag, name, isDamaged } = await read();
  if (isDamaged) throw new Failure('unavailable', 'The stored bytes are damaged. They have to come from a backup.');
  const stillMay = async () => {
    await read();
    await refuseEnded(asked);
  };
  return contentResponse(c, storage, { storageKey, size, type, tag, name, disposition: 'attachment', stillMay });
}

/** Somebody who signs out, or whose session ends, gets no more of what he was getting. */
export async function refuseEnded({
  em,
  identity,
}: Pick<Asked<typeof calls.getContent>, 'em' | 'identity'>): Promise<void> {
  if (!identity) return;
  const { ended } = await findEnded(em.fork(), [identity.credentialKey]);
  if (ended.size > 0) throw new Failure('unauthenticated', 'Sign in first.');
}
