import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync } from 'node:fs';
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { MikroORM } from '@mikro-orm/postgresql';
import { Hono } from 'hono';
import type { Commit } from './kernel/append.ts';
import { recordAnswers } from './kernel/answers.ts';
import { openSigner, type Signer } from './kernel/checkpoint.ts';
import { clockRoutes } from './kernel/clock.ts';
import { openDatabase } from './kernel/database.ts';
import type { Env } from './kernel/env.ts';
import { armFaults, isWithout } from './kernel/faults.ts';
import { answerMissing, createApi, type Door, type HttpEnv } from './kernel/http.ts';
import { openJobs } from './kernel/jobs.ts';
import { findOrMakeKey } from './kernel/keys.ts';
import { createListener, listen, type PageHandler } from './kernel/listener.ts';
import type { Logger } from './kernel/log.ts';
import { operations } from './kernel/operations.ts';
import { OwnOrigin } from './kernel/origin.ts';
import { openImaging } from './kernel/ports/imaging.ts';
import { openMail } from './kernel/ports/mail.ts';
import { openScanner } from './kernel/ports/scanner.ts';
import { openStorage } from './kernel/ports/storage.ts';
import { openStripe, stripeSettings } from './kernel/ports/stripe.ts';
import { openTestMoney } from './kernel/ports/test-money.ts';
import type { Processor } from './kernel/ports/processor.ts';
import { Publisher, type Io } from './kernel/publish.ts';
import { openRateLimits } from './kernel/rate.ts';
import { createIo, serveSockets } from './kernel/realtime.ts';
import { openMetrics } from './kernel/metrics.ts';
import { openRedis } from './kernel/redis.ts';
import { startRounds } from './kernel/rounds.ts';
import { StartupError, type Patience } from './kernel/startup.ts';
import { transactor, type Reaction, type Transact } from './kernel/transact.ts';
import { together } from './kernel/together.ts';
import { openVault } from './kernel/vault.ts';
import { Watch } from './kernel/watch.ts';
import { accountEntities } from './modules/accounts/entity.ts';
import { accountJobs } from './modules/accounts/jobs.ts';
import { accountRoutes } from './modules/accounts/route.ts';
import { createAuthenticate } from './modules/accounts/service/sessions.ts';
import { contributeAccount } from './modules/accounts/service/profile.ts';
import { escrowEntities } from './modules/escrow/entity.ts';
import { moneyRounds } from './modules/escrow/jobs.ts';
import { paperRounds } from './modules/escrow/jobs/papers.ts';
import { processorRounds } from './modules/escrow/jobs/processor.ts';
import { escrowRoutes } from './modules/escrow/route.ts';
import { paperRoutes } from './modules/escrow/route/papers.ts';
import { walletRoutes } from './modules/escrow/route/wallet.ts';
import { fileEntities } from './modules/files/entity.ts';
import { fileJobs, fileRounds } from './modules/files/jobs.ts';
import { fileReactions } from './modules/files/reactions.ts';
import { fileRoutes } from './modules/files/route.ts';
import { Leases } from './modules/files/service/leases.ts';
import { contributeFiles } from './modules/files/service/reading.ts';
import { Receiving, type ReceivingDeps } from './modules/files/service/receiving.ts';
import { insightRoutes } from './modules/insights/route.ts';
import { notificationReactions } from './modules/notifications/reactions.ts';
import { notificationRoutes } from './modules/notifications/route.ts';
import { contributeNotifications, readWithRoom } from './modules/notifications/service.ts';
import { projectEntities } from './modules/projects/entity.ts';
import { projectRounds } from './modules/projects/jobs.ts';
import { projectRoutes } from './modules/projects/route.ts';
import { milestonesHold } from './modules/projects/service/holding.ts';
import { contributeProject, ownsRoom, projectRules } from './modules/projects/service/rooms.ts';
import { isInvited } from './modules/projects/service/invitations.ts';
import { Message } from './modules/rooms/entity.ts';
import { roomReactions } from './modules/rooms/reactions.ts';
import { roomRoutes } from './modules/rooms/route.ts';
import { markingRead, readingAlong, type MarkRead } from './modules/rooms/service/marks.ts';
import { sharedPosting, type Post } from './modules/rooms/service/posting.ts';
import { Presence } from './modules/rooms/service/presence.ts';
import { Signals } from './modules/rooms/service/signals.ts';
import { roomSocket } from './modules/rooms/socket.ts';

const entities = [...accountEntities, Message, ...fileEntities, ...escrowEntities, ...projectEntities];
const reactions: readonly Reaction[] = [...roomReactions, ...fileReactions, ...notificationReactions];
const contributors = [contributeAccount, contributeFiles, contributeProject, contributeNotifications];

