import type { AnswerOf, CallShape, InputOf } from '@safesend/shared/call.ts';
import { ApiProblem, offlineProblem, readProblem } from './problem.ts';

type Fetch = typeof globalThis.fetch;

type Part<Shape extends CallShape, Name extends 'params' | 'query' | 'body'> =
  Shape[Name] extends NonNullable<CallShape[Name]>
    ? Record<never, never> extends InputOf<Shape[Name]>
      ? { [Key in Name]?: InputOf<Shape[Name]> }
      : { [Key in Name]: InputOf<Shape[Name]> }
    : { [Key in Name]?: undefined };

/** What a call needs, by its declaration, and how to make it. */
export type SendInput<Shape extends CallShape> = Part<Shape, 'params'> &
  Part<Shape, 'query'> &
  Part<Shape, 'body'> & {
    /** Kept by the caller across retries: the same command is carried out once. */
    commandId?: string | undefined;
    /** Kit's own in a `load`; the browser's otherwise. */
    fetch?: Fetch | undefined;
    signal?: AbortSignal | undefined;
    /** The page may be closing: let the request outlive it. */
    keepalive?: boolean | undefined;
  };

type SendArguments<Shape extends CallShape> =
  Record<never, never> extends SendInput<Shape> ? [input?: SendInput<Shape>] : [input: SendInput<Shape>];

interface LooseInput {
  params?: Record<string, unknown> | undefined;
  query?: Record<string, unknown> | undefined;
  body?: unknown;
  commandId?: string | undefined;
  fetch?: Fetch | undefined;
  signal?: AbortSignal | undefined;
  keepalive?: boolean | undefined;
}

let isOver = false;

/** The session is over: from now on nothing is asked that would only be refused, until the page is another one. */
export function stopAsking(): void {
  isOver = true;
}

let refused: () => void = () => undefined;

/** Hears of every call that was refused for want of a session: a page that is open believes in the one it was drawn with. */
export function whenRefused(listener: () => void): () => void {
  refused = listener;
  return () => (refused = () => undefined);
}

let doubt: Promise<unknown> | null = null;

/** It is being asked whether the session still is: what would be asked meanwhile waits for the answer. */
export function askLater(answer: Promise<unknown>): void {
  const mine = answer.catch(() => undefined).then(() => void (doubt === mine && (doubt = null)));
  doubt = mine;
}

/** Makes one declared call. Answers what the declaration says or throws an `ApiProblem`; it never tries twice. */
export async function send<Shape extends CallShape>(
  call: Shape,
  ...[given]: SendArguments<Shape>
): Promise<AnswerOf<Shape>> {
  if (doubt) await doubt;
  if (isOver) throw new ApiProblem({ status: 401, code: 'unauthenticated', detail: '' });
  const input: LooseInput = given ?? {};
  const response = await reach(call, input);
  if (!response.ok) {
    if (response.status === 401) refused();
    throw await readProblem(response);
  }
  return (response.status === 204 ? undefined : await readAnswer(response)) as AnswerOf<Shape>;
}

/** One that breaks off is no answer, nor is a page of whoever stands between. */
async function readAnswer(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch (error) {
    throw isAborted(error) ? error : offlineProblem();
  }
}

const isAborted = (error: unknown) => error instanceof DOMException && error.name === 'AbortError';

async function reach(call: CallShape, input: LooseInput): Promise<Response> {
  const headers: Record<string, string> = { accept: 'application/json' };
  if (input.body !== undefined) headers['content-type'] = 'application/json';
  if (input.commandId) headers['idempotency-key'] = input.commandId;
  try {
    return await (input.fetch ?? fetch)(addressOf(call, input), {
      method: call.method.toUpperCase(),
      headers,
      credentials: 'same-origin',
      ...(input.body === undefined ? {} : { body: JSON.stringify(input.body) }),
      ...(input.signal ? { signal: input.signal } : {}),
      ...(input.keepalive ? { keepalive: true } : {}),
    });
  } catch (error) {
    throw isAborted(error) ? error : offlineProblem();
  }
}

/** `/rooms/{roomId}` with its parameters and query filled in, below the API's root. */
export function addressOf(call: Pick<CallShape, 'path'>, input: Pick<LooseInput, 'params' | 'query'>): string {
  const path = call.path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(String(input.params?.[name] ?? '')),
  );
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(input.query ?? {})) {
    if (value !== undefined && value !== null) query.set(name, String(value));
  }
  return `/api/v1${path}${query.size > 0 ? `?${query}` : ''}`;
}
