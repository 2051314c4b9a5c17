import { Redis } from 'ioredis';
import { isWithout } from './faults.ts';
import type { Logger } from './log.ts';

export interface RedisLinks {
  readonly publisher: Redis;
  readonly subscriber: Redis;
  readonly commands: Redis;
  close(): void;
}

/**
 * Redis only makes things fast: while it is away nothing waits for it, nothing piles up, and no rejected publication
 * may end the process.
 */
export function openRedis(url: string, log: Logger): RedisLinks {
  const options = {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    connectTimeout: 2_000,
    retryStrategy: (times: number) => Math.min(times * 100, 2_000),
  };
  // A network may swallow what is asked and keep the connection: whoever asked goes on without an answer. Not for
  // subscriptions, which nobody waits for and which may be slow to come about.
  const impatient = isWithout('redis-deadline') ? {} : { commandTimeout: 500, socketTimeout: 2_000 };
  const open = (name: string, extra: object = {}) => {
    const redis = new Redis(url, { ...options, ...extra });
    redis.on('error', (error) => log.debug({ err: error, link: name }, 'redis is away'));
    return redis;
  };
  const publisher = open('publisher', impatient);
  const publish = publisher.publish.bind(publisher);
  if (!isWithout('publish-catch'))
    publisher.publish = (channel: string, message: string) => publish(channel, message).catch(() => 0);
  // The adapter subscribes when it is made, which may be before the link is up.
  const subscriber = open('subscriber', { enableOfflineQueue: true, maxRetriesPerRequest: null });
  const commands = open('commands', impatient);
  return {
    publisher,
    subscriber,
    commands,
    close: () => [publisher, subscriber, commands].forEach((redis) => redis.disconnect()),
  };
}
