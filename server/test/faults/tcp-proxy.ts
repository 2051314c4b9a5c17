import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/**
 * `pass`: as if it were not there · `cut`: connections are reset and refused · `black hole`: bytes go nowhere, connections
 * stay · `one way`: what the client says arrives, the answers do not · a number: every byte is that many milliseconds late.
 */
export type LineMode = 'pass' | 'cut' | 'black hole' | 'one way' | number;

/** What becomes of the bytes of one connection on their way back to the client. */
export type Sieve = () => (chunk: Buffer) => Buffer;

interface Line {
  readonly client: Socket;
  server: Socket | null;
}

/** A stretch of wire that a test holds in its hand. */
export class TcpProxy {
  readonly #server: Server;
  readonly #findPorts: () => readonly number[];
  readonly #lines = new Set<Line>();
  /** Lines whose bytes never arrive again, whatever becomes of the wire. */
  readonly #lost = new Set<Line>();
  #mode: LineMode = 'pass';
  #waiting: (() => void)[] = [];
  sieve: Sieve | null = null;

  /** Connects to the first of the ports that takes the connection; they are asked for each time. */
  static async open(findPorts: () => readonly number[]): Promise<TcpProxy> {
    const proxy = new TcpProxy(findPorts);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  private constructor(findPorts: () => readonly number[]) {
    this.#findPorts = findPorts;
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => void this.#accept(client));
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  set(mode: LineMode): void {
    this.#mode = mode;
    if (mode === 'cut') return this.cutAll();
    for (const { client, server } of this.#lines) {
      this.#hold(client, mode === 'black hole');
      if (server) this.#hold(server, mode === 'black hole' || mode === 'one way');
    }
    if (mode !== 'black hole') for (const go of this.#waiting.splice(0)) go();
  }

  /** What the connections there are still say is dropped without a word to either side; new ones are welcome. */
  loseAll(): void {
    for (const line of this.#lines) {
      this.#lost.add(line);
      this.#lines.delete(line);
      this.#hold(line.client, true);
      if (line.server) this.#hold(line.server, true);
    }
  }

  /** Resets every connection there is; new ones are welcome. */
  cutAll(): void {
    for (const { client, server } of this.#lines) {
      client.resetAndDestroy();
      server?.resetAndDestroy();
    }
  }

  async close(): Promise<void> {
    for (const line of this.#lost) this.#lines.add(line);
    this.set('cut');
    for (const go of this.#waiting.splice(0)) go();
    const closed = once(this.#server, 'close');
    this.#server.close();
    await closed;
  }

  #isLost(socket: Socket): boolean {
    return [...this.#lost].some(({ client, server }) => client === socket || server === socket);
  }

  #hold(socket: Socket, isHeld: boolean): void {
    if (isHeld) socket.pause();
    else socket.resume();
  }

  async #accept(client: Socket): Promise<void> {
    client.on('error', () => undefined);
    const line: Line = { client, server: null };
    this.#lines.add(line);
    client.once('close', () => this.#lines.delete(line));
    client.pause();
    if (this.#mode === 'black hole') await new Promise<void>((go) => this.#waiting.push(go));
    line.server = this.#mode === 'cut' ? null : await this.#reach();
    if (!line.server || client.destroyed) {
      line.server?.destroy();
      return void client.resetAndDestroy();
    }
    this.#join(line, line.server);
  }

  async #reach(): Promise<Socket | null> {
    for (const port of this.#findPorts()) {
      const server = connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
      server.on('error', () => undefined);
      const isUp = await Promise.race([
        once(server, 'connect').then(
          () => true,
          () => false,
        ),
        once(server, 'close').then(() => false),
      ]);
      if (isUp) return server;
    }
    return null;
  }

  #join({ client }: Line, server: Socket): void {
    const sift = this.sieve?.() ?? null;
    this.#carry(client, server, null);
    this.#carry(server, client, sift);
    if (this.#mode === 'black hole') return;
    client.resume();
    if (this.#mode === 'one way') server.pause();
  }

  #carry(from: Socket, to: Socket, sift: ((chunk: Buffer) => Buffer) | null): void {
    const late = (work: () => void) => (typeof this.#mode === 'number' ? setTimeout(work, this.#mode) : work());
    from.on('data', (chunk: Buffer) => {
      const rest = sift ? sift(chunk) : chunk;
      late(() => {
        if (rest.length > 0 && !to.destroyed && !to.write(rest)) from.pause();
      });
    });
    to.on('drain', () => this.#mode !== 'black hole' && !this.#isLost(from) && from.resume());
    from.on('end', () => late(() => to.end()));
    from.on('close', () => to.destroy());
  }
}
