import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import Stripe from 'stripe';
import { ZodError } from 'zod';
import { browserRoutes } from './browser.ts';
import { decodeForm } from './form.ts';
import { Moves } from './moves.ts';
import { SetupPages } from './pages.ts';
import { Payments } from './payments.ts';
import { collecting, routesOf, type Call, type Route } from './routes.ts';
import { Refusal, Things, type Thing } from './state.ts';
import { Webhooks } from './webhooks.ts';

/**
 * `drop`: done, and the line is cut before the answer. `hang`: nothing is done, and nothing is ever answered.
 * `hangAfter`: done, and nothing is ever answered. `fault`: 500, kept under the key. `throttle`: 429. `slow`: done, and
 * answered after a while.
 */
export type Trouble = 'drop' | 'hang' | 'hangAfter' | 'fault' | 'throttle' | 'slow';
export interface Asked {
  readonly door: string;
  readonly key: string | null;
  readonly params: Record<string, unknown>;
}
interface Kept {
  readonly said: string;
  answer: { status: number; body: string } | null;
}

/** Stripe as far as the product speaks with it: keeps what it is told, and is as strict. */
export class StripeDouble {
  readonly things = new Things();
  readonly webhooks = new Webhooks(Stripe.API_VERSION);
  readonly payments = new Payments(this.things, this.webhooks.emit);
  readonly moves = new Moves(this.things, this.webhooks.emit);
  /** Every call that moved or made something, as it came. */
  readonly asked: Asked[] = [];
  readonly secretKey = 'sk_test_double';
  readonly publishableKey = 'pk_test_double';
  /** Pages of its own, on which people set up their payouts. */
  readonly pages = new SetupPages(this.things, this.moves, () => this.#url);
  readonly #routes: readonly Route[] = routesOf(this.things, this.payments, this.moves, this.pages, this.webhooks);
  readonly #browserRoutes: Route[] = [];
  readonly #kept = new Map<string, Kept>();
  readonly #troubles: { door: string; trouble: Trouble }[] = [];
  readonly #server = createServer((request, response) => void this.#serve(request, response));
  #url = '';

  constructor() {
    browserRoutes(collecting(this.#browserRoutes), this.things, this.payments);
  }

  async listen(port = 0): Promise<this> {
    this.#server.listen(port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.#url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
    return this;
  }

  get url(): string {
    return this.#url;
  }

  /** What befalls the next calls of this door, one after the other. */
  trouble(door: string, ...troubles: Trouble[]): void {
    this.#troubles.push(...troubles.map((trouble) => ({ door, trouble })));
  }

  /** Keys are kept for a day. */
  forgetKeys(): void {
    this.#kept.clear();
  }

  of(object: string, where: Record<string, unknown> = {}): Thing[] {
    return this.things.of(object, where);
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await Promise.all([closed, this.webhooks.close()]);
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.#url);
    const page = this.pages.answer(url.pathname);
    if (page) return void response.writeHead(page.status, page.headers).end(page.body);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString();
    const said = `${request.method} ${url.pathname} ${body}`;
    const key = headerOf(request, 'idempotency-key');
    const account = headerOf(request, 'stripe-account') ?? headerOf(request, 'stripe-context');
    const at = request.method === 'POST' && key !== null ? `${account ?? ''} ${key}` : null;
    const isBrowser = request.headers.authorization === `Bearer ${this.publishableKey}`;
    const routes = isBrowser ? this.#browserRoutes : this.#routes;
    const { route, ids } = find(routes, request.method, url.pathname);
    const trouble = this.#takeTrouble(request.method, url.pathname);
    if (trouble === 'hang') return;
    const answer =
      trouble === 'throttle'
        ? tooMany
        : await this.#answer(route, at, said, trouble, () => {
            if (!isBrowser && request.headers.authorization !== `Bearer ${this.secretKey}`)
              throw new Refusal(401, 'api_key_invalid', 'No such key.');
            if (!isBrowser && headerOf(request, 'stripe-version') !== Stripe.API_VERSION)
              throw new Refusal(400, 'version', 'Another version.');
            const params = paramsOf(request, url, body);
            if (request.method === 'POST') this.asked.push({ door: `POST ${url.pathname}`, key, params });
            return { ids, account, params };
          });
    if (trouble === 'hangAfter') return;
    if (trouble === 'drop') return void request.socket.destroy();
    if (trouble === 'slow') await pause(400);
    response.writeHead(answer.status, {
      'content-type': 'application/json',
      ...(answer.replayed && { 'idempotent-replayed': 'true' }),
    });
    response.end(answer.body);
  }

  /** The same key gives the same answer, and refuses other words. What was refused before anything was done is not kept. */
  async #answer(route: Route | undefined, at: string | null, said: string, trouble: Trouble | null, read: () => Call) {
    const kept = at === null ? undefined : this.#kept.get(at);
    if (kept && kept.said !== said) {
      return {
        ...refused(
          new Refusal(400, 'idempotency_key_reused', 'Other parameters under this key.', { type: 'idempotency_error' }),
        ),
        replayed: false,
      };
    }
    if (kept?.answer) return { ...kept.answer, replayed: true };
    try {
      const call = read();
      if (!route) throw new Refusal(404, 'url_invalid', `Unrecognized request URL: ${said.split(' ', 2).join(' ')}`);
      const params: unknown = route.shape.parse(call.params);
      const entry: Kept = { said, answer: null };
      if (at !== null) this.#kept.set(at, entry);
      entry.answer = trouble === 'fault' ? fault : run(() => route.run({ ...call, params }));
      return { ...entry.answer, replayed: false };
    } catch (error) {
      return { ...refused(error), replayed: false };
    }
  }

