import { open, stat, type FileHandle } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import type { Failure } from '@safesend/shared/failure.ts';
import { DataStore, ERRORS, Upload } from '@tus/server';
import { discard, finishHeld, type Dropped, type IngestDeps } from './ingest.ts';
import type { Intake } from './intake.ts';
import type { Lease } from './leases.ts';
import { full, isFull, stagedPath } from './staged.ts';
import { closeUpload, findUpload, type UploadRow } from './uploads.ts';

/** A request that is being answered. */
export interface Asking {
  readonly userId: string;
  /** Does it need the upload for itself? */
  readonly touches: boolean;
  /** The upload it has opened: who may is known then. */
  openedId: string | null;
  /** What it fails for, for the door to say. */
  failure: Failure | null;
  lease: Lease | null;
  /** What the upload became with its last byte. */
  dropped: Dropped | null;
  hasWritten: boolean;
  /** Says that the turn it has had for what comes before its bytes is over. */
  readonly taken: () => void;
}

/** The staging folder: one file per upload, as long as what has arrived. Its row says the rest. */
export class Staging extends DataStore {
  readonly #deps: IngestDeps;
  readonly #asking: () => Asking;

  constructor(deps: IngestDeps, asking: () => Asking) {
    super();
    this.#deps = deps;
    this.#asking = asking;
    this.extensions = ['creation', 'creation-with-upload', 'termination', 'expiration'];
  }

  override async create(upload: Upload): Promise<Upload> {
    await (await open(this.#path(upload.id), 'a', 0o600)).close();
    return upload;
  }

  override async write(source: Readable, id: string, offset: number): Promise<number> {
    const asking = this.#asking();
    const { lease } = asking;
    if (!lease) throw new Error('nobody writes without a hold on the upload');
    const handle = await open(this.#path(id), 'r+');
    try {
      // Asked after the file is open: whoever takes the upload from us later works on another file than this one.
      const upload = await lease.confirm();
      if ((await handle.stat()).size !== offset) throw refusedByProtocol(ERRORS.INVALID_OFFSET);
      asking.taken();
      const end = await writeAll(source, { handle, offset, lease, whose: asking.userId, intake: this.#deps.intake });
      // Acknowledged means on disk. Where the sender is cut off, what came before stays and counts.
      await this.#deps.intake.flushes.inTurn(asking.userId, () => handle.sync());
      asking.hasWritten = true;
      if (end === upload.size) asking.dropped = await finishHeld(this.#deps, upload);
      return end;
    } catch (error) {
      throw isFull(error) ? full() : error;
    } finally {
      await handle.close();
    }
  }

  override async getUpload(id: string): Promise<Upload> {
    const row = await findUpload(this.#deps.orm.em.fork(), id);
    if (!row || row.status === 'ended' || row.status === 'refused')
      throw refusedByProtocol(ERRORS.FILE_NO_LONGER_EXISTS);
    const offset = row.status === 'done' ? row.size : await this.#staged(row);
    return new Upload({ id, size: row.size, offset, metadata: metadataOf(row) });
  }

  override async remove(id: string): Promise<void> {
    await closeUpload(this.#deps.transact, id, { status: 'ended' });
    await discard(this.#deps, id);
  }

  /** A staged file that is gone, with its disk for instance, begins anew. */
  async #staged({ id }: UploadRow): Promise<number> {
    const found = await stat(this.#path(id)).catch(() => null);
    if (!found) await this.create(new Upload({ id, offset: 0 }));
    return found?.size ?? 0;
  }

  #path(id: string): string {
    return stagedPath(this.#deps.staging, id);
  }
}

function metadataOf({ room_id: roomId, name, command_id: commandId, file_id: fileId }: UploadRow) {
  return { roomId, filename: name, commandId, ...(fileId && { fileId }) };
}

/** The library's refusals are plain objects; what is thrown here is an error that looks like one. */
function refusedByProtocol(refusal: { readonly status_code: number; readonly body: string }): Error {
  return Object.assign(new Error(refusal.body), refusal);
}

/** A sender who is still sending does not hear a refusal: that much more of it is read and dropped before he is cut. */
const deafBytes = 64 * 1024 ** 2;

interface Writing {
  readonly handle: FileHandle;
  readonly offset: number;
  readonly lease: Lease;
  readonly whose: string;
  readonly intake: Intake;
}

async function writeAll(source: Readable, { handle, offset, lease, whose, intake }: Writing): Promise<number> {
  // One for all pieces of this request: what arrives is small and soon forgotten, and so cheap to forget.
  const piece = Buffer.allocUnsafeSlow(intake.pieceBytes);
  let [at, filled, dropped] = [offset, 0, 0];
  let failure: unknown;
  const write = async () => {
    lease.requireFresh();
    const { bytesWritten } = await handle.write(piece, 0, filled, at);
    at += bytesWritten;
    if (bytesWritten < filled) throw Object.assign(new Error('no room'), { code: 'ENOSPC' });
    filled = 0;
  };
  const pass = () => intake.pieces.inTurn(whose, write).catch((error: unknown) => (failure = error));
  try {
    for await (const chunk of source as AsyncIterable<Buffer>) {
      const { length } = chunk;
      for (let taken = 0; taken < length && failure === undefined;) {
        const copied = chunk.copy(piece, filled, taken);
        [taken, filled] = [taken + copied, filled + copied];
        if (filled === piece.length) await pass();
      }
      free(chunk);
      if (failure !== undefined && (dropped += length) > deafBytes) break;
    }
  } finally {
    if (filled > 0 && failure === undefined) await pass();
    free(piece);
  }
  if (failure !== undefined) throw failure as Error;
  return at;
}

/**
 * Gives memory back now. Left to the garbage collector, the bytes of fifty uploads call for a full collection every second or two,
 * and everybody who talks waits for it.
 */
function free({ buffer, length }: Buffer): void {
  if (buffer instanceof ArrayBuffer && length === buffer.byteLength) buffer.transfer(0);
}
