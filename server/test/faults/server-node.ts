import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { freePort } from '../../src/kernel/postgres/cluster.ts';
import { childEnv } from '../child-env.ts';

const main = join(import.meta.dirname, '../../src/main.ts');

/** One server of the bench, in a process of its own, that may be ended and started again. */
export class ServerNode {
  #port = 0;
  readonly #environment: NodeJS.ProcessEnv;
  #child: ChildProcess | null = null;
  #isExpectedToEnd = false;
  #isServing = false;
  /** Everything it ever said, on either channel: an hour of it is more than memory should hold. */
  readonly #log: string;
  #written = Promise.resolve();
  #lastWords = '';
  /** Ends that no test asked for. */
  readonly unexpectedEnds: string[] = [];

  constructor(environment: NodeJS.ProcessEnv, log: string) {
    this.#environment = environment;
    this.#log = log;
  }

  get port(): number {
    return this.#port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  get isUp(): boolean {
    return this.#isServing;
  }

  /** The first start, on a port of its own: another process may be faster to take a free one. */
  async startSomewhere(): Promise<void> {
    for (let tries = 1; ; tries++) {
      this.#port = await freePort();
      try {
        return await this.start();
      } catch (problem) {
        if (tries >= 5 || !(problem as Error).message.includes('is taken')) throw problem;
        this.unexpectedEnds.splice(0);
      }
    }
  }

  /** Resolves when it serves. */
  async start(): Promise<void> {
    const child = fork(main, {
      execArgv: [],
      env: { ...childEnv, ...this.#environment, PORT: String(this.#port) },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.#child = child;
    this.#isExpectedToEnd = false;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => this.#hear(text));
    }
    const ended = once(child, 'exit').then(([code, signal]) => {
      if (!this.#isExpectedToEnd) this.unexpectedEnds.push(`exit ${String(code ?? signal)}: ${this.#lastWords}`);
      this.#isServing = false;
      this.#child = null;
    });
    await Promise.race([once(child, 'message'), ended]);
    if (!this.#child) throw new Error(`a server did not start: ${this.#lastWords}`);
    this.#isServing = true;
  }

  /** From now on until it ends, or is armed again. */
  async arm(orders: string): Promise<void> {
    if (!this.#child) throw new Error('this server is down');
    this.#isExpectedToEnd = orders.startsWith('exit:');
    const armed = once(this.#child, 'message');
    this.#child.send(orders);
    await armed;
  }

  /** As a crash does it: nothing is said, nothing is finished. */
  kill(): Promise<void> {
    return this.#end('SIGKILL');
  }

  /** As an orchestrator does it. */
  terminate(): Promise<void> {
    return this.#end('SIGTERM');
  }

  /** Resolves when it has ended by what it was armed with. */
  async ended(): Promise<void> {
    if (this.#child) await once(this.#child, 'exit');
  }

  /** Resident memory in bytes, and how many connections of it to its database are open. */
  async measure(name: string): Promise<number> {
    const text = await (await fetch(`${this.url}/metrics`)).text();
    return Number(new RegExp(`^${name} (.+)$`, 'm').exec(text)?.[1]);
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (!child) return;
    this.#isExpectedToEnd = true;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  }

  #hear(text: string): void {
    this.#lastWords = (this.#lastWords + text).split('\n').slice(-20).join('\n').slice(-20_000);
    this.#written = this.#written.then(() => appendFile(this.#log, text));
  }

  /** Line by line, everything it ever said. */
  async *said(): AsyncGenerator<string> {
    await appendFile(this.#log, '');
    await this.#written;
    yield* createInterface({ input: createReadStream(this.#log), crlfDelay: Infinity });
  }
}