/** Longer than a load balancer's look at `/readyz` should take, shorter than an orchestrator's patience. */
const drainMs = 2_000;

/** A running SafeSend process, and the inner doors that the command line and the demo use. */
export interface App {
  readonly port: number;
  readonly url: string;
  readonly origin: OwnOrigin;
  readonly orm: MikroORM;
  readonly transact: Transact;
  /** Every route of the process: what the authorization policy is held against. */
  readonly api: Hono<HttpEnv>;
  readonly io: Io;
  /** What takes files in. */
  readonly files: ReceivingDeps;
  /** Says that it is not ready any more, and gives who sends people here a moment to notice while sockets are open. */
  drain(): Promise<void>;
  close(): Promise<void>;
}

interface Settings {
  readonly env: Env;
  readonly log: Logger;
  readonly databaseUrl: string;
  /** How the parts of the start are done that need the database. */
  readonly patiently?: Patience;
}

/** Puts the modules together and opens the port. The only place that knows them all. */
export async function startApp({ env, log, databaseUrl, patiently = (work) => work() }: Settings): Promise<App> {
  if (env.SAFESEND_FAULTS !== undefined) armFaults(env.SAFESEND_FAULTS);
  const orm = await openDatabase(databaseUrl, entities);
  const key = await findOrMakeKey(env.dataDir);
  const vault = openVault(key);
  const answers = recordAnswers(vault);
  const redis = env.REDIS_URL === undefined ? null : openRedis(env.REDIS_URL, log);
  const jobs = await patiently(() => openJobs(databaseUrl, log, env.roles.worker));
  const origin = new OwnOrigin(env.publicUrl);
  const limits = openRateLimits(redis?.commands ?? null, env.rateLimits);
  const authenticate = createAuthenticate({ orm, origin });
  const api = new Hono<HttpEnv>();
  let pages: PageHandler | null = null;
  const server = createListener(api, () => pages);
  const connections = trackConnections(server);
  const io = createIo(server, origin, () => authenticate.cookieName, redis);
  const metrics = openMetrics({
    sockets: () => io.of('/').sockets.size,
    seats: () => publisher.countSeats(),
    jobs: () => jobs.count(),
  });
  const publisher: Publisher = new Publisher(io, orm, log, metrics, redis !== null);
  const watch = new Watch(io, orm, publisher, log);
  const transact = transactor({
    orm,
    enqueue: jobs.enqueue,
    answers,
    reactions,
    publish: (commits) => publisher.publish(commits),
    credentialsEnded: (keys) => watch.credentialsEnded(keys),
  });
  const sharing = {
    orm,
    enqueue: jobs.enqueue,
    answers,
    reactions,
    heads: publisher.heads,
    metrics,
    publish: (commits: readonly Commit[]) => publisher.publish(commits),
  };
  const post = together(sharing, sharedPosting(transact, readingAlong(orm, transact, readWithRoom, log)));
  const markRead = markingRead(orm, transact, readWithRoom);
  const presence = new Presence(io, orm, log);
  const signals = new Signals(io);
  let serving = true;

  const pageKey = randomBytes(16).toString('hex');
  const { app, door, stream } = createApi({
    orm,
    transact,
    authenticate,
    origin,
    limits,
    log,
    trustProxy: env.trustProxy,
    pageKey,
  });
  const signer = await patiently(() => openSigner(orm.em.fork(), key));
  const money = { orm, transact, log, processor: openProcessor(env, orm), owner: milestonesHold };
  mountRoutes({ door, origin, signer, signals, post, markRead, env, processor: money.processor });
  escrowRoutes(door, stream, money, origin);
  walletRoutes(door, money.processor);
  paperRoutes(door, transact);
  const files = openFiles({ orm, transact, env, log });
  const imaging = openImaging(log);
  fileRoutes(door, stream, new Receiving(files), { ...files, vault, imaging, scanned: files.scanner !== null });
  accountRoutes(door, {
    ...{ authenticate, origin, registrationGate: isInvited, operatorMail: env.mailFrom },
    readReceiptsChanged: (em, userId) => signals.receiptsChanged(em, userId),
  });
  api.route(
    '/',
    operations({ orm, metrics, redis, metricsToken: env.METRICS_TOKEN, api: app, isServing: () => serving }),
  );
  api.route('/api/v1', app);
  api.notFound(answerMissing);
  serveSockets({
    io,
    orm,
    authenticate,
    publisher,
    transact,
    limits,
    log,
    metrics,
    trustProxy: env.trustProxy,
    handlers: roomSocket(post, markRead, presence, signals),
    connected: (client) => presence.connected(client),
    disconnected: (client) => presence.disconnected(client),
  });

  const mail = openMail({ smtpUrl: env.SMTP_URL, from: env.mailFrom, dataDir: env.dataDir });
  const pictures = { orm, io, storage: files.storage, imaging };
  if (env.roles.worker)
    await jobs.work({
      'mail.send': (data, id) => mail.send(data, id),
      ...accountJobs(transact, origin),
      ...fileJobs(pictures),
    });
  const worked = () => [
    ...fileRounds(files),
    ...moneyRounds(money, metrics.registry),
    ...processorRounds(money, metrics.registry),
    ...projectRounds(money),
    ...paperRounds(transact),
  ];
  const rounds = startRounds(env.roles.worker ? worked() : [], log);
  const port = await listen(server, env.port, env.host).catch(async (error: unknown) => {
    // Nobody will close what is open by now, and the database may be stopped with this process.
    await rounds.stop();
    await jobs.stop();
    redis?.close();
    await orm.close();
    throw error;
  });
  origin.listeningOn(port);
  pages = await findPages(loopbackOf(env.host, port), pageKey);
  await presence.start();
  watch.start();

  return {
    port,
    url: origin.url,
    origin,
    orm,
    transact,
    api,
    io,
    files,
    async drain() {
      serving = false;
      if (isWithout('drain')) return;
      for (let waited = 0; waited < drainMs && io.of('/').sockets.size > 0; waited += 50) await pause(50);
    },
    async close() {
      serving = false;
      watch.stop();
      await presence.stop();
      await closeServer(server, io, connections);
      await rounds.stop();
      files.leases.stop();
      await jobs.stop();
      redis?.close();
      await orm.close();
    },
  };
}

