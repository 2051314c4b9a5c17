import type { FailureCode } from '@safesend/shared/failure.ts';
import { retryDelay } from '@safesend/shared/reconnect.ts';
import type { Answer, SessionEnd, ToClient, ToServer, ToServerName, ToServerValue } from '@safesend/shared/socket.ts';
import type { Socket } from 'socket.io-client';
import { LinkLost, Refusal } from './refusal.ts';

export type LinkState =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'live' }
  | { readonly kind: 'reconnecting'; readonly retryAt: number }
  | { readonly kind: 'offline' }
  | { readonly kind: 'signed_out' };

/** How a session ends for good. */
export type FinalEnd = Exclude<SessionEnd, 'unavailable'>;

type Payload<Name extends ToServerName> = Parameters<ToServer[Name]>[0];
type Heard<Name extends keyof ToClient> = Parameters<ToClient[Name]>[0];

const answerTimeout = 5_000;
const wakeTimeout = 2_500;
const clockBeat = 5_000;

/** The one live link of this tab: cookie session, websocket first, back by itself after every loss. */
export class Connection {
  #state = $state.raw<LinkState>({ kind: 'connecting' });
  #isDoubted = $state(false);
  #socket: Socket<ToClient, ToServer> | null = null;
  #isStarted = false;
  #listeners = new Map<keyof ToClient, Set<(message: never) => void>>();
  #attempt = 0;
  #retry: ReturnType<typeof setTimeout> | null = null;
  #holds = new Map<string, number>();
  #upListeners = new Set<() => void>();
  #downListeners = new Set<() => void>();
  #signedOut: (reason: FinalEnd) => void;

  constructor(onSignedOut: (reason: FinalEnd) => void) {
    this.#signedOut = onSignedOut;
  }

  /** A browser that says it is offline is believed until the server answers all the same. */
  get state(): LinkState {
    return this.#isDoubted && this.isLive ? { kind: 'offline' } : this.#state;
  }

  get isLive(): boolean {
    return this.#state.kind === 'live';
  }

  /** It was lost, or cannot be made. */
  get isDown(): boolean {
    return this.#state.kind === 'reconnecting' || this.#state.kind === 'offline';
  }

  /** Opens the link and keeps it until the returned function is called. */
  start(): () => void {
    this.#isStarted = true;
    const stopWatching = this.#watch();
    void this.#make();
    return () => {
      this.#isStarted = false;
      stopWatching();
      this.#socket?.disconnect();
      this.#socket = null;
      this.#clearRetry();
    };
  }

  onUp(listener: () => void): () => void {
    this.#upListeners.add(listener);
    return () => this.#upListeners.delete(listener);
  }

  onDown(listener: () => void): () => void {
    this.#downListeners.add(listener);
    return () => this.#downListeners.delete(listener);
  }

