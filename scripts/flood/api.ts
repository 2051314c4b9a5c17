// The public HTTP interface as any program would use it, waiting when it is told to.
import { setTimeout as pause } from 'node:timers/promises';
import type { AnswerOf, CallShape, InputOf } from '@safesend/shared/call.ts';

export type Headers = Readonly<Record<string, string>>;

interface Sent<Shape extends CallShape> {
  readonly params?: InputOf<Shape['params']>;
  readonly query?: Readonly<Record<string, string | number>>;
  readonly body?: InputOf<Shape['body']>;
}

/** A call that was refused, with the words of the server. */
export class Refused extends Error {
  readonly status: number;
  readonly retryAfterSeconds: number;

  constructor(what: string, status: number, detail: string, retryAfterSeconds: number) {
    super(`${what} answered ${status}: ${detail}`);
    this.status = status;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

const patienceSeconds = 90;

export class Api {
  readonly url: string;

  constructor(url: string) {
    this.url = url;
  }

  /** Sends once; a 429 is a refusal like any other. */
  async send<Shape extends CallShape>(
    call: Shape,
    headers: Headers,
    sent: Sent<Shape> = {},
  ): Promise<{ body: AnswerOf<Shape>; cookie: string }> {
    const response = await fetch(this.#address(call, sent), {
      method: call.method.toUpperCase(),
      headers: { ...headers, ...(sent.body !== undefined && { 'content-type': 'application/json' }) },
      ...(sent.body !== undefined && { body: JSON.stringify(sent.body) }),
    });
    const text = await response.text();
    const body = (text === '' ? null : JSON.parse(text)) as AnswerOf<Shape>;
    if (response.ok) return { body, cookie: (response.headers.getSetCookie()[0] ?? '').split(';', 1)[0] ?? '' };
    const { detail = text } = (body ?? {}) as { detail?: string };
    const retryAfter = Number(response.headers.get('retry-after') ?? 0);
    throw new Refused(`${call.method.toUpperCase()} ${call.path}`, response.status, detail, retryAfter);
  }

  /** Sends, and again after the pause a 429 asks for, unless that is too long to wait for. */
  async insist<Shape extends CallShape>(
    call: Shape,
    headers: Headers,
    sent: Sent<Shape> = {},
  ): Promise<{ body: AnswerOf<Shape>; cookie: string }> {
    for (;;) {
      try {
        return await this.send(call, headers, sent);
      } catch (error) {
        if (!(error instanceof Refused) || error.status !== 429 || error.retryAfterSeconds > patienceSeconds)
          throw error;
        await pause(error.retryAfterSeconds * 1_000);
      }
    }
  }

  #address(
    call: CallShape,
    { params = {}, query = {} }: { params?: unknown; query?: Sent<CallShape>['query'] },
  ): string {
    const values = params as Record<string, unknown>;
    const path = call.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(values[name])));
    const search = new URLSearchParams(
      Object.fromEntries(Object.entries(query).map(([key, value]) => [key, String(value)])),
    );
    return `${this.url}/api/v1${path}${search.size > 0 ? `?${search}` : ''}`;
  }
}
