import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import { Failure } from '@safesend/shared/failure.ts';
import { id as idShape } from '@safesend/shared/ids.ts';
import { Server } from '@tus/server';
import type { Em } from '../../../kernel/sql.ts';
import { finishUpload, type Dropped, type IngestDeps } from './ingest.ts';
import { lost } from './leases.ts';
import { Staging, type Asking } from './staging.ts';
import { findOwnUpload, openUpload } from './uploads.ts';
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
  /** Of the request that is being answered: the library passes nothing on from one of its calls to the next. */
  readonly #asking = new AsyncLocalStorage<Asking>();

  constructor(deps: ReceivingDeps) {
    this.#deps = deps;
    this.#tus = new Server({
      path: uploadsPath,
      relativeLocation: true,
      datastore: new Staging(deps, () => this.#now),
      allowedOrigins: [],
      lockDrainTimeout: 500,
      locker: {
        newLock: (id) => ({
          lock: async (signal, wanted) => {
            // Who only opens it touches nothing of what has arrived.
            if (this.#now.touches) this.#now.lease = await deps.leases.hold(id, () => void wanted(), signal);
          },
          unlock: () => this.#letGo(),
        }),
      },
      namingFunction: (request, metadata) => this.#open(request, metadata ?? {}),
      onIncomingRequest: (_, uploadId) => this.#admit(uploadId),
      onUploadFinish: async (_, { id }) => {
        // Ending is a step of its own, and waits for its own turn.
        this.#now.taken();
        return { headers: headersOf(this.#now.dropped ?? (await finishUpload(deps, id))) };
      },
      onResponseError: (_, error) => {
        if (error instanceof Failure) this.#now.failure = error;
        return undefined;
      },
    });
  }

  async handle({ userId, request }: TusRequest): Promise<TusAnswer> {
    const sent = sentBy(request);
    const leave = sent === null ? () => undefined : this.#deps.intake.admit(userId, sent);
    const taken = await this.#deps.intake.steps.turn(userId);
    const touches = request.method !== 'POST' || sent !== null;
    const asking: Asking = {
      userId,
      touches,
      openedId: null,
      failure: null,
      lease: null,
      dropped: null,
      hasWritten: false,
      taken,
    };
    return this.#asking
      .run(asking, async () => {
        const response = await this.#tus.handleWeb(request);
        if (request.method === 'HEAD' && response.ok) await this.#finishIfComplete(request, response);
        return { response, failure: asking.failure };
      })
      .finally(() => {
        taken();
        leave();
      });
  }

  get #now(): Asking {
    const asking = this.#asking.getStore();
    if (!asking) throw new Error('nobody asks for this');
    return asking;
  }

  /** What was written is acknowledged only if it was ours all the time: otherwise nobody reads it. */
  async #letGo(): Promise<void> {
    const { lease, hasWritten, dropped } = this.#now;
    const wasOurs = await lease?.giveBack();
    if (hasWritten && !dropped && !wasOurs) throw lost();
  }

  /** A client that lost the last answer asks where it stands; if all is there, it learns what became of it. */
  async #finishIfComplete(request: Request, { headers }: Response): Promise<void> {
    if (headers.get('upload-offset') !== headers.get('upload-length')) return;
    this.#now.taken();
    try {
      const dropped = await finishUpload(this.#deps, lastSegment(request.url));
      for (const [name, value] of Object.entries(headersOf(dropped))) headers.set(name, value);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      this.#now.failure = error;
    }
  }

  async #open(request: object & { headers: Headers }, metadata: Record<string, string | null>): Promise<string> {
    const length = request.headers.get('upload-length') ?? '';
    if (!/^(0|[1-9]\d{0,14})$/.test(length)) throw new Failure('invalid', 'Upload-Length must be a whole number.');
    const { transact, limits, ownsRoom, intake } = this.#deps;
    const opening = { metadata, size: Number(length) };
    const { result } = await intake.changes.inTurn(String(metadata['roomId']), () =>
      transact({ id: this.#now.userId }, (tx) => openUpload(tx, opening, limits, ownsRoom)),
    );
    this.#now.openedId = result.id;
    return result.id;
  }

  /** Everybody but its owner finds nothing, and he only while he is in the room. */
  async #admit(uploadId: string): Promise<void> {
    const { userId, openedId } = this.#now;
    if (uploadId === openedId) return;
    const em = this.#deps.orm.em.fork() as Em;
    const isKnown =
      idShape.safeParse(uploadId).data === uploadId && (await findOwnUpload(em, userId, uploadId)) !== null;
    if (!isKnown) throw new Failure('missing', 'No such upload.');
  }
}

/** Which upload this request brings bytes of; null: of none. One may bring its first along with its creation. */
function sentBy({ method, headers, url }: Request): string | null {
  if (method === 'PATCH') return lastSegment(url);
  return method === 'POST' && headers.has('content-type') ? randomUUID() : null;
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
