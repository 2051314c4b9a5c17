import { Migrator } from '@mikro-orm/migrations';
import { MikroORM, type EntityClass, type Options } from '@mikro-orm/postgresql';
import { PostgresDialect } from 'kysely';
import pg from 'pg';
import { migrations } from '../../../migrations/index.ts';
import { BindingDriver } from './driver.ts';
import { isWithout } from './faults.ts';
import { installJobs } from './jobs.ts';
import { LentClient } from './lent-client.ts';
import { PlanKeepingClient } from './plans.ts';
import { StartupError, unanswered } from './startup.ts';

/** One lock for every process that migrates this database: exactly one does it, the others wait and find it done. */
const migrationLock = 7_250_423_118;

/** A migration may take as long as it likes: only the line itself can tell that nobody is at its other end. */
const lively = { connectionTimeoutMillis: 10_000, keepAlive: true, keepAliveInitialDelayMillis: 10_000 };

const migrationOptions = {
  tableName: 'migrations',
  migrationsList: migrations,
  snapshot: false,
  silent: true,
  transactional: true,
  allOrNothing: true,
};

/** A pool that works as the role without the right to change history. */
export async function openDatabase(url: string, entities: EntityClass<unknown>[], poolSize = 20): Promise<MikroORM> {
  return MikroORM.init({
    clientUrl: url,
    driver: BindingDriver as never,
    entities,
    discovery: { warnWhenNoEntities: false },
    pool: { min: 0, max: poolSize },
    driverOptions: {
      Client: PlanKeepingClient,
      options: `${isWithout('ack-after-disk') ? '-c synchronous_commit=off ' : ''}-c role=safesend_app -c lock_timeout=4000 -c statement_timeout=15000 -c idle_in_transaction_session_timeout=20000`,
      connectionTimeoutMillis: 5_000,
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
    },
    debug: false,
  });
}

export async function migrate(url: string): Promise<void> {
  await withMigrationLock(url, async (client) => {
    await withMigrator(url, async (migrator) => {
      await refuseNewer(migrator);
      await migrator.up();
    });
    // Whoever asks whether a process is ready asks this, too; the table is the migrator's and not a migration's.
    await client.query('grant select on migrations to safesend_app');
    await installJobs(url);
  });
}

/** Names of the migrations this database has not seen. */
export async function pendingMigrations(url: string): Promise<string[]> {
  return withMigrator(url, async (migrator) => (await migrator.getPending()).map(({ name }) => name));
}

/** Runs migrations up to and including `last` (all when absent) on this one connection, inside its transaction. */
export async function migrateWithin(client: pg.Client, url: string, last?: string): Promise<void> {
  // The connection is not the pool's to give back or to close: it belongs to the caller's transaction.
  const lent = { query: client.query.bind(client), release: () => undefined };
  const pool = { connect: async () => lent, end: async () => undefined };
  await withMigrator(url, async (migrator) => void (await migrator.up(last === undefined ? {} : { to: last })), {
    driverOptions: new PostgresDialect({ pool: pool as never }),
    migrations: { ...migrationOptions, transactional: false, allOrNothing: false },
  });
}

async function refuseNewer(migrator: Migrator): Promise<void> {
  const known = new Set(migrations.map(({ name }) => name));
  const unknown = (await migrator.getExecuted()).find(({ name }) => !known.has(name));
  if (unknown) {
    throw new StartupError(
      `The database was made by a newer SafeSend (it has migration ${unknown.name}). Start that version.`,
    );
  }
}

async function withMigrator<Result>(
  url: string,
  work: (migrator: Migrator) => Promise<Result>,
  instead: Pick<Options, 'driverOptions' | 'migrations'> = {},
): Promise<Result> {
  const orm = await MikroORM.init({
    clientUrl: url,
    entities: [],
    discovery: { warnWhenNoEntities: false },
    extensions: [Migrator],
    migrations: migrationOptions,
    driverOptions: { Client: LentClient, ...lively },
    debug: false,
    ...instead,
  });
  try {
    return await work(orm.migrator as Migrator);
  } finally {
    await orm.close();
  }
}

/** Runs alone among everything that migrates or restores this database; the client is the one that holds the lock. */
export async function withMigrationLock(url: string, work: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = new pg.Client({ connectionString: url, ...lively });
  client.on('error', () => undefined);
  try {
    await client.connect();
  } catch (error) {
    throw unanswered(error);
  }
  try {
    await client.query('select pg_advisory_lock($1)', [migrationLock]);
    await work(client);
  } finally {
    await client.end();
  }
}
