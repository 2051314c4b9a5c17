import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { postMessage } from '@safesend/shared/rooms/calls.ts';
import pg from 'pg';
import type { Mechanism } from '../../src/kernel/faults.ts';
import { migrate } from '../../src/kernel/database.ts';
import { freePort } from '../../src/kernel/postgres/cluster.ts';
import { isRunning } from '../../src/kernel/postgres/lock.ts';
import { readState } from '../../src/kernel/postgres/state.ts';
import { startPostgres } from '../../src/kernel/postgres.ts';
import { createDatabase, joinProject, projectOf, signUp, type Person } from '../harness.ts';
import { launchRedis } from '../redis.ts';
import { Chance } from './chance.ts';
import { Listener } from './listener.ts';
import { LiveClient, type LiveClientOptions } from './live-client.ts';
import type { LiveView } from './live-view.ts';
import { ServerNode } from './server-node.ts';
import { TcpProxy } from './tcp-proxy.ts';

/** What the client leaves out instead of the server. */
export type ClientMechanism = 'client:catch-up' | 'client:jitter';

export interface BenchSettings {
  readonly nodes?: number;
  readonly without?: Mechanism | ClientMechanism | null;
  /** A Postgres of its own, which may be restarted. */
  readonly ownPostgres?: boolean;
  readonly environment?: NodeJS.ProcessEnv;
}

export interface Room {
  readonly id: string;
  readonly projectId: string;
  readonly owner: Person;
  readonly members: readonly Person[];
}

const secretWord = 'unspoken';

/** Servers behind one address, with a held wire to Postgres and Redis each, and everything that was done to them. */
export class Bench {
  readonly chance = new Chance();
  readonly nodes: ServerNode[] = [];
  /** Wires, by the place of the server they belong to. */
  readonly postgresWires: TcpProxy[] = [];
  readonly redisWires: TcpProxy[] = [];
  readonly clients: LiveClient[] = [];
  readonly listeners: Listener[] = [];
  readonly people: Person[] = [];
  readonly figures: Record<string, string | number> = {};
  /** Servers that the proxy in front sends nobody to. */
  readonly outOfRotation = new Set<ServerNode>();
  front!: TcpProxy;
  databaseUrl = '';
  #owner!: pg.Pool;
  #redis!: { stop(): Promise<void> };
  #redisPort = 0;
  #folder = '';
  #turn = 0;
  #texts = 0;
  readonly #settings: BenchSettings;
  readonly #closing: (() => Promise<unknown>)[] = [];

  constructor(settings: BenchSettings) {
    this.#settings = settings;
  }

