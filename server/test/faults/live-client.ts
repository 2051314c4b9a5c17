import { newId } from '@safesend/shared/ids.ts';
import { retryDelay } from '@safesend/shared/reconnect.ts';
import type { PostedMessage, ToServer, ToServerName, ToServerValue } from '@safesend/shared/socket.ts';
import { setTimeout as pause } from 'node:timers/promises';
import { connect, type Person, type TestSocket } from '../harness.ts';
import { LinkLost, Refusal } from './link.ts';
import { LiveView } from './live-view.ts';

/** A message the server said yes to. */
export interface Ack extends PostedMessage {
  readonly roomId: string;
  readonly commandId: string;
  readonly body: string;
  readonly tookMs: number;
  /** When the answer came, in milliseconds of this process. */
  readonly ackedAt: number;
  readonly attempts: number;
}

export interface LiveClientOptions {
  /** Where it connects: the proxy in front of all servers, or one of them. Asked at every attempt. */
  readonly findUrl: () => string;
  /** The origin of the pages. */
  readonly origin: string;
  readonly random: () => number;
  readonly answerTimeoutMs?: number;
  /** What the client leaves out, to see that a test notices. */
  readonly without?: 'catch-up' | 'jitter' | null;
}

const final = new Set(['malformed', 'forbidden', 'missing', 'conflict', 'too_large', 'unsupported', 'invalid']);

/**
 * One tab as the browser runs it: one socket that comes back by itself, feeds that resume by number and epoch, and
 * messages that keep their command id until the server has answered for good.
 */
export class LiveClient {
  readonly person: Person;
  readonly views = new Map<string, LiveView>();
  readonly acks: Ack[] = [];
  /** Codes of answers that said no. */
  readonly refusals: string[] = [];
  readonly ends: string[] = [];
  disconnects = 0;
  /** When the link was last up, in milliseconds of this process. */
  connectedAt = 0;
  disconnectedAt = 0;
  /** From the first byte to the server to its welcome, of the last link. */
  handshakeMs = 0;
  readonly #options: LiveClientOptions;
  #socket: TestSocket;
  #attempt = 0;
  #madeAt = 0;
  #isClosed = false;
  #isAway = false;
  #retry: NodeJS.Timeout | undefined;
  #wakers: (() => void)[] = [];

  constructor(person: Person, options: LiveClientOptions) {
    this.person = person;
    this.#options = options;
    this.#socket = this.#make();
  }

  get isUp(): boolean {
    return this.#socket.connected;
  }

  get isSignedOut(): boolean {
    return this.ends.length > 0;
  }

  get isWithoutCatchUp(): boolean {
    return this.#options.without === 'catch-up';
  }

  /** Resolves with the next live link, at once when there is one. */
  async up(): Promise<void> {
    while (!this.isUp && !this.#isClosed) await new Promise<void>((wake) => this.#wakers.push(wake));
  }

  /** Follows a room from its snapshot on; resolves when the link has joined it. */
  async follow(roomId: string): Promise<LiveView> {
    await this.up();
    const view = await LiveView.open(this, roomId);
    this.views.set(roomId, view);
    view.connected();
    await view.joined;
    return view;
  }

  /** Sends until it is answered for good, under one command id. A final no is thrown. */
  async post(roomId: string, body: string, commandId = newId()): Promise<Ack> {
    const startedAt = performance.now();
    for (let attempts = 1; ; attempts++) {
      await this.up();
      if (this.#isClosed || this.isSignedOut) throw new LinkLost();
      try {
        const posted = await this.ask('message.post', { roomId, commandId, body });
        const ackedAt = performance.now();
        const ack = { ...posted, roomId, commandId, body, attempts, ackedAt, tookMs: ackedAt - startedAt };
        this.acks.push(ack);
        return ack;
      } catch (problem) {
        if (!(problem instanceof Refusal)) continue;
        this.refusals.push(problem.code);
        if (final.has(problem.code)) throw problem;
        await pause(200 + this.#options.random() * 200);
      }
    }
  }

  async ask<Name extends ToServerName>(
    name: Name,
    payload: Parameters<ToServer[Name]>[0],
  ): Promise<ToServerValue<Name>> {
    if (!this.isUp) throw new LinkLost();
    const emitter = this.#socket.timeout(this.#options.answerTimeoutMs ?? 5_000);
    const emit = emitter.emitWithAck.bind(emitter) as (name: string, payload: unknown) => Promise<unknown>;
    const answer = (await emit(name, payload).catch(() => {
      throw new LinkLost();
    })) as { ok: true; value: ToServerValue<Name> } | { ok: false; error: { code: string; message: string } };
    if (answer.ok) return answer.value;
    throw new Refusal(answer.error.code, answer.error.message);
  }

  /** The lid is closed: nothing is heard and nothing is tried until `back`. */
  away(): void {
    this.#isAway = true;
    clearTimeout(this.#retry);
    this.#socket.disconnect();
  }

  back(): void {
    this.#isAway = false;
    this.#renew();
  }

  /** Stops reading from the network, as a phone in a tunnel does, and does not come back. */
  stall(): void {
    this.#isAway = true;
    const transport = this.#socket.io.engine.transport as unknown as { ws: { pause(): void } };
    transport.ws.pause();
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#retry);
    this.#socket.disconnect();
    for (const wake of this.#wakers.splice(0)) wake();
  }

  #make(): TestSocket {
    const { cookie } = this.person;
    this.#madeAt = performance.now();
    const socket = connect(this.#options.findUrl(), { cookie, origin: this.#options.origin });
    socket.on('connect', () => this.#up());
    socket.on('disconnect', () => this.#down());
    socket.on('connect_error', (error) => this.#refused(error));
    // A server that cannot ask says so too, and is come back to.
    socket.on('session.ended', ({ reason }) => void (reason !== 'unavailable' && this.ends.push(reason)));
    socket.on('room.events', ({ roomId, events }) => this.views.get(roomId)?.receive(events));
    socket.on('room.head', ({ roomId, headSeq, epoch }) => this.views.get(roomId)?.hint(headSeq, epoch));
    socket.on('room.removed', ({ roomId, reason }) => this.views.get(roomId)?.close(reason));
    return socket;
  }

  #up(): void {
    this.#attempt = 0;
    this.connectedAt = performance.now();
    this.handshakeMs = this.connectedAt - this.#madeAt;
    for (const view of this.views.values()) view.connected();
    for (const wake of this.#wakers.splice(0)) wake();
  }

  #down(): void {
    if (this.#isClosed || this.#isAway) return;
    this.disconnects += 1;
    this.disconnectedAt = performance.now();
    this.#comeBack();
  }

  #refused(error: Error & { data?: { code?: string } }): void {
    if (error.data?.code === 'unauthenticated') this.ends.push('unauthenticated');
    this.#comeBack();
  }

  #comeBack(): void {
    if (this.#isClosed || this.#isAway || this.isSignedOut) return;
    clearTimeout(this.#retry);
    const delay = this.#options.without === 'jitter' ? 10 : retryDelay(this.#attempt++, this.#options.random);
    this.#retry = setTimeout(() => this.#renew(), delay);
  }

  #renew(): void {
    this.#socket.removeAllListeners();
    this.#socket.disconnect();
    this.#socket = this.#make();
  }
}
