import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import pg from 'pg';
import { migrate } from '../src/kernel/database.ts';
import { gatherCompany } from './company.ts';
import type { Seat } from './load/plan.ts';
import { ServerProcess } from './process.ts';

export type SystemName = 'product' | 'bare' | 'oneInsert';

export const titles: Readonly<Record<SystemName, string>> = {
  product: 'SafeSend',
  bare: 'bare Socket.IO',
  oneInsert: 'one insert a message',
};

/** A server that is running, who sits in its rooms, and how many messages it has really kept. */
export interface System {
  readonly name: SystemName;
  readonly server: ServerProcess;
  readonly seats: readonly Seat[];
  /** Null: nothing is kept. */
  countKept(): Promise<number | null>;
}

export const size = { rooms: 50, members: 10, senders: 2 } as const;

export async function startProduct(admin: string, dataDir: string): Promise<System> {
  const databaseUrl = await createDatabase(admin, 'product');
  await migrate(databaseUrl);
  const people = await gatherCompany(databaseUrl, dataDir, size);
  const env = {
    ...{ NODE_ENV: 'development', HOST: '127.0.0.1', PORT: '0', LOG_LEVEL: 'warn', SAFESEND_DATA_DIR: dataDir },
    // Two people never write thousands of messages a second: the limits are counted out, everything else is on.
    RATE_LIMITS: 'off',
    DATABASE_URL: databaseUrl,
  };
  const server = await ServerProcess.start(join(import.meta.dirname, '../src/main.ts'), env);
  const seats = people.map((seat) => ({ ...seat, headers: { ...seat.headers, origin: server.url } }));
  return { name: 'product', server, seats, countKept: () => count(databaseUrl, `facts where type = 'message.posted'`) };
}

export async function startBare(): Promise<System> {
  const server = await ServerProcess.start(join(import.meta.dirname, 'yardsticks/bare.ts'), {});
  return { name: 'bare', server, seats: strangers(), countKept: async () => null };
}

export async function startOneInsert(admin: string): Promise<System> {
  const databaseUrl = await createDatabase(admin, 'one_insert');
  const program = join(import.meta.dirname, 'yardsticks/one-insert.ts');
  const server = await ServerProcess.start(program, { DATABASE_URL: databaseUrl });
  return { name: 'oneInsert', server, seats: strangers(), countKept: () => count(databaseUrl, 'messages') };
}

function strangers(): Seat[] {
  return Array.from({ length: size.rooms }, () => randomUUID()).flatMap((roomId) =>
    Array.from({ length: size.members }, (_, place) => ({ roomId, headers: {}, sends: place < size.senders })),
  );
}

async function createDatabase(admin: string, name: string): Promise<string> {
  const client = new pg.Client({ connectionString: admin });
  await client.connect();
  await client.query(`create database ${name}`);
  await client.end();
  return Object.assign(new URL(admin), { pathname: `/${name}` }).href;
}

async function count(databaseUrl: string, what: string): Promise<number> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const { rows } = await client.query<{ count: number }>(`select count(*)::float8 as count from ${what}`);
  await client.end();
  return rows[0]?.count ?? 0;
}
