import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Command, Report } from './load/plan.ts';
import type { SendOrder, SendReport } from './load/senders.ts';
import type { Profile, Question, Usage } from './probe.ts';

/** This run has no speed, because a message was lost, doubled, reordered or refused, or because it did not end. */
export class BrokenRun extends Error {}

/** A server under measurement, in a process of its own. */
export class ServerProcess {
  readonly #child: ChildProcess;
  readonly url: string;

  static async start(program: string, env: NodeJS.ProcessEnv): Promise<ServerProcess> {
    const probe = join(import.meta.dirname, 'probe.ts');
    const child = fork(program, {
      execArgv: ['--import', probe],
      env: { PATH: process.env['PATH'], ...env },
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    });
    const url = await new Promise<string>((resolve, reject) => {
      let output = '';
      child.stdout?.on('data', (chunk: Buffer) => {
        output += chunk.toString();
        const port = / http:\/\/[^:\s]+:(\d+)/.exec(output)?.[1];
        if (port !== undefined) resolve(`http://127.0.0.1:${port}`);
      });
      child.once('exit', (code) => reject(new Error(`${program} ended with ${code}: ${output}`)));
    });
    // From here on it only speaks when something is wrong.
    child.stdout?.pipe(process.stderr, { end: false });
    return new ServerProcess(child, url);
  }

  constructor(child: ChildProcess, url: string) {
    this.#child = child;
    this.url = url;
  }

  async usage({ tidy = false } = {}): Promise<Usage> {
    return this.#ask<Usage>(tidy ? 'usage after tidying up' : 'usage');
  }

  beginProfile(): void {
    this.#child.send('begin profile' satisfies Question);
  }

  async endProfile(): Promise<object> {
    return (await this.#ask<Profile>('end profile')).profile;
  }

  async #ask<Answer>(question: Question): Promise<Answer> {
    const answer = nextMessage<Answer>(this.#child, (message) => typeof message === 'object' && message !== null);
    this.#child.send(question);
    return answer;
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    await ended;
  }
}

/** The load generator's process. */
export class LoadProcess {
  readonly #child = fork(join(import.meta.dirname, 'load/main.ts'), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });

  async tell<Said extends Report['said']>(command: Command, until: Said): Promise<Extract<Report, { said: Said }>> {
    const answer = this.until(until);
    this.#child.send(command);
    return answer;
  }

  async until<Said extends Report['said']>(said: Said): Promise<Extract<Report, { said: Said }>> {
    const isAnswer = (message: unknown) => ['failed', said].includes((message as Report).said);
    const report = await nextMessage<Report>(this.#child, isAnswer);
    if (report.said === 'failed') throw new Error(`The load generator failed: ${report.reason}`);
    return report as Extract<Report, { said: Said }>;
  }

  stop(): void {
    if (this.#child.connected) this.#child.disconnect();
  }
}

/** Those who send files while others talk. */
export class SendersProcess {
  readonly #child = fork(join(import.meta.dirname, 'load/senders.ts'), {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });

  /** Sends until the work is done, and ends what it has begun. */
  async during<Result>(order: SendOrder, work: () => Promise<Result>): Promise<{ result: Result; sent: Sent }> {
    const report = nextMessage<SendReport>(this.#child, () => true);
    this.#child.send(order);
    const result = await work().finally(() => this.#child.send('stop'));
    const sent = await report;
    if (sent.said === 'failed') throw new BrokenRun(sent.reason);
    return { result, sent };
  }

  stop(): void {
    if (this.#child.connected) this.#child.disconnect();
  }
}

export type Sent = Extract<SendReport, { said: 'sent' }>;

function nextMessage<Message>(child: ChildProcess, isIt: (message: unknown) => boolean): Promise<Message> {
  return new Promise((resolve, reject) => {
    const exited = (code: number | null) => reject(new BrokenRun(`A process of the bench ended with ${code}.`));
    const listen = (message: unknown) => {
      if (!isIt(message)) return;
      child.off('message', listen);
      child.off('exit', exited);
      resolve(message as Message);
    };
    child.on('message', listen);
    child.once('exit', exited);
  });
}
