import type { AnswerOf, CallShape } from '@safesend/shared/call.ts';
import { offlineProblem, readProblem } from './problem.ts';
import { addressOf } from './send.ts';

export interface Bytes {
  readonly bytes: ArrayBuffer;
  /** Is this all of it, and not only the beginning? */
  readonly isWhole: boolean;
}

/** The beginning of what lies at an address of ours, for a page that draws it itself. */
export async function readBytes(address: string, most: number, signal: AbortSignal): Promise<Bytes> {
  const response = await reach(address, { headers: { range: `bytes=0-${most - 1}` }, signal });
  // Out of range: there is not a single byte.
  if (response.status === 416) return { bytes: new ArrayBuffer(0), isWhole: true };
  if (!response.ok) throw await readProblem(response);
  const total = Number(/\/(\d+)$/.exec(response.headers.get('content-range') ?? '')?.[1] ?? 0);
  return { bytes: await response.arrayBuffer(), isWhole: response.status === 200 || total <= most };
}

async function reach(address: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(address, { credentials: 'same-origin', ...init });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw offlineProblem();
  }
}

/** Sends one file as it is. Answers what the call declares, or throws an `ApiProblem`. */
export async function sendBytes<Shape extends CallShape>(call: Shape, content: Blob): Promise<AnswerOf<Shape>> {
  const response = await reach(addressOf(call, {}), {
    method: call.method.toUpperCase(),
    headers: { accept: 'application/json', 'content-type': content.type || 'application/octet-stream' },
    body: content,
  });
  if (!response.ok) throw await readProblem(response);
  return (await response.json()) as AnswerOf<Shape>;
}