/** Test money only where nothing real could be meant: never in production, never beside a real key. */
function openProcessor(env: Env, orm: MikroORM): Processor | null {
  const stripe = stripeSettings(env);
  if (stripe) return openStripe(stripe);
  return env.isProduction ? null : openTestMoney(orm);
}

/** What the doors of files and their rounds share. */
function openFiles({
  orm,
  transact,
  env,
  log,
}: Pick<ReceivingDeps, 'orm' | 'transact' | 'log'> & { env: Env }): ReceivingDeps {
  const staging = join(env.dataDir, 'staging');
  mkdirSync(staging, { recursive: true, mode: 0o700 });
  return {
    ...{ orm, transact, log, ownsRoom },
    storage: openStorage(env),
    scanner: openScanner(env.SCANNER_URL),
    leases: new Leases(orm, log),
    staging,
    limits: {
      maxFileBytes: env.MAX_FILE_BYTES,
      personBytes: env.PERSON_STORAGE_BYTES,
      roomBytes: env.PROJECT_STORAGE_BYTES,
    },
  };
}

interface Mounting {
  readonly door: Door;
  readonly origin: OwnOrigin;
  readonly signer: Signer;
  readonly signals: Signals;
  readonly post: Post;
  readonly markRead: MarkRead;
  readonly env: Env;
  readonly processor: Processor | null;
}

function mountRoutes({ door, origin, signer, signals, post, markRead, env, processor }: Mounting): void {
  roomRoutes(door, { rules: projectRules, contributors, signer, signals, post, markRead });
  projectRoutes(door, { origin, processor });
  notificationRoutes(door);
  insightRoutes(door);
  if (env.testClock) clockRoutes(door);
}

/** Sockets are closed, requests in flight end, then the port; a peer that does not read is not waited for. */
async function closeServer(server: Server, io: Io, connections: ReadonlySet<Socket>): Promise<void> {
  const closed = once(server, 'close');
  io.local.disconnectSockets(true);
  const ended = io.close();
  server.closeIdleConnections();
  setTimeout(() => connections.forEach((connection) => connection.destroy()), 3_000).unref();
  await Promise.all([ended, closed]);
}

function trackConnections(server: Server): ReadonlySet<Socket> {
  const connections = new Set<Socket>();
  server.on('connection', (connection) => {
    connections.add(connection);
    connection.once('close', () => connections.delete(connection));
  });
  return connections;
}

/** The built pages, when they were built: the API alone serves tests and API-only processes. */
async function findPages(loopback: string, pageKey: string): Promise<PageHandler | null> {
  // The pages read this once, when they are loaded: it is where their own requests to the API go.
  process.env['SAFESEND_LOOPBACK'] = loopback;
  process.env['SAFESEND_PAGE_KEY'] = pageKey;
  const path = join(import.meta.dirname, '../../web/build/handler.js');
  if (!existsSync(path)) return null;
  const { handler } = (await import(path)) as { handler?: PageHandler };
  if (!handler) throw new StartupError('The built pages are broken. Run: npm run build');
  return handler;
}

function loopbackOf(host: string, port: number): string {
  const isAny = host === '0.0.0.0' || host === '::';
  return `http://${isAny ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host}:${port}`;
}
