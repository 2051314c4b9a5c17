import { nameOf, type Thing, type Things } from './state.ts';
import type { Moves } from './moves.ts';

interface Link {
  readonly account: Thing;
  readonly returnUrl: string;
  readonly refreshUrl: string;
  isDead: boolean;
}
interface Page {
  readonly status: 200 | 302;
  readonly headers: Record<string, string>;
  readonly body?: string;
}

/** Where a person tells Stripe who he is: a link works once and for minutes, and a dead one leads back for another. */
export class SetupPages {
  readonly #things: Things;
  readonly #moves: Moves;
  readonly #links = new Map<string, Link>();

  readonly #base: () => string;

  constructor(things: Things, moves: Moves, base: () => string) {
    this.#things = things;
    this.#moves = moves;
    this.#base = base;
  }

  open(accountId: string, returnUrl: string, refreshUrl: string): string {
    const name = nameOf('link');
    this.#links.set(name, {
      account: this.#things.get(accountId, 'v2.core.account'),
      returnUrl,
      refreshUrl,
      isDead: false,
    });
    return `${this.#base()}/setup/${name}`;
  }

  /** Minutes have gone by. */
  expire(): void {
    for (const link of this.#links.values()) link.isDead = true;
  }

  answer(path: string): Page | null {
    const [, name = '', verb] = /^\/setup\/(\w+)(?:\/(\w+))?$/.exec(path) ?? [];
    const link = this.#links.get(name);
    if (!link) return null;
    if (verb === 'finish') {
      this.#moves.setAccount(link.account, 'active');
      return { status: 302, headers: { location: link.returnUrl } };
    }
    if (link.isDead) return { status: 302, headers: { location: link.refreshUrl } };
    link.isDead = true;
    const body = `<!doctype html><html lang="en"><title>Set up payouts</title><h1>Set up payouts</h1>
      <p><a href="/setup/${name}/finish">Agree and go back</a></p></html>`;
    return { status: 200, headers: { 'content-type': 'text/html' }, body };
  }
}
