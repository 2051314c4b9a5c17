import { createHmac } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { nameOf, type Thing } from './state.ts';

export type Emit = (type: string, object: Thing, account?: string) => void;
export type EndpointName = 'platform' | 'connect' | 'thin';
export interface SentEvent {
  readonly id: string;
  readonly endpoint: EndpointName;
  readonly type: string;
  readonly objectId: string;
  readonly body: string;
}
export interface Addressee {
  /** Where the product listens: `…/api/v1`. */
  readonly url: string;
  readonly secrets: Readonly<Record<EndpointName, string>>;
}
const paths: Record<EndpointName, string> = {
  platform: '/webhooks/stripe',
  connect: '/webhooks/stripe/connect',
  thin: '/webhooks/stripe/thin',
};

/** The header Stripe sends: other secrets, moments and schemes make the forged ones. */
export function sign(
  body: string,
  secret: string,
  { at = Math.floor(Date.now() / 1_000), scheme = 'v1' } = {},
): string {
  return `t=${at},${scheme}=${createHmac('sha256', secret).update(`${at}.${body}`).digest('hex')}`;
}

/** Says what happened: at once and again until it is heard, or kept until a test sends it in its own order. */
export class Webhooks {
  readonly apiVersion: string;
  readonly events: SentEvent[] = [];
  addressee: Addressee | null = null;
  /** `held`: nothing is sent by itself. */
  mode: 'sent' | 'held' = 'sent';
  /** How often each is sent. */
  copies = 1;
  #isClosed = false;
  readonly #sending = new Set<Promise<void>>();
  constructor(apiVersion: string) {
    this.apiVersion = apiVersion;
  }

  emit: Emit = (type, object, account) => {
    const event = this.write(type, object, account === undefined ? {} : { account });
    this.events.push(event);
    if (this.mode === 'held') return;
    const sending = Promise.all(Array.from({ length: this.copies }, () => this.#insist(event))).then(() => undefined);
    this.#sending.add(sending);
    void sending.finally(() => this.#sending.delete(sending));
  };

  /** An event that was not said yet; what is overridden makes it a false one. */
  write(
    type: string,
    object: Thing,
    over: { account?: string; livemode?: boolean; api_version?: string } = {},
  ): SentEvent {
    const isThin = type.startsWith('v2.');
    const endpoint = isThin ? 'thin' : over.account === undefined ? 'platform' : 'connect';
    const id = nameOf('evt');
    const head = { id, type, created: Math.floor(Date.now() / 1_000), livemode: false };
    const url = `/v2/core/accounts/${object.id}`;
    const said = isThin
      ? {
          ...head,
          object: 'v2.core.event',
          related_object: { id: object.id, type: 'v2.core.account', url },
          ...(over.livemode !== undefined && { livemode: over.livemode }),
        }
      : {
          ...head,
          object: 'event',
          api_version: this.apiVersion,
          pending_webhooks: 1,
          request: null,
          data: { object },
          ...over,
        };
    return { id, endpoint, type, objectId: object.id, body: JSON.stringify(said) };
  }

  /** Sends it once; answers with what the product said. */
  async deliver(event: SentEvent, signature?: string): Promise<number> {
    const to = this.addressee;
    if (!to) throw new Error('nobody listens');
    const response = await fetch(`${to.url}${paths[event.endpoint]}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json; charset=utf-8',
        'stripe-signature': signature ?? sign(event.body, to.secrets[event.endpoint]),
      },
      body: event.body,
      redirect: 'manual',
    });
    await response.arrayBuffer();
    return response.status;
  }

  async #insist(event: SentEvent): Promise<void> {
    for (let wait = 50; this.addressee && !this.#isClosed; wait = Math.min(wait * 2, 1_000)) {
      const status = await this.deliver(event).catch(() => 0);
      if (status >= 200 && status < 300) return;
      await pause(wait);
    }
  }

  /** Nothing is said any more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all(this.#sending);
  }
}
