import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import PostalMime, { type Email } from 'postal-mime';
import { makeDatabase } from '../server/test/fresh-database.ts';
import { freePort } from '../server/src/kernel/postgres/cluster.ts';

const main = join(import.meta.dirname, '../server/src/main.ts');

export interface ServerSettings {
  readonly databaseUrl?: string;
  readonly redisUrl?: string;
  readonly dataDir?: string;
  /** What this one is told besides. */
  readonly environment?: NodeJS.ProcessEnv;
}

/** One server process of the built product, which a story may kill and start again on the same port. */
export class Server {
  readonly port: number;
  readonly databaseUrl: string;
  readonly dataDir: string;
  readonly #environment: NodeJS.ProcessEnv;
  #process: ChildProcess | undefined;

  private constructor(
    port: number,
    databaseUrl: string,
    dataDir: string,
    redisUrl: string | undefined,
    more: NodeJS.ProcessEnv,
  ) {
    this.port = port;
    this.databaseUrl = databaseUrl;
    this.dataDir = dataDir;
    this.#environment = {
      ...process.env,
      NODE_ENV: 'development',
      HOST: '127.0.0.1',
      PORT: String(port),
      DATABASE_URL: databaseUrl,
      SAFESEND_DATA_DIR: dataDir,
      RATE_LIMITS: 'off',
      SAFESEND_TEST_CLOCK: '1',
      LOG_LEVEL: 'warn',
      ...(redisUrl !== undefined && { REDIS_URL: redisUrl }),
      ...more,
    };
  }

  static async start({ databaseUrl, redisUrl, dataDir, environment = {} }: ServerSettings = {}): Promise<Server> {
    const folder = dataDir ?? (await mkdtemp(join(tmpdir(), 'safesend-story-')));
    const server = new Server(await freePort(), databaseUrl ?? (await createDatabase()), folder, redisUrl, environment);
    await server.start();
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async start(): Promise<void> {
    const child = spawn(process.execPath, [main], { env: this.#environment, stdio: ['ignore', 'pipe', 'inherit'] });
    this.#process = child;
    for await (const chunk of child.stdout) {
      if (String(chunk).includes('SafeSend is running')) break;
    }
    child.stdout.resume();
    if (child.exitCode !== null) throw new Error('the server did not start');
  }

  /** As a crash does it: nothing is said, nothing is finished. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** Its connections stay and nobody answers, as on a machine that is held up. */
  suspend(): void {
    this.#process?.kill('SIGSTOP');
  }

  resume(): void {
    this.#process?.kill('SIGCONT');
  }

  async stop(): Promise<void> {
    await this.#end('SIGTERM');
    await rm(this.dataDir, { recursive: true, force: true });
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#process;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    await once(child, 'exit');
  }

  /** The newest mail to an address, read from the outbox as a mail program would read it. */
  async mailTo(address: string, subject: RegExp): Promise<Email | undefined> {
    const folder = join(this.dataDir, 'outbox');
    const names = await readdir(folder).catch(() => []);
    for (const name of names
      .filter((it) => it.endsWith('.eml'))
      .sort()
      .reverse()) {
      const mail = await PostalMime.parse(await readFile(join(folder, name)));
      if (mail.to?.some((to) => to.address === address) && subject.test(mail.subject ?? '')) return mail;
    }
    return undefined;
  }
}

export function createDatabase(): Promise<string> {
  return makeDatabase(process.env['STORY_POSTGRES_URL'] ?? '');
}
