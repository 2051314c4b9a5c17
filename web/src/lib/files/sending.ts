import { failureStatus } from '@safesend/shared/failure.ts';
import { lastNameOf } from '@safesend/shared/files/path.ts';
import { DetailedError, Upload as TusUpload } from 'tus-js-client';
import { ApiProblem, offlineProblem, readProblem } from '#lib/api/problem.ts';
import { m } from '#lib/paraglide/messages.js';
import type { KeptUpload } from './kept-uploads.ts';

/** What the finished upload became. */
export interface Dropped {
  readonly fileId: string;
  readonly version: number;
}

interface Hearing {
  opened(url: string): void;
  progress(sent: number): void;
}

/** One try to send what the server does not have yet, ended by `stop`, by the last byte, or by a problem. */
export interface Sending {
  readonly ended: Promise<Dropped>;
  stop(): void;
}

/** Small files are hashed here too: what arrives must be what was chosen. Larger ones are hashed by the server alone. */
const hashedBytes = 32 * 1024 ** 2;

export async function sha256Of(file: Blob): Promise<string | null> {
  // Only pages of a secure origin may hash.
  if (file.size > hashedBytes || !globalThis.crypto?.subtle) return null;
  const digest = await crypto.subtle.digest('SHA-256', await file.arrayBuffer());
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

export function beginSending(file: File, kept: KeptUpload, hearing: Hearing): Sending {
  let tus: TusUpload | undefined;
  const ended = new Promise<Dropped>((resolve, reject) => {
    tus = new TusUpload(file, {
      // A known upload is continued or fails: a new one is opened by whoever decides that the old one is over.
      ...(kept.url === null ? { endpoint: `${location.origin}/api/v1/uploads` } : { uploadUrl: kept.url }),
      metadata: metadataOf(kept),
      retryDelays: null,
      storeFingerprintForResuming: false,
      onUploadUrlAvailable: () => hearing.opened(tus?.url ?? ''),
      onProgress: (sent) => hearing.progress(sent),
      onSuccess: ({ lastResponse }) =>
        resolve({
          fileId: lastResponse.getHeader('SafeSend-File-Id') ?? '',
          version: Number(lastResponse.getHeader('SafeSend-File-Version') ?? 1),
        }),
      onError: (error) => void problemOf(error, file).then(reject),
    });
    tus.start();
  });
  return { ended, stop: () => void tus?.abort() };
}

/** Tells the server that nothing more will come: its bytes and the quota are given back now, or after a day. */
export async function endUpload(url: string): Promise<void> {
  await TusUpload.terminate(url, { retryDelays: null }).catch(() => undefined);
}

function metadataOf({ roomId, name, commandId, fileId, sha256 }: KeptUpload): Record<string, string> {
  const path = name.includes('/') && { relativePath: name };
  return {
    roomId,
    filename: lastNameOf(name),
    ...path,
    commandId,
    ...(fileId && { fileId }),
    ...(sha256 && { sha256 }),
  };
}

async function problemOf(error: Error, file: Blob): Promise<ApiProblem> {
  const response = error instanceof DetailedError ? error.originalResponse : null;
  if (!response) return unansweredProblem(file);
  const retryAfter = response.getHeader('Retry-After');
  return readProblem(
    new Response(response.getBody() || '{}', {
      status: response.getStatus(),
      headers: retryAfter === undefined ? {} : { 'retry-after': retryAfter },
    }),
  );
}

/** No answer is the line's fault, or the file's: a browser reads none that was saved anew or removed after it was chosen. */
export async function unansweredProblem(file: Blob): Promise<ApiProblem> {
  const isThere = await file
    .slice(0, 1)
    .arrayBuffer()
    .then(() => true)
    .catch(() => false);
  return isThere ? offlineProblem() : new ApiProblem({ status: 422, code: 'invalid', detail: m.uploads_changed() });
}

// Without a session the page leads to sign-in, and the upload is known again after it.
const passing: ReadonlySet<number> = new Set([0, 401, 408, failureStatus.conflict, 423, failureStatus.throttled]);

/** Will the same request be answered otherwise later? */
export function isPassing({ status }: ApiProblem, isOpen: boolean): boolean {
  // Where nothing is open yet, a conflict is about the command itself and stays.
  if (status === failureStatus.conflict && !isOpen) return false;
  return passing.has(status) || status >= 500;
}

/** The server does not know this upload any more: it was left alone for too long. */
export function isForgotten({ status }: ApiProblem): boolean {
  return status === 404 || status === 410;
}
