import { fromKysely, PgBoss, type JobResult, type JobWithMetadata } from 'pg-boss';
import pg from 'pg';
import type { Logger } from './log.ts';
import type { Mail } from './ports/mail.ts';
import type { Em } from './sql.ts';

/** Every kind of work that happens after a commit, and what it is given. */
export interface JobData {
  'mail.send': Mail;
  'password-reset.send': { readonly email: string };
  'preview.make': { readonly objectId: string };
}
export type JobName = keyof JobData;
export type Enqueue = <Name extends JobName>(em: Em, name: Name, data: JobData[Name]) => Promise<void>;
export type JobHandlers = { readonly [Name in JobName]: (data: JobData[Name], id: string) => Promise<void> };

export const schema = 'pgboss';
/** Where a restore leaves the jobs of its archive; `installJobs` takes them over. */
export const restoredJobs = 'restored_jobs';
const jobNames: readonly JobName[] = ['mail.send', 'password-reset.send', 'preview.make'];

/** What one look into a queue takes along is done one after the other: together they take far less than their lease. */
const lookOptions = { pollingIntervalSeconds: 1, batchSize: 4, perJobResults: true, includeMetadata: true } as const;

/** How long the empty row of a job that was given up tells of it. */
const givenUpSeconds = 30 * 86_400;

/** How long a queue waits between two tries, and how long the empty row of a finished job is kept. */
const queueOptions = {
  retryDelay: 5,
  retryBackoff: true,
  retryDelayMax: 3_600,
  expireInSeconds: 120,
  deleteAfterSeconds: 3_600,
  // What nobody worked off for a fortnight would be swept away without a word: workers may be away for longer.
  retentionSeconds: 365 * 86_400,
} as const;

/**
 * How often a job is tried again. Pauses grow to an hour within the first dozen tries: a mail outlives a provider that is away
 * over a long weekend, by more than four days of trying. A picture that cannot be made now cannot be made then.
 */
const retries: Readonly<Record<JobName, number>> = { 'mail.send': 120, 'password-reset.send': 120, 'preview.make': 12 };
/** Tries beyond the last: a worker that dies in it has not given the job up yet. */
const spareTries = 3;
const optionsOf = (name: JobName) => ({ ...queueOptions, retryLimit: retries[name] + spareTries });

/** Makes the queues, as the owner of the database; part of every migration. */
export async function installJobs(url: string): Promise<void> {
  const boss = new PgBoss({ connectionString: url, schema, max: 2, supervise: false, schedule: false });
  boss.on('error', () => undefined);
  const client = new pg.Client({ connectionString: url, keepAlive: true });
  client.on('error', () => undefined);
  try {
    await boss.start();
    for (const name of jobNames) {
      await boss.createQueue(name, optionsOf(name));
      await boss.updateQueue(name, optionsOf(name));
    }
    await client.connect();
    await client.query(`grant usage on schema ${schema} to safesend_app`);
    await client.query(`grant all on all tables in schema ${schema} to safesend_app`);
    await client.query(`grant all on all sequences in schema ${schema} to safesend_app`);
    await forgetFinished(client);
    await tryLonger(client);
    await adoptRestored(boss, client);
  } finally {
    await client.end();
    await boss.stop({ graceful: false });
  }
}

/** What a restored database still has to do lies in a table until it is in the queue: once, whatever dies in between. */
async function adoptRestored(boss: PgBoss, client: pg.Client): Promise<void> {
  const { rows: found } = await client.query<{ is: string | null }>('select to_regclass($1) as is', [restoredJobs]);
  if (!found[0]?.is) return;
  const db = { executeSql: (text: string, values?: unknown[]) => client.query(text, values) };
  await client.query('begin');
  await client.query(`declare waiting no scroll cursor for select id, name, data, start_after from ${restoredJobs}`);
  for (;;) {
    const { rows } = await client.query<{ id: string; name: JobName; data: object; start_after: Date }>(
      'fetch 500 from waiting',
    );
    for (const name of jobNames) {
      const jobs = rows.filter((job) => job.name === name);
      const inserts = jobs.map(({ id, data, start_after: startAfter }) => ({ id, data, startAfter }));
      if (inserts.length > 0) await boss.insert(name, inserts, { db });
    }
    if (rows.length === 0) break;
  }
  await client.query('close waiting');
  await client.query(`drop table ${restoredJobs}`);
  await client.query('commit');
}

/**
 * Mails carry one-time links: what is done, given up or cancelled forgets in the same statement what it was given. What was
 * given up is kept sealed beside its reason.
 */