  async open(): Promise<void> {
    this.#folder = await mkdtemp(join(tmpdir(), 'safesend-faults-'));
    await chmod(this.#folder, 0o711);
    this.#closing.push(() => rm(this.#folder, { recursive: true, force: true }));
    await this.#openDatabase();
    this.#redisPort = await freePort();
    await this.startRedis();
    this.#closing.push(() => this.stopRedis());
    this.front = await this.#wire(() => this.#inTurn());
    for (let n = 0; n < (this.#settings.nodes ?? 2); n++) await this.#addNode();
    await Promise.all(this.nodes.map((node) => node.startSomewhere()));
  }

  /** Everything in the reverse order in which it was opened. */
  async close(): Promise<void> {
    for (const client of [...this.clients, ...this.listeners]) client.close();
    await Promise.all(this.nodes.map((node) => node.kill()));
    for (const close of this.#closing.toReversed()) await close();
  }

  /** What all its servers share. */
  get dataDir(): string {
    return join(this.#folder, 'installation');
  }

  get origin(): string {
    return `http://127.0.0.1:${this.front.port}`;
  }

  node(at: number): ServerNode {
    const node = this.nodes[at];
    if (!node) throw new Error(`no server ${at}`);
    return node;
  }

  async sql<Row extends object>(text: string, parameters: unknown[] = []): Promise<Row[]> {
    return (await this.#owner.query(text, parameters)).rows;
  }

  async startRedis(): Promise<void> {
    this.#redis = await launchRedis(this.#folder, this.#redisPort);
  }

  async stopRedis(): Promise<void> {
    await this.#redis.stop();
  }

  /** Stops the bench's own Postgres as `pg_ctl -m fast` or `immediate` would; it is started again by its keeper. */
  /** `upAt`: from when on it may have answered anybody, which is before it answers here. */
  async restartPostgres(mode: 'fast' | 'immediate'): Promise<{ downAt: number; upAt: number; readyAt: number }> {
    const { home = '' } = (await readState(join(this.#folder, 'data'))) ?? {};
    const findPid = async () => {
      const file = await readFile(join(home, 'postgres', 'postmaster.pid'), 'utf8').catch(() => '');
      return Number.parseInt(file, 10);
    };
    const pid = await findPid();
    process.kill(pid, mode === 'fast' ? 'SIGINT' : 'SIGQUIT');
    while (isRunning(pid)) await pause(2);
    const downAt = performance.now();
    for (;;) {
      const text = 'select extract(epoch from pg_postmaster_start_time())::float8 * 1000 as at';
      const [started] = await this.sql<{ at: number }>(text).catch(() => []);
      if (started) return { downAt, upAt: started.at - performance.timeOrigin, readyAt: performance.now() };
      await pause(20);
    }
  }

  get redisUrl(): string {
    return `redis://127.0.0.1:${this.#redisPort}`;
  }

  async person(role: 'client' | 'freelancer' = 'client'): Promise<Person> {
    const person = (await signUp(this.front, role)).at(this.origin);
    this.people.push(person);
    return person;
  }

  async folk(count: number): Promise<Person[]> {
    return Promise.all(Array.from({ length: count }, (_, n) => this.person(n % 2 ? 'freelancer' : 'client')));
  }

  async room(owner: Person, ...members: Person[]): Promise<Room> {
    const { id: projectId, roomId: id } = await projectOf(owner, ...members);
    return { id, projectId, owner, members: [owner, ...members] };
  }

  /** A mechanism is missing on purpose. */
  get isProving(): boolean {
    return Boolean(this.#settings.without);
  }

  join(room: Room, person: Person, history?: 'whole' | 'join'): Promise<void> {
    return joinProject(room.owner, person, room.projectId, history);
  }

  /** A client that connects by the proxy in front, or to one server. */
  async client(person: Person, options: Partial<LiveClientOptions> & { node?: ServerNode } = {}): Promise<LiveClient> {
    const { node, ...rest } = options;
    const { without } = this.#settings;
    const client = new LiveClient(person, {
      findUrl: () => node?.url ?? this.origin,
      origin: this.origin,
      random: this.chance.next,
      without: without === 'client:catch-up' ? 'catch-up' : without === 'client:jitter' ? 'jitter' : null,
      ...rest,
    });
    this.clients.push(client);
    await client.up();
    return client;
  }

  async follower(person: Person, room: Room, options: Parameters<Bench['client']>[1] = {}): Promise<LiveClient> {
    const client = await this.client(person, options);
    await client.follow(room.id);
    return client;
  }

  /** Somebody at one server who keeps the order alone, from where this view stands on. */
  async listener(person: Person, view: LiveView, { url }: ServerNode): Promise<Listener> {
    const listener = new Listener(person.at(this.origin), url, view);
    this.listeners.push(listener);
    await listener.join();
    return listener;
  }

  /** A text that nobody else says, and that no log may repeat. */
  text(): string {
    return `${secretWord} ${this.chance.seed.toString(36)} ${++this.#texts}`;
  }

  /** Posts over HTTP; answers the number of the fact. */
  async post(person: Person, room: Room, body = this.text()): Promise<number> {
    const { event } = await person.must(postMessage, {
      params: { roomId: room.id },
      body: { commandId: crypto.randomUUID(), body },
    });
    return event.seq;
  }

  /** What no line of a log may hold. */
  secrets(): string[] {
    const cookies = this.people.map(({ cookie }) => cookie.split('=')[1] ?? '');
    const addresses = this.people.map(({ user }) => user.email);
    return [secretWord, 'correct horse battery staple', new URL(this.databaseUrl).password, ...cookies, ...addresses];
  }

  note(name: string, figure: string | number): void {
    this.figures[name] = typeof figure === 'number' ? Math.round(figure * 100) / 100 : figure;
  }

  async #openDatabase(): Promise<void> {
    if (this.#settings.ownPostgres) {
      const dataDir = join(this.#folder, 'data');
      const postgres = await startPostgres({ dataDir, onProgress: () => undefined });
      this.#closing.push(() => postgres.stop());
      this.databaseUrl = postgres.url;
      await migrate(postgres.url);
    } else this.databaseUrl = await createDatabase();
    this.#owner = new pg.Pool({ connectionString: this.databaseUrl, max: 4 });
    this.#owner.on('error', () => undefined);
    this.#closing.push(() => this.#owner.end());
  }

  async #addNode(): Promise<void> {
    const postgres = await this.#wire(() => [Number(new URL(this.databaseUrl).port)]);
    const redis = await this.#wire(() => [this.#redisPort]);
    this.postgresWires.push(postgres);
    this.redisWires.push(redis);
    const { without, environment } = this.#settings;
    const log = join(this.#folder, `server-${this.nodes.length}.log`);
    const settings = {
      NODE_ENV: 'test',
      HOST: '127.0.0.1',
      PUBLIC_URL: this.origin,
      ROLES: 'web',
      RATE_LIMITS: 'off',
      // On a machine with too much to do a database that is there may not answer for long.
      DATABASE_WAIT_SECONDS: '300',
      LOG_LEVEL: 'trace',
      SAFESEND_DATA_DIR: this.dataDir,
      SAFESEND_FAULTS: without && !without.startsWith('client:') ? `without:${without}` : 'none',
      DATABASE_URL: Object.assign(new URL(this.databaseUrl), { port: String(postgres.port) }).href,
      REDIS_URL: `redis://127.0.0.1:${redis.port}`,
      ...environment,
    };
    this.nodes.push(new ServerNode(settings, log));
  }

  async #wire(findPorts: () => readonly number[]): Promise<TcpProxy> {
    const wire = await TcpProxy.open(findPorts);
    this.#closing.push(() => wire.close());
    return wire;
  }

  /** Round robin; who does not take the connection is passed over. */
  #inTurn(): number[] {
    const serving = this.nodes.filter((node) => !this.outOfRotation.has(node));
    const first = this.#turn++ % Math.max(1, serving.length);
    return [...serving.slice(first), ...serving.slice(0, first)].map(({ port }) => port);
  }
}
