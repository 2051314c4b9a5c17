import { createAdapter, createShardedAdapter } from '@socket.io/redis-adapter';
import { Cluster, Redis } from 'ioredis';
import { isWithout } from './faults.ts';
import type { Logger } from './log.ts';

export interface RedisLinks {
  readonly commands: Redis | Cluster;
  readonly adapter: ReturnType<typeof createAdapter> | ReturnType<typeof createShardedAdapter>;
  close(): void;
}

const connectTimeout = 2_000;
const backOff = (times: number) => Math.min(times * 100, 2_000);

/**
 * Redis only makes things fast: while it is away nothing waits for it, nothing piles up, and no rejected publication
 * may end the process. Several addresses, separated by commas, are nodes of one cluster.
 */
export function openRedis(addresses: string, log: Logger): RedisLinks {
  const nodes = addresses.split(',');
  const [first = ''] = nodes;
  const open = (name: string, kind: LinkKind) => {
    const redis = nodes.length > 1 ? openCluster(nodes, kind) : openSingle(first, kind);
    redis.on('error', (error: Error) => log.debug({ err: error, link: name }, 'redis is away'));
    return redis;
  };
  const publisher = open('publisher', 'impatient');
  if (!isWithout('publish-catch')) catchPublications(publisher);
  // The adapter subscribes when it is made, which may be before the link is up.
  const subscriber = open('subscriber', 'patient');
  let isClosing = false;
  catchSubscriptions(subscriber, () => isClosing);
  const commands = open('commands', 'impatient');
  return {
    commands,
    adapter: adapterOf(publisher, subscriber),
    close: () => {
      isClosing = true;
      [publisher, subscriber, commands].forEach((redis) => redis.disconnect());
    },
  };
}

/**
 * A network may swallow what is asked and keep the connection: whoever asked goes on without an answer. Not for
 * subscriptions, which nobody waits for and which may be slow to come about.
 */
type LinkKind = 'impatient' | 'patient';

const deadlines = () => (isWithout('redis-deadline') ? {} : { commandTimeout: 500, socketTimeout: 2_000 });

function openSingle(url: string, kind: LinkKind): Redis {
  const common = { connectTimeout, retryStrategy: backOff };
  return kind === 'patient'
    ? new Redis(url, { ...common, enableOfflineQueue: true, maxRetriesPerRequest: null })
    : new Redis(url, { ...common, ...deadlines(), enableOfflineQueue: false, maxRetriesPerRequest: 0 });
}

function openCluster(nodes: readonly string[], kind: LinkKind): Cluster {
  const { username, password, protocol } = new URL(nodes[0] ?? '');
  const redisOptions = {
    connectTimeout,
    ...(kind === 'impatient' && deadlines()),
    ...(username !== '' && { username: decodeURIComponent(username) }),
    ...(password !== '' && { password: decodeURIComponent(password) }),
    ...(protocol === 'rediss:' && { tls: {} }),
  };
  return new Cluster([...nodes], {
    clusterRetryStrategy: backOff,
    enableOfflineQueue: kind === 'patient',
    shardedSubscribers: kind === 'patient',
    slotsRefreshTimeout: connectTimeout,
    redisOptions,
  });
}

function catchPublications(publisher: Redis | Cluster): void {
  const publish = publisher.publish.bind(publisher);
  publisher.publish = (channel: string | Buffer, message: string | Buffer) => publish(channel, message).catch(() => 0);
  const spublish = publisher.spublish.bind(publisher);
  publisher.spublish = (channel: string | Buffer, message: string | Buffer) =>
    spublish(channel, message).catch(() => 0);
}

/** What the adapter gives back while Redis is away, and waits for nowhere, ends unanswered when its link is closed. */
function catchSubscriptions(subscriber: Redis | Cluster, isClosing: () => boolean): void {
  const names = ['subscribe', 'psubscribe', 'ssubscribe', 'unsubscribe', 'punsubscribe', 'sunsubscribe'] as const;
  for (const name of names) {
    const ask = subscriber[name].bind(subscriber) as (...channels: unknown[]) => Promise<unknown>;
    const asked = (...channels: unknown[]) =>
      ask(...channels).catch((error: unknown) => {
        if (!isClosing()) throw error;
      });
    Object.assign(subscriber, { [name]: asked });
  }
}

/**
 * In a cluster a plain publication is passed on to every node; a sharded one stays with the node its channel belongs to. One
 * channel for all: facts are for every process that may seat a member, and a subscription for each seat would cost more
 * than it keeps away.
 */
function adapterOf(publisher: Redis | Cluster, subscriber: Redis | Cluster): RedisLinks['adapter'] {
  return publisher instanceof Cluster
    ? createShardedAdapter(publisher, subscriber, { subscriptionMode: 'static' })
    : createAdapter(publisher, subscriber, { requestsTimeout: 2_000 });
}