  on<Name extends keyof ToClient>(name: Name, listener: (message: Heard<Name>) => void): () => void {
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners.add(listener));
    return () => listeners.delete(listener);
  }

  /** Parts of the page share one seat in a room: it is given up when the last of them lets go. */
  hold(roomId: string): () => void {
    this.#holds.set(roomId, (this.#holds.get(roomId) ?? 0) + 1);
    return () => {
      const left = (this.#holds.get(roomId) ?? 1) - 1;
      this.#holds.set(roomId, left);
      if (left > 0) return;
      this.#holds.delete(roomId);
      this.tell('room.leave', { roomId });
    };
  }

  /** Asks the server; throws `Refusal` for a no and `LinkLost` when no answer came. */
  async ask<Name extends ToServerName>(
    name: Name,
    payload: Payload<Name>,
    timeout = answerTimeout,
  ): Promise<ToServerValue<Name>> {
    if (!this.#socket?.connected) throw new LinkLost();
    const answer = await this.#answer<ToServerValue<Name>>(name, payload, timeout);
    if (answer.ok) return answer.value;
    throw new Refusal(answer.error);
  }

  /** Says something nobody waits for (typing, presence). Lost when the link is down. */
  tell<Name extends ToServerName>(name: Name, payload: Payload<Name>): void {
    this.ask(name, payload).catch(() => undefined);
  }

  /** Tries now instead of at the next turn of the schedule. */
  hurry(): void {
    if (this.#state.kind === 'signed_out' || !this.#socket || this.#socket.connected) return;
    this.#attempt = 0;
    this.#open();
  }

  /** The client is fetched after the page is awake: nobody waits for it to read. */
  async #make(): Promise<void> {
    try {
      const { io } = await import('socket.io-client');
      if (!this.#isStarted || this.#socket) return;
      // The schedule of retries is ours, so that the next one can be told in seconds and hurried along.
      this.#adopt(
        io({ path: '/socket.io', transports: ['websocket'], reconnection: false, autoConnect: false, timeout: 8_000 }),
      );
      this.#open();
    } catch {
      setTimeout(() => this.#isStarted && void this.#make(), retryDelay(this.#attempt++));
    }
  }

  #adopt(socket: Socket<ToClient, ToServer>): void {
    this.#socket = socket;
    socket.on('connect', () => this.#up());
    socket.on('disconnect', () => this.#down());
    socket.on('connect_error', (error) => this.#refused(error));
    socket.on('session.ended', ({ reason }) => this.#sessionEnded(reason));
    socket.onAny((name: string, message: unknown) => {
      for (const listener of this.#listeners.get(name as keyof ToClient) ?? []) listener(message as never);
    });
  }

  async #answer<Value>(name: ToServerName, payload: unknown, timeout: number): Promise<Answer<Value>> {
    try {
      return (await (this.#socket as Socket).timeout(timeout).emitWithAck(name, payload)) as Answer<Value>;
    } catch {
      throw new LinkLost();
    }
  }

  #open(): void {
    this.#clearRetry();
    // Also ends an attempt that hangs, for instance on a network that is no longer there.
    if (this.#socket?.active) this.#socket.disconnect();
    this.#clearRetry();
    if (this.#state.kind !== 'connecting') this.#state = { kind: 'reconnecting', retryAt: Date.now() };
    this.#socket?.connect();
  }

  #up(): void {
    this.#attempt = 0;
    this.#clearRetry();
    this.#state = { kind: 'live' };
    this.#sayPresence();
    for (const listener of this.#upListeners) listener();
  }

  #down(): void {
    if (this.#state.kind === 'signed_out' || !this.#isStarted) return;
    const wasLive = this.#state.kind === 'live';
    this.#scheduleRetry();
    if (wasLive) for (const listener of this.#downListeners) listener();
  }

  #refused(error: Error & { data?: { code?: FailureCode } }): void {
    if (error.data?.code === 'unauthenticated') return this.#end('signed_out');
    this.#scheduleRetry();
  }

  #scheduleRetry(): void {
    this.#clearRetry();
    const delay = retryDelay(this.#attempt++);
    this.#retry = setTimeout(() => this.#open(), delay);
    this.#state = navigator.onLine ? { kind: 'reconnecting', retryAt: Date.now() + delay } : { kind: 'offline' };
  }

  #clearRetry(): void {
    if (this.#retry !== null) clearTimeout(this.#retry);
    this.#retry = null;
  }

  /** A server that cannot tell for now cuts us off to be safe; the session may be as good as ever. */
  #sessionEnded(reason: SessionEnd): void {
    if (reason !== 'unavailable') this.#end(reason);
  }

  #end(reason: FinalEnd): void {
    if (this.#state.kind === 'signed_out') return;
    this.#clearRetry();
    this.#state = { kind: 'signed_out' };
    this.#socket?.disconnect();
    this.#signedOut(reason);
  }

  #sayPresence(): void {
    this.tell('presence.set', { status: document.visibilityState === 'visible' ? 'online' : 'away' });
  }

  /** Comes back with what the browser has now for a cookie: without a session the server says so, and otherwise nothing was lost. */
  prove(): void {
    if (this.#state.kind === 'live') this.#open();
  }

  /** A link may be dead long before anybody notices: sleep, another network, a frozen page. So may a session. Ask at once. */
  verify = async (): Promise<void> => {
    if (!this.#socket?.connected) return this.hurry();
    const status = document.visibilityState === 'visible' ? 'online' : 'away';
    try {
      await this.ask('presence.set', { status }, wakeTimeout);
    } catch (problem) {
      if (problem instanceof LinkLost && this.#state.kind === 'live') this.#open();
    }
  };

  /** Nothing is tried on the way down; where the link is kept all the same, as to this very machine, the server is asked. */
  #doubt = async (): Promise<void> => {
    if (!this.#socket?.connected) return;
    this.#isDoubted = true;
    await this.verify();
    this.#isDoubted = false;
  };

  #watch(): () => void {
    let beatAt = Date.now();
    const beat = setInterval(() => {
      const now = Date.now();
      if (Math.abs(now - beatAt - clockBeat) > 3 * clockBeat) void this.verify();
      beatAt = now;
    }, clockBeat);
    addEventListener('offline', this.#doubt);
    const wakes: [EventTarget, string][] = [
      [window, 'online'],
      [window, 'pageshow'],
      [document, 'visibilitychange'],
    ];
    for (const [target, name] of wakes) target.addEventListener(name, this.verify);
    return () => {
      clearInterval(beat);
      removeEventListener('offline', this.#doubt);
      for (const [target, name] of wakes) target.removeEventListener(name, this.verify);
    };
  }
}
