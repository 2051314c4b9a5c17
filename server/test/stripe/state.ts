import { randomBytes } from 'node:crypto';

/** An object of Stripe as it is answered. */
export interface Thing {
  id: string;
  object: string;
  created: number;
  [name: string]: unknown;
}

export class Refusal extends Error {
  readonly status: number;
  readonly body: Record<string, unknown>;
  constructor(status: number, code: string, message: string, more: Record<string, unknown> = {}) {
    super(message);
    this.status = status;
    this.body = { error: { type: 'invalid_request_error', code, message, ...more } };
  }
}

export const nameOf = (prefix: string) => `${prefix}_${randomBytes(12).toString('hex')}`;
const seconds = () => Math.floor(Date.now() / 1_000);

/** Everything there is, the oldest first. */
export class Things {
  readonly #all = new Map<string, Thing>();
  /** Balances that a connected account could pay out, by account and currency. */
  readonly balances = new Map<string, number>();

  make(prefix: string, object: string, fields: Record<string, unknown>): Thing {
    const thing: Thing = { id: nameOf(prefix), object, created: seconds(), livemode: false, ...fields };
    this.#all.set(thing.id, thing);
    return thing;
  }

  find(id: unknown): Thing | undefined {
    return this.#all.get(String(id));
  }

  get(id: unknown, object: string): Thing {
    const thing = this.find(id);
    if (thing?.object !== object) throw new Refusal(404, 'resource_missing', `No such ${object}: '${String(id)}'`);
    return thing;
  }

  of(object: string, where: Record<string, unknown> = {}): Thing[] {
    return [...this.#all.values()].filter(
      (it) => it.object === object && Object.entries(where).every(([name, value]) => it[name] === value),
    );
  }

  restore(thing: Thing): void {
    this.#all.set(thing.id, thing);
  }

  remove(id: string): void {
    this.#all.delete(id);
  }

  balance(account: string, currency: string): number {
    return this.balances.get(`${account} ${currency}`) ?? 0;
  }

  add(account: string, currency: string, amount: number): void {
    this.balances.set(`${account} ${currency}`, this.balance(account, currency) + amount);
  }

  /** Replaces names by what they name, along the paths that were asked for. */
  expanded(thing: unknown, paths: readonly string[] = []): unknown {
    const copy: unknown = structuredClone(thing);
    for (const path of paths) this.#expand(copy, path.split('.'));
    return copy;
  }

  #expand(at: unknown, [name = '', ...rest]: readonly string[]): void {
    if (Array.isArray(at)) return at.forEach((it) => this.#expand(it, [name, ...rest]));
    if (at === null || typeof at !== 'object') return;
    const holder = at as Record<string, unknown>;
    const value = holder[name];
    if (typeof value === 'string') holder[name] = structuredClone(this.find(value)) ?? value;
    if (rest.length > 0) this.#expand(holder[name], rest);
  }
}

/** A page, the newest first. */
export function pageOf(
  things: readonly Thing[],
  {
    limit = 10,
    starting_after: after,
    created,
  }: {
    limit?: number | undefined;
    starting_after?: string | undefined;
    created?: { gte?: number | undefined; lte?: number | undefined } | undefined;
  },
  url: string,
) {
  const sorted = things
    .toReversed()
    .filter((it) => it.created >= (created?.gte ?? 0) && it.created <= (created?.lte ?? Infinity));
  const from = after === undefined ? 0 : sorted.findIndex(({ id }) => id === after) + 1;
  return { object: 'list', url, data: sorted.slice(from, from + limit), has_more: sorted.length > from + limit };
}
