import type { MikroORM } from '@mikro-orm/postgresql';
import { migrations } from '../../../migrations/index.ts';
import type { Storage } from './ports/storage.ts';
import type { RedisLinks } from './redis.ts';
import { query } from './sql.ts';

export interface ReadinessDeps {
  readonly orm: MikroORM;
  readonly redis: RedisLinks | null;
  readonly storage: Pick<Storage, 'isThere'>;
  /** False from the moment the process was told to stop. */
  readonly isServing: () => boolean;
}

export interface Readiness {
  /** `degraded`: something is away without which the process still does its work, as far as it goes. */
  readonly status: 'ready' | 'degraded' | 'not ready';
  readonly reasons: readonly string[];
  readonly checks: {
    readonly database: 'ok' | 'away';
    readonly migrations: 'ok' | 'pending' | 'unknown';
    readonly storage: 'ok' | 'away';
    readonly redis: 'ok' | 'away' | 'not used';
  };
}

/** A silent neighbour must not silence this answer: load balancers wait a few seconds at most. */
const deadlineMs = 2_500;
/** The store may be far away and charge for every question; anybody may ask us. */
const storageMs = 5_000;

export function openReadiness({ orm, redis, storage, isServing }: ReadinessDeps): () => Promise<Readiness> {
  const isStorageThere = remembered(() => within(storage.isThere()));
  return async () => {
    const [seen, isRedisThere, isStored] = await Promise.all([
      answerOf(findMigrations(orm)),
      redis && within(redis.commands.ping().then(() => true)),
      isStorageThere(),
    ]);
    const pending = seen && migrations.some(({ name }) => !seen.has(name));
    const stopping = isServing() ? [] : ['stopping'];
    const fatal = [
      ...stopping,
      ...(seen ? [] : ['the database does not answer']),
      ...(pending ? ['migrations are pending'] : []),
    ];
    // Redis makes deliveries fast and no more; without the store uploads and downloads wait, and everything else goes on.
    const bearable = [
      ...(isRedisThere === false ? ['redis does not answer'] : []),
      ...(isStored ? [] : ['the file store does not answer']),
    ];
    return {
      status: fatal.length > 0 ? 'not ready' : bearable.length > 0 ? 'degraded' : 'ready',
      reasons: [...fatal, ...bearable],
      checks: {
        database: seen ? 'ok' : 'away',
        migrations: seen ? (pending ? 'pending' : 'ok') : 'unknown',
        storage: isStored ? 'ok' : 'away',
        redis: isRedisThere === null ? 'not used' : isRedisThere ? 'ok' : 'away',
      },
    };
  };
}

/** One question for both: whoever answers it has a database, and says what it went through. */
async function findMigrations(orm: MikroORM): Promise<ReadonlySet<string>> {
  const rows = await query<{ name: string }>(orm.em.fork(), 'select name from migrations');
  return new Set(rows.map(({ name }) => name));
}

async function answerOf<Answer>(asked: Promise<Answer>): Promise<Answer | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => (timer = setTimeout(() => resolve(null), deadlineMs)));
  return Promise.race([asked.catch(() => null), late]).finally(() => clearTimeout(timer));
}

const within = async (asked: Promise<boolean>) => (await answerOf(asked)) ?? false;

function remembered(ask: () => Promise<boolean>): () => Promise<boolean> {
  let [answer, until] = [Promise.resolve(false), 0];
  return () => {
    if (performance.now() >= until) [answer, until] = [ask(), performance.now() + storageMs];
    return answer;
  };
}