async function forgetFinished(client: pg.Client): Promise<void> {
  await client.query(
    `create or replace function ${schema}.forget_payload() returns trigger language plpgsql as
     $$ begin
       new.data := null;
       if new.state = 'failed' then new.deletion_seconds := ${givenUpSeconds}; end if;
       return new;
     end $$`,
  );
  await client.query(
    `create or replace trigger forget_payload before insert or update on ${schema}.job for each row
     when (new.state in ('completed', 'failed', 'cancelled') and new.data is not null)
     execute function ${schema}.forget_payload()`,
  );
  const finished = `state in ('completed', 'failed', 'cancelled') and data is not null`;
  await client.query(`update ${schema}.job set data = null where ${finished}`);
}

/** What waits since an older version is tried as often as what comes now. */
async function tryLonger(client: pg.Client): Promise<void> {
  for (const name of jobNames) {
    const { retryLimit, retentionSeconds } = optionsOf(name);
    await client.query(
      `update ${schema}.job set retry_limit = $2, keep_until = now() + $3 * interval '1 second'
       where name = $1 and state in ('created', 'retry') and retry_limit < $2`,
      [name, retryLimit, retentionSeconds],
    );
  }
}

/** What was kept of a job that was given up opens for that job alone. */
export const givenUpContext = (id: string) => `job ${id}`;

/** Which fault it was, without what the other side said: its words name people and their addresses. */
function reasonOf(error: unknown): string {
  const { code, responseCode } = (error ?? {}) as { code?: unknown; responseCode?: unknown };
  const parts = [code, responseCode].filter((it) => typeof it === 'string' || typeof it === 'number');
  return parts.join(' ') || (error instanceof Error ? error.constructor.name : typeof error);
}

export interface Jobs {
  readonly enqueue: Enqueue;
  /** Jobs that are still to be done, and those that were given up lately, of each kind. */
  count(): Promise<readonly JobCount[]>;
  /** `seal` keeps what a job was given when it is given up, unreadable to whoever has the database alone. */
  work(handlers: JobHandlers, seal: (job: string, data: object) => string): Promise<void>;
  stop(): Promise<void>;
}

export interface JobCount {
  readonly kind: string;
  readonly state: 'waiting' | 'given_up';
  readonly count: number;
}

/** `client` may be any connection to the database of the jobs. */
export async function countJobs(client: Pick<pg.Client, 'query'>): Promise<JobCount[]> {
  const { rows } = await client.query<JobCount>(
    `select name as kind, case state when 'failed' then 'given_up' else 'waiting' end as state, count(*)::int as count
     from ${schema}.job where state in ('created', 'retry', 'active', 'failed') and name = any($1) group by 1, 2`,
    [jobNames],
  );
  return rows;
}

/** Jobs lie in Postgres beside what they belong to: a rollback takes them along, a crash does not. */
export async function openJobs(url: string, log: Logger, worker: boolean): Promise<Jobs> {
  // An answer that never comes ends the connection; what was to be done is done on another one.
  const connection = { connectionString: url, connectionTimeoutMillis: 5_000, query_timeout: 30_000 };
  const boss = new PgBoss({
    ...connection,
    schema,
    max: 4,
    migrate: false,
    schedule: false,
    supervise: worker,
  });
  let isStopping = false;
  // While it stops, and after, the database may go: what is left of a connection then is worth no warning.
  boss.on('error', (error) => isStopping || log.warn({ err: error }, 'job queue error'));
  try {
    await boss.start();
  } catch (error) {
    await boss.stop({ graceful: false });
    throw error;
  }
  return {
    async enqueue(em, name, data) {
      await boss.send(name, data, { db: fromKysely(em.getKysely()) });
    },
    async work(handlers, seal) {
      const attempt = async <Name extends JobName>(
        name: Name,
        { id, data, retryCount }: JobWithMetadata<JobData[Name]>,
      ): Promise<JobResult> => {
        try {
          await handlers[name](data, id);
          // At once, not with those beside it: a crash in between would do it again.
          await boss.complete(name, id);
          return { id, status: 'completed' };
        } catch (error) {
          const reason = reasonOf(error);
          const what = { job: id, kind: name, attempt: retryCount + 1, reason };
          if (retryCount < retries[name]) {
            log.warn(what, 'a job failed and will be tried again');
            return { id, status: 'failed', output: { reason } };
          }
          log.error(what, 'a job was given up');
          return { id, status: 'deadletter', output: { reason, sealed: seal(id, data) } };
        }
      };
      const work = async <Name extends JobName>(name: Name) =>
        boss.work<JobData[Name], void, typeof lookOptions>(name, lookOptions, async (jobs) => {
          const results: JobResult[] = [];
          // Each on its own: one that fails takes none of its neighbours along into another try.
          for (const job of jobs) results.push(await attempt(name, job));
          return results;
        });
      for (const name of jobNames) await work(name);
    },
    count: () =>
      countJobs({ query: async (text: string, values: unknown[]) => boss.getDb().executeSql(text, values) } as never),
    async stop() {
      isStopping = true;
      await boss.stop({ graceful: true, timeout: 5_000 });
    },
  };
}
