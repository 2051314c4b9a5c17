import { randomBytes } from 'node:crypto';
import { newId } from '@safesend/shared/ids.ts';

/** Anybody who holds credentials for the API. */
export interface Sender {
  readonly base: string;
  readonly cookie?: string;
  readonly token?: string;
}

export interface Drop {
  readonly roomId: string;
  readonly name?: string;
  /** Where it lay in the folder it came with. */
  readonly path?: string;
  readonly content?: string | Uint8Array;
  readonly commandId?: string;
  readonly fileId?: string;
  /** What is said of the size, when that is not the truth. */
  readonly size?: number;
  readonly sha256?: string;
}

export interface Dropped {
  readonly status: number;
  readonly uploadId: string;
  readonly fileId: string;
  readonly version: number;
  readonly seq: number;
  /** Of the request that was refused, or of the last. */
  readonly text: string;
}

export const tus = { 'tus-resumable': '1.0.0' };

export function credentials({ cookie, token }: Sender): Record<string, string> {
  return { ...(cookie && { cookie }), ...(token && { authorization: `Bearer ${token}` }) };
}

export function metadataOf({ roomId, name = 'notes.txt', path, commandId, fileId, sha256 }: Drop): string {
  const pairs = { roomId, filename: name, relativePath: path, commandId, fileId, sha256 };
  return Object.entries(pairs)
    .flatMap(([key, value]) => (value === undefined ? [] : `${key} ${Buffer.from(value).toString('base64')}`))
    .join(',');
}

export async function openUpload(sender: Sender, drop: Drop, headers: Record<string, string> = {}): Promise<Response> {
  const size = drop.size ?? Buffer.from(drop.content ?? '').length;
  return fetch(`${sender.base}/api/v1/uploads`, {
    method: 'POST',
    headers: {
      ...credentials(sender),
      ...tus,
      'upload-length': String(size),
      'upload-metadata': metadataOf(drop),
      ...headers,
    },
  });
}

export function uploadIdOf(opened: Response): string {
  return opened.headers.get('location')?.split('/').at(-1) ?? '';
}

export async function sendBytes(
  sender: Sender,
  uploadId: string,
  offset: number,
  bytes: Uint8Array,
  signal?: AbortSignal,
): Promise<Response> {
  return fetch(`${sender.base}/api/v1/uploads/${uploadId}`, {
    method: 'PATCH',
    headers: {
      ...credentials(sender),
      ...tus,
      'upload-offset': String(offset),
      'content-type': 'application/offset+octet-stream',
    },
    body: bytes as Uint8Array<ArrayBuffer>,
    ...(signal && { signal }),
  });
}

export async function askUpload(sender: Sender, uploadId: string): Promise<Response> {
  return fetch(`${sender.base}/api/v1/uploads/${uploadId}`, {
    method: 'HEAD',
    headers: { ...credentials(sender), ...tus },
  });
}

/** Drops a file as a page does: an upload and its bytes. Answers whatever came of it. */
export async function drop(sender: Sender, { content = `Notes ${newId()}`, ...rest }: Drop): Promise<Dropped> {
  const bytes = Buffer.from(content as Uint8Array);
  const opened = await openUpload(sender, { content: bytes, ...rest });
  const uploadId = uploadIdOf(opened);
  if (opened.status !== 201) return droppedOf(opened, uploadId);
  return droppedOf(bytes.length === 0 ? opened : await sendBytes(sender, uploadId, 0, bytes), uploadId);
}

/** The same, and it has to succeed. */
export async function mustDrop(sender: Sender, what: Drop): Promise<Dropped> {
  const dropped = await drop(sender, what);
  if (dropped.fileId === '') throw new Error(`upload → ${dropped.status} ${dropped.text}`);
  return dropped;
}

export async function droppedOf(response: Response, uploadId: string): Promise<Dropped> {
  const { status, headers } = response;
  return {
    status,
    uploadId,
    fileId: headers.get('safesend-file-id') ?? '',
    version: Number(headers.get('safesend-file-version')),
    seq: Number(headers.get('safesend-event-seq')),
    text: await response.text(),
  };
}

export function contentPath(fileId: string, version = 1): string {
  return `/api/v1/files/${fileId}/versions/${version}/content`;
}

export function getContent(
  sender: Sender,
  fileId: string,
  version = 1,
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetch(`${sender.base}${contentPath(fileId, version)}`, { headers: { ...credentials(sender), ...headers } });
}

export const someBytes = (length: number): Buffer => randomBytes(length);