  #takeTrouble(method: string | undefined, path: string): Trouble | null {
    const at = this.#troubles.findIndex(({ door }) => door === `${method} ${path}`);
    return at < 0 ? null : (this.#troubles.splice(at, 1)[0]?.trouble ?? null);
  }
}

const fault = { status: 500, body: JSON.stringify({ error: { type: 'api_error', message: 'Something went wrong.' } }) };
const tooMany = {
  status: 429,
  replayed: false,
  body: JSON.stringify({ error: { type: 'invalid_request_error', code: 'rate_limit', message: 'Too many.' } }),
};

function find(routes: readonly Route[], method: string | undefined, path: string) {
  const route = routes.find((it) => it.method === method && it.path.test(path));
  return { route, ids: route ? [...(route.path.exec(path) ?? [])].slice(1) : [] };
}

function run(work: () => unknown): { status: number; body: string } {
  try {
    return { status: 200, body: JSON.stringify(work()) };
  } catch (error) {
    return refused(error);
  }
}

function refused(error: unknown): { status: number; body: string } {
  if (error instanceof Refusal) return { status: error.status, body: JSON.stringify(error.body) };
  if (!(error instanceof ZodError)) throw error;
  const { path, message, code } = error.issues[0] ?? { path: [], message: '', code: 'custom' };
  const body = {
    type: 'invalid_request_error',
    code: code === 'unrecognized_keys' ? 'parameter_unknown' : 'parameter_invalid',
    param: path.join('.'),
    message,
  };
  return { status: 400, body: JSON.stringify({ error: body }) };
}

function headerOf(request: IncomingMessage, name: string): string | null {
  const value = request.headers[name];
  return typeof value === 'string' ? value : null;
}

/** Version 1 takes forms, version 2 takes JSON. */
function paramsOf(request: IncomingMessage, url: URL, body: string): Record<string, unknown> {
  if (request.method === 'GET') return decodeForm(url.search.slice(1));
  if (url.pathname.startsWith('/v2/')) return body === '' ? {} : (JSON.parse(body) as Record<string, unknown>);
  return decodeForm(body);
}
