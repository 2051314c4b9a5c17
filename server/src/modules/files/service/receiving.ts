import { open, stat, type FileHandle } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { Failure } from '@safesend/shared/failure.ts';
import { DataStore, ERRORS, Server, Upload } from '@tus/server';
import type { Em } from '../../../kernel/sql.ts';
import { findSeat } from '../../rooms/access.ts';
import { discard, finishUpload, stagedPath, type Dropped, type IngestDeps } from './ingest.ts';
import { pieceBytes, type Intake } from './intake.ts';
import { closeUpload, findUpload, openUpload, type UploadRow } from './uploads.ts';
import type { FileLimits } from './usage.ts';

export interface ReceivingDeps extends IngestDeps {
  readonly limits: FileLimits;
}

/** Somebody's tus request; what it fails for is handed back, for the door to say. */
export interface TusRequest {
  readonly userId: string;
  readonly request: Request;
}

export interface TusAnswer {
  readonly response: Response;
  readonly failure: Failure | null;
}

export const uploadsPath = '/api/v1/uploads';

/** tus 1.0 over the staging folder: the protocol is the library's, who may and what it becomes is ours. */
export class Receiving {
  readonly #deps: ReceivingDeps;
  readonly #tus: Server;
  readonly #askers = new WeakMap<object, string>();
  readonly #failures = new WeakMap<object, Failure>();

  constructor(deps: ReceivingDeps) {
    this.#deps = deps;
    this.#tus = new Server({
      path: uploadsPath,
      relativeLocation: true,
      datastore: new Staging(deps),
      allowedOrigins: [],
      lockDrainTimeout: 500,
      locker: {
        newLock: (id) => {
          let release = async (): Promise<void> => undefined;
          return {
            lock: async (signal, wanted) => {
              release = await deps.leases.hold(id, () => void wanted(), signal);
            },
            unlock: () => release(),
          };
        },
      },
      namingFunction: (request, metadata) => this.#open(request, metadata ?? {}),
      onIncomingRequest: (request, uploadId) => this.#admit(request, uploadId),
      onUploadFinish: async (_, upload) => ({ headers: headersOf(await finishUpload(deps, upload.id)) }),
      onResponseError: (request, error) => {
        if (error instanceof Failure) this.#failures.set(request, error);
        return undefined;
      },
    });
  }

  async handle({ userId, request }: TusRequest): Promise<TusAnswer> {
    this.#askers.set(request, userId);
    const response = await this.#tus.handleWeb(request);
    if (request.method === 'HEAD' && response.ok) await this.#finishIfComplete(request, response);
    return { response, failure: this.#failures.get(request) ?? null };
  }

  /** A client that lost the last answer asks where it stands; if all is there, it learns what became of it. */
  async #finishIfComplete(request: Request, { headers }: Response): Promise<void> {
    if (headers.get('upload-offset') !== headers.get('upload-length')) return;
    try {
      const dropped = await finishUpload(this.#deps, lastSegment(request.url));
      for (const [name, value] of Object.entries(headersOf(dropped))) headers.set(name, value);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      this.#failures.set(request, error);
    }
  }

  async #open(request: object & { headers: Headers }, metadata: Record<string, string | null>): Promise<string> {
    const length = request.headers.get('upload-length') ?? '';
    if (!/^(0|[1-9]\d{0,14})$/.test(length)) throw new Failure('invalid', 'Upload-Length must be a whole number.');
    const { transact, limits, ownsRoom } = this.#deps;
    const opening = { metadata, size: Number(length) };
    const { result } = await transact({ id: this.#askers.get(request) ?? null }, (tx) =>
      openUpload(tx, opening, limits, ownsRoom),
    );
    return result.id;
  }

  /** Everybody but its owner finds nothing, and he only while he is in the room. */
  async #admit(request: object, uploadId: string): Promise<void> {
    const em = this.#deps.orm.em.fork() as Em;
    const upload = /^[0-9a-f-]{36}$/.test(uploadId) ? await findUpload(em, uploadId) : null;
    if (upload?.user_id !== this.#askers.get(request)) throw new Failure('missing', 'No such upload.');
    await findSeat(em, upload?.room_id ?? '', upload?.user_id ?? '').catch(() => {
      throw new Failure('missing', 'No such upload.');
    });
  }
}

function headersOf({ fileId, version, seq }: Dropped): Record<string, string> {
  return {
    'SafeSend-File-Id': fileId,
    'SafeSend-File-Version': String(version),
    'SafeSend-Event-Seq': String(seq),
  };
}

function lastSegment(url: string): string {
  return new URL(url).pathname.split('/').at(-1) ?? '';
}

/** The staging folder: one file per upload, as long as what has arrived. Its row says the rest. */
class Staging extends DataStore {
  readonly #deps: ReceivingDeps;

  constructor(deps: ReceivingDeps) {
    super();
    this.#deps = deps;
    this.extensions = ['creation', 'creation-with-upload', 'termination', 'expiration'];
  }

  override async create(upload: Upload): Promise<Upload> {
    await (await open(this.#path(upload.id), 'a', 0o600)).close();
    return upload;
  }

  override async write(source: Readable, id: string, offset: number): Promise<number> {
    const path = this.#path(id);
    if ((await stat(path)).size !== offset) throw refusedByProtocol(ERRORS.INVALID_OFFSET);
    const handle = await open(path, 'r+');
    try {
      const end = await writeAll(source, handle, offset, this.#deps.intake);
      // Acknowledged means on disk. Where the sender is cut off, what came before stays and counts.
      await this.#deps.intake.flushes.inTurn(() => handle.sync());
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

async function writeAll(source: Readable, handle: FileHandle, offset: number, intake: Intake): Promise<number> {
  // One for all pieces of this request: what arrives is small and soon forgotten, and so cheap to forget.
  const piece = Buffer.allocUnsafeSlow(pieceBytes);
  let [at, filled, dropped] = [offset, 0, 0];
  let failure: unknown;
  const write = async () => {
    const { bytesWritten } = await handle.write(piece, 0, filled, at);
    at += bytesWritten;
    if (bytesWritten < filled) throw Object.assign(new Error('no room'), { code: 'ENOSPC' });
    filled = 0;
  };
  const pass = () => intake.pieces.inTurn(write).catch((error: unknown) => (failure = error));
  try {
    for await (const chunk of source as AsyncIterable<Buffer>) {
      for (let taken = 0; taken < chunk.length && failure === undefined;) {
        const copied = chunk.copy(piece, filled, taken);
        [taken, filled] = [taken + copied, filled + copied];
        if (filled === piece.length) await pass();
      }
      if (failure !== undefined && (dropped += chunk.length) > deafBytes) break;
    }
  } finally {
    if (filled > 0 && failure === undefined) await pass();
  }
  if (failure !== undefined) throw failure as Error;
  return at;
}

function isFull(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT');
}

function full(): Failure {
  return new Failure(
    'unavailable',
    'There is no room left on this server. What has arrived is kept; try again later.',
    {
      retryAfterSeconds: 60,
    },
  );
}
