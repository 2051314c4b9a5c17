import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { MikroORM } from '@mikro-orm/postgresql';
import { Hono } from 'hono';
import { mountDoors } from './app/doors.ts';
import { openFiles, openProcessor } from './app/outside.ts';
import type { Commit } from './kernel/append.ts';
import { recordAnswers } from './kernel/answers.ts';
import type { Io } from './kernel/channels.ts';
import { openSigner } from './kernel/checkpoint.ts';
import { closeServer, trackConnections } from './kernel/closing.ts';
import { openDatabase } from './kernel/database.ts';
import type { Env } from './kernel/env.ts';
import { armFaults, isWithout } from './kernel/faults.ts';
import { answerMissing, createApi, type HttpEnv } from './kernel/http.ts';
import { givenUpContext, openJobs } from './kernel/jobs.ts';
import { findOrMakeKey } from './kernel/keys.ts';
import { createListener, listen, type PageHandler } from './kernel/listener.ts';
import type { Logger } from './kernel/log.ts';
import { operations } from './kernel/operations.ts';
import { OwnOrigin } from './kernel/origin.ts';
import { findPages, loopbackOf } from './kernel/pages.ts';
import { openImaging } from './kernel/ports/imaging.ts';
import { openMail } from './kernel/ports/mail.ts';
import { Publisher } from './kernel/publish.ts';
import { openRateLimits } from './kernel/rate.ts';
import { createIo, serveSockets } from './kernel/realtime.ts';
import { openMetrics } from './kernel/metrics.ts';
import { openRedis } from './kernel/redis.ts';
import { Rounds } from './kernel/rounds.ts';
import type { Patience } from './kernel/startup.ts';
import { Talk } from './kernel/talk.ts';
import { transactor, type Reaction, type Transact } from './kernel/transact.ts';
import { together } from './kernel/together.ts';
import { openVault } from './kernel/vault.ts';
import { Watch } from './kernel/watch.ts';
import { accountEntities } from './modules/accounts/entity.ts';
import { accountJobs } from './modules/accounts/jobs.ts';
import { createAuthenticate } from './modules/accounts/service/sessions.ts';
import { escrowEntities } from './modules/escrow/entity.ts';
import { moneyRounds } from './modules/escrow/jobs.ts';
import { paperRounds } from './modules/escrow/jobs/papers.ts';
import { processorRounds } from './modules/escrow/jobs/processor.ts';
import { fileEntities } from './modules/files/entity.ts';
import { fileJobs, fileRounds } from './modules/files/jobs.ts';
import { fileReactions } from './modules/files/reactions.ts';
import type { ReceivingDeps } from './modules/files/service/receiving.ts';
import { notificationRounds } from './modules/notifications/jobs.ts';
import { notificationReactions } from './modules/notifications/reactions.ts';
import { readWithRoom } from './modules/notifications/service.ts';
import { projectEntities } from './modules/projects/entity.ts';
import { projectRounds } from './modules/projects/jobs.ts';
import { findClaim } from './modules/projects/service/deliveries.ts';
import { milestonesHold } from './modules/projects/service/holding.ts';
import { Message } from './modules/rooms/entity.ts';
import { roomReactions } from './modules/rooms/reactions.ts';
import { markingRead, readingAlong } from './modules/rooms/service/marks.ts';
import { sharedPosting } from './modules/rooms/service/posting.ts';
import { Presence } from './modules/rooms/service/presence.ts';
import { Signals } from './modules/rooms/service/signals.ts';
import { roomSocket } from './modules/rooms/socket.ts';

const entities = [...accountEntities, Message, ...fileEntities, ...escrowEntities, ...projectEntities];
const reactions: readonly Reaction[] = [...roomReactions, ...fileReactions(findClaim), ...notificationReactions];

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
    seats: () => publisher.seats.count(),
    jobs: () => jobs.count(),
  });
  const publisher: Publisher = new Publisher(io, orm, log, metrics, redis !== null);
  const watch = new Watch(io, orm, publisher, log);
  const rounds = new Rounds(log);
  const wake = (round: string) => rounds.wake(round);
  const transact = transactor({
    orm,
    enqueue: jobs.enqueue,
    answers,
    reactions,
    publish: (commits) => publisher.publish(commits),
    credentialsEnded: (keys) => watch.credentialsEnded(keys),
    wake,
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
  const talk = new Talk();
  const post = talk.noticing(
    together(sharing, sharedPosting(transact, readingAlong(orm, transact, readWithRoom, log))),
  );
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
  const money = { orm, transact, log, processor: openProcessor(env, orm), owner: milestonesHold, wake };
  const files = openFiles({ orm, transact, env, log, talk });
  const imaging = openImaging(log);
  const mail = openMail({ smtpUrl: env.SMTP_URL, from: env.mailFrom, dataDir: env.dataDir });
  mountDoors({
    ...{ door, stream, origin, authenticate, signer, signals, post, markRead, env, money, files, imaging, mail, vault },
  });
  const { storage } = files;
  const isServing = () => serving;
  api.route('/', operations({ orm, metrics, redis, storage, metricsToken: env.METRICS_TOKEN, api: app, isServing }));
  if (env.roles.web) api.route('/api/v1', app);
  else io.use((_, next) => next(new Error('This process does the work behind the pages and serves nobody.')));
  api.notFound(answerMissing);
  if (env.roles.web)
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

  const pictures = { orm, io, storage: files.storage, imaging };
  if (env.roles.worker)
    await jobs.work(
      {
        'mail.send': (data, id) => mail.send(data, id),
        ...accountJobs(transact, origin),
        ...fileJobs(pictures),
      },
      (id, data) => vault.seal(JSON.stringify(data), givenUpContext(id)),
    );
  const worked = () => [
    ...fileRounds(files, pictures, metrics.registry),
    ...moneyRounds(money, metrics.registry),
    ...processorRounds(money, metrics.registry),
    ...projectRounds(money),
    ...paperRounds(transact, money.processor),
    ...notificationRounds({ orm, transact, origin, log }),
  ];
  rounds.start(env.roles.worker ? worked() : []);
  const port = await listen(server, env.port, env.host).catch(async (error: unknown) => {
    // Nobody will close what is open by now, and the database may be stopped with this process.
    await rounds.stop();
    await jobs.stop();
    redis?.close();
    await orm.close();
    throw error;
  });
  origin.listeningOn(port);
  const takesCards = typeof money.processor?.publishableKey === 'string';
  if (env.roles.web) pages = await findPages(loopbackOf(env.host, port), pageKey, takesCards);
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
