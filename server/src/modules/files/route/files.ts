import * as calls from '@safesend/shared/files/calls.ts';
import type { Asked, Door } from '../../../kernel/http.ts';
import { archiveResponse, findArchive, requireMember } from '../service/archive.ts';
import { contentResponse } from '../service/content.ts';
import { joinFile, removeFile, restoreVersion } from '../service/files.ts';
import { findPreview } from '../service/previews.ts';
import {
  findFile,
  findFiles,
  findReadable,
  findStorage,
  type FileFilter,
  type ReadableVersion,
} from '../service/reading.ts';
import { findReceipts, recordDownload } from '../service/receipts.ts';
import { answerVersion, noting, refuseEnded, type FilesSetup } from './serving.ts';

export function fileDoors(door: Door, setup: FilesSetup): void {
  const { limits, ownsRoom, scanned } = setup;
  door(calls.listRoomFiles, ({ em, me, params, query }) => findFiles(em, me, { ...query, ...params }));
  door(calls.listFiles, ({ em, me, query }) => findFiles(em, me, query));
  door(calls.getFilesArchive, (asked) => answerArchive(asked, asked.query, setup));
  door(calls.getFile, ({ em, me, params }) => findFile(em, params.fileId, me, setup));
  door(calls.getStorage, ({ em, me, params }) => findStorage(em, params.roomId, me, limits, scanned));
  door(calls.removeFile, ({ params, transact }) =>
    transact(
      (tx) => removeFile(tx, params.fileId, setup),
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
      (tx) => joinFile(tx, params.fileId, body.fileId, setup),
      ({ result: file }) => ({ file }),
    ),
  );
  door(calls.listReceipts, ({ em, me, params, query }) => findReceipts(em, me, params.fileId, query, ownsRoom));
  door(calls.getContent, (asked) => answerContent(asked, setup));
  door(calls.getPreview, (asked) => answerPreview(asked, setup));
  door(calls.getRoomArchive, (asked) => answerArchive(asked, asked.params, setup));
}

async function answerContent(asked: Asked<typeof calls.getContent>, setup: FilesSetup): Promise<Response> {
  const { em, me, params, c, transactAs } = asked;
  const read = () => findReadable(em.fork(), me, params.fileId, params.version);
  const readable = await read();
  const stillMay = async () => {
    await read();
    await refuseEnded(asked);
  };
  const ended = noting(setup, (sent) =>
    transactAs({ id: me }, (tx) => recordDownload(tx, readable, { userId: me }, sent)),
  );
  return answerVersion(c, setup.storage, readable, { stillMay, ended });
}

/** A picture that we made ourselves: the one thing of a file that a page may show as it is. */
async function answerPreview(asked: Asked<typeof calls.getPreview>, { storage }: FilesSetup): Promise<Response> {
  const { em, me, params, query, c } = asked;
  const variant = query.variant ?? 'view';
  const read = () => findReadable(em.fork(), me, params.fileId, params.version);
  const readable = await read();
  const preview = await findPreview(em, readable, variant);
  if (!preview) return c.body(null, 204);
  const tag = `${readable.sha256.slice(0, 32)}-${variant}`;
  const { name } = readable;
  return contentResponse(c, storage, {
    ...preview,
    tag,
    type: 'image/webp',
    name: `${name}.webp`,
    disposition: 'inline',
    stillMay: read,
  });
}

type AskedForArchive = Pick<Asked<typeof calls.getFilesArchive>, 'em' | 'me' | 'c' | 'identity' | 'transactAs'>;

async function answerArchive(asked: AskedForArchive, filter: FileFilter, setup: FilesSetup): Promise<Response> {
  const { em, me, c, transactAs } = asked;
  const archive = await findArchive(em, me, filter);
  const note = (version: ReadableVersion) =>
    noting(setup, (sent) => transactAs({ id: me }, (tx) => recordDownload(tx, version, { userId: me }, sent)));
  return archiveResponse(c, archive, {
    storage: setup.storage,
    read: (fileId, version) => findReadable(em.fork(), me, fileId, version),
    stillMay: async () => {
      if (filter.roomId !== undefined) await requireMember(em.fork(), filter.roomId, me);
      await refuseEnded(asked);
    },
    packed: (version) => note(version)({ start: 0, end: version.size, isRange: false }),
  });
}
