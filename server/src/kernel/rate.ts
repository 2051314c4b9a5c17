import { isWithout } from './faults.ts';
import { Failure } from '@safesend/shared/failure.ts';
import type { Tx } from './transact.ts';
import type { Cluster, Redis } from 'ioredis';
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes, type RateLimiterAbstract } from 'rate-limiter-flexible';

/** Points per seconds, by what is counted. One person's normal day stays far below each. */
const budgets = {
  'http.address': { points: 1_200, duration: 60 },
  'http.person': { points: 900, duration: 60 },
  'socket.person': { points: 600, duration: 10 },
  'message.person': { points: 200, duration: 10 },
  'typing.person': { points: 60, duration: 10 },
  'handshake.address': { points: 600, duration: 60 },
  'signIn.address': { points: 60, duration: 900 },
  'signIn.account': { points: 10, duration: 900 },
  'register.address': { points: 30, duration: 3_600 },
  'lookup.address': { points: 60, duration: 60 },
  'mail.address': { points: 30, duration: 3_600 },
  'mail.account': { points: 6, duration: 3_600 },
  'unasked.account': { points: 12, duration: 3_600 },
  'invite.person': { points: 60, duration: 3_600 },
  'share.link': { points: 10, duration: 900 },
  'card.person': { points: 20, duration: 3_600 },
  'payment.person': { points: 30, duration: 3_600 },
  'drawing.person': { points: 20, duration: 60 },
  'export.person': { points: 6, duration: 3_600 },
  'support.address': { points: 10, duration: 3_600 },
} as const;

export type Budget = keyof typeof budgets;

export interface RateLimits {
  /** Takes one point, or fails as `throttled` with the seconds to wait. */
  spend(budget: Budget, key: string): Promise<void>;
  /** Gives all points back: a right password ends the back-off. */
  clear(budget: Budget, key: string): Promise<void>;
  /** Gives one point back. */
  refund(budget: Budget, key: string): Promise<void>;
}

const nothing = async (): Promise<void> => undefined;

/** Counts in Redis where there is one, so that every process sees the same count; in memory otherwise, and while Redis is away. */
export function openRateLimits(redis: Redis | Cluster | null, enabled: boolean): RateLimits {
  if (!enabled) return { spend: nothing, clear: nothing, refund: nothing };
  const limiters = new Map<Budget, RateLimiterAbstract>();
  for (const [name, budget] of Object.entries(budgets) as [Budget, { points: number; duration: number }][]) {
    const options = { keyPrefix: `rate:${name}`, ...budget };
    const memory = new RateLimiterMemory(options);
    limiters.set(
      name,
      redis && !isWithout('shared-limits')
        ? new RateLimiterRedis({ ...options, storeClient: redis, insuranceLimiter: memory })
        : memory,
    );
  }
  return {
    async spend(budget, key) {
      try {
        await limiters.get(budget)?.consume(key);
      } catch (refusal) {
        if (!(refusal instanceof RateLimiterRes)) throw refusal;
        const retryAfterSeconds = Math.max(1, Math.ceil(refusal.msBeforeNext / 1000));
        throw new Failure('throttled', `Too many attempts. Try again in ${retryAfterSeconds} s.`, {
          retryAfterSeconds,
        });
      }
    },
    async clear(budget, key) {
      await limiters.get(budget)?.delete(key);
    },
    async refund(budget, key) {
      await limiters.get(budget)?.reward(key, 1);
    },
  };
}

/** A command that counts where it is carried out: what was answered already is answered again, and is no other attempt. */
export function counted<Result>(limits: RateLimits, budget: Budget, work: (tx: Tx) => Promise<Result>) {
  return async (tx: Tx): Promise<Result> => {
    await limits.spend(budget, tx.me);
    return work(tx);
  };
}
