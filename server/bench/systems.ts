import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { migrate } from '../src/kernel/database.ts';
import { gatherCompany, type Place, type Size } from './company.ts';
import type { Order, Seat } from './load/plan.ts';
import { ServerProcess } from './process.ts';
import type { Stage } from './stage.ts';

/** Servers that are running, who sits in their rooms, and how many messages they have really kept. */
export interface System {
  readonly title: string;
  readonly servers: readonly ServerProcess[];
  readonly seats: readonly Seat[];
  readonly order: Order;
  /** Null: nothing is kept. */
  countKept(): Promise<number | null>;
}

export const productTitle = 'SafeSend';
const main = join(import.meta.dirname, '../src/main.ts');
const yardstick = (name: string) => join(import.meta.dirname, `yardsticks/${name}.ts`);

export interface Product extends System {
  readonly databaseUrl: string;
  readonly places: readonly Place[];
}

/** Several processes need Redis between them; the members of each room are dealt out over all of them. */
export async function startProduct(stage: Stage, size: Size, redisUrls: readonly (string | null)[] = [null]) {
  const databaseUrl = await stage.createDatabase('product');
  await migrate(databaseUrl);
  const places = await gatherCompany(databaseUrl, stage.folder, size);
  const servers: ServerProcess[] = [];
  for (const redisUrl of redisUrls) {
    stage.throwIfInterrupted();
    servers.push(stage.keep(await ServerProcess.start(main, productEnv(stage.folder, databaseUrl, redisUrl))));
  }
  const countKept = async () => {
    const kept = `select count(*)::float8 as count from facts where type = 'message.posted'`;
    return (await stage.sql<{ count: number }>(databaseUrl, kept))[0]?.count ?? 0;
  };
  const seats = places.map(({ roomId, cookie, sends }, at) => {
    const { url } = servers[at % servers.length] as ServerProcess;
    return { url, roomId, sends, headers: { cookie, origin: url } };
  });
  return { title: productTitle, servers, seats, order: 'sequence', countKept, databaseUrl, places } satisfies Product;
}

/** Nothing but what one process on one machine needs; everything that costs is on, except counting people out. */
export function productEnv(dataDir: string, databaseUrl: string | null, redisUrl: string | null = null) {
  return {
    ...{ NODE_ENV: 'development', HOST: '127.0.0.1', PORT: '0', LOG_LEVEL: 'warn', SAFESEND_DATA_DIR: dataDir },
    // Two people never write thousands of messages a second.
    RATE_LIMITS: 'off',
    ...(databaseUrl !== null && { DATABASE_URL: databaseUrl }),
    ...(redisUrl !== null && { REDIS_URL: redisUrl }),
  };
}

export const bareTitle = 'bare Socket.IO';

/** Over several processes the messages of a room have no common order. */
export async function startBare(stage: Stage, size: Size, redisUrls: readonly (string | null)[] = [null]) {
  const servers: ServerProcess[] = [];
  for (const redisUrl of redisUrls) {
    const env = redisUrl === null ? {} : { REDIS_URL: redisUrl };
    servers.push(stage.keep(await ServerProcess.start(yardstick('bare'), env)));
  }
  const order = servers.length > 1 ? 'none' : 'sequence';
  const title = servers.length > 1 ? 'bare Socket.IO + Redis adapter' : bareTitle;
  return { title, servers, seats: strangers(size, servers), order, countKept: async () => null } satisfies System;
}

export async function startOneInsert(stage: Stage, size: Size) {
  const databaseUrl = await stage.createDatabase('one_insert');
  const servers = [stage.keep(await ServerProcess.start(yardstick('one-insert'), { DATABASE_URL: databaseUrl }))];
  const countKept = async () => {
    const kept = 'select count(*)::float8 as count from messages';
    return (await stage.sql<{ count: number }>(databaseUrl, kept))[0]?.count ?? 0;
  };
  const seats = strangers(size, servers);
  return { title: 'one insert a message', servers, seats, order: 'sequence', countKept } satisfies System;
}

export async function startReplay(stage: Stage, size: Size) {
  const servers = [stage.keep(await ServerProcess.start(yardstick('replay'), {}))];
  const seats = strangers(size, servers);
  return { title: bareTitle, servers, seats, order: 'sequence', countKept: async () => null } satisfies System;
}

function strangers(size: Size, servers: readonly ServerProcess[]): Seat[] {
  return Array.from({ length: size.rooms }, () => randomUUID()).flatMap((roomId) =>
    Array.from({ length: size.members }, (_, place) => {
      const { url } = servers[place % servers.length] as ServerProcess;
      return { url, roomId, headers: {}, sends: place < size.senders };
    }),
  );
}
