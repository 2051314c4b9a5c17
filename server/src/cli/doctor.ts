import { access, constants, mkdir, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { createTransport } from 'nodemailer';
import { Client } from 'pg';
import { openDatabase, pendingMigrations } from '../kernel/database.ts';
import { countJobs } from '../kernel/jobs.ts';
import { openScanner } from '../kernel/ports/scanner.ts';
import { openStorage } from '../kernel/ports/storage.ts';
import { findCondition } from '../modules/files/service/condition.ts';
import { exitCodes, type Desk, type Verb } from './verb.ts';

interface Finding {
  readonly check: string;
  readonly ok: boolean;
  readonly detail: string;
}

type Check = (desk: Desk) => Promise<Omit<Finding, 'check'>>;

const checks: Record<string, Check> = {
  node: async () => ({ ok: true, detail: process.versions.node }),
  'data folder': checkDataFolder,
  'web build': checkWebBuild,
  database: checkDatabase,
  migrations: checkMigrations,
  jobs: checkJobs,
  redis: checkRedis,
  mail: checkMail,
  scanner: checkScanner,
  'file store': checkStore,
  files: checkFiles,
};

export const doctorVerb: Verb = {
  usage: 'doctor',
  summary: 'check everything this installation needs and say what is wrong',
  run: async (desk) => {
    const findings: Finding[] = [];
    for (const [check, look] of Object.entries(checks)) findings.push({ check, ...(await look(desk).catch(failed)) });
    const isHealthy = findings.every(({ ok }) => ok);
    const lines = findings.map(({ check, ok, detail }) => `${ok ? 'ok  ' : 'FAIL'}  ${check.padEnd(12)} ${detail}`);
    return {
      text: lines.join('\n'),
      value: { ok: isHealthy, findings },
      exitCode: isHealthy ? exitCodes.done : exitCodes.unhealthy,
    };
  },
};

function failed(error: unknown): Omit<Finding, 'check'> {
  return { ok: false, detail: error instanceof Error ? error.message : String(error) };
}

async function checkDataFolder({ env: { dataDir } }: Desk): Promise<Omit<Finding, 'check'>> {
  await mkdir(dataDir, { recursive: true });
  await access(dataDir, constants.R_OK | constants.W_OK);
  const { bavail, bsize } = await statfs(dataDir);
  const freeMb = Math.floor((bavail * bsize) / 1024 ** 2);
  return {
    ok: freeMb >= 512,
    detail: `${dataDir}, ${freeMb} MB free${freeMb < 512 ? ' (at least 512 MB are needed)' : ''}`,
  };
}

async function checkWebBuild(): Promise<Omit<Finding, 'check'>> {
  const handler = join(import.meta.dirname, '../../../web/build/handler.js');
  const isThere = await access(handler).then(
    () => true,
    () => false,
  );
  return { ok: isThere, detail: isThere ? 'built' : 'missing: run npm run build' };
}

async function checkDatabase(desk: Desk): Promise<Omit<Finding, 'check'>> {
  const client = new Client({ connectionString: await desk.databaseUrl(), connectionTimeoutMillis: 5000 });
  await client.connect();
  try {
    const { rows } = await client.query<{ version: number; fsync: string; commit: string; skew: number }>(
      `select current_setting('server_version_num')::int as version, current_setting('fsync') as fsync,
              current_setting('synchronous_commit') as commit, extract(epoch from clock_timestamp())::float8 as skew`,
    );
    const [row] = rows;
    if (!row) return { ok: false, detail: 'gave no answer' };
    const complaints = [
      ...(row.version < 180_000 ? ['PostgreSQL 18 or newer is needed'] : []),
      ...(row.fsync === 'on' ? [] : ['fsync is off: acknowledged messages could be lost']),
      ...(row.commit === 'off' ? ['synchronous_commit is off: acknowledged messages could be lost'] : []),
      ...(Math.abs(Date.now() / 1000 - row.skew) > 5 ? ['its clock and ours differ by more than 5 seconds'] : []),
    ];
    const kind = desk.env.DATABASE_URL ? 'DATABASE_URL' : 'embedded';
    return {
      ok: complaints.length === 0,
      detail: [`PostgreSQL ${Math.floor(row.version / 10_000)} (${kind})`, ...complaints].join('; '),
    };
  } finally {
    await client.end();
  }
}

async function checkMigrations(desk: Desk): Promise<Omit<Finding, 'check'>> {
  const pending = await pendingMigrations(await desk.databaseUrl());
  return pending.length === 0
    ? { ok: true, detail: 'up to date' }
    : { ok: false, detail: `${pending.length} pending: the next start, or the verb migrate, applies them` };
}

async function checkJobs(desk: Desk): Promise<Omit<Finding, 'check'>> {
  const client = new Client({ connectionString: await desk.databaseUrl(), connectionTimeoutMillis: 5000 });
  await client.connect();
  try {
    const counts = await countJobs(client);
    const givenUp = counts.filter(({ state }) => state === 'given_up');
    const waiting = counts.filter(({ state }) => state === 'waiting').reduce((sum, { count }) => sum + count, 0);
    const complaints = givenUp.map(({ kind, count }) => `${count} × ${kind} given up in the last 30 days`);
    return { ok: givenUp.length === 0, detail: [`${waiting} waiting`, ...complaints].join('; ') };
  } finally {
    await client.end();
  }
}

async function checkRedis({ env: { REDIS_URL } }: Desk): Promise<Omit<Finding, 'check'>> {
  if (!REDIS_URL) return { ok: true, detail: 'not used: one process delivers by itself' };
  const answers = await Promise.all(REDIS_URL.split(',').map(askRedis));
  return answers.find(({ ok }) => !ok) ?? { ok: true, detail: 'answers' };
}

async function askRedis(url: string): Promise<Omit<Finding, 'check'>> {
  const redis = new Redis(url, { lazyConnect: true, retryStrategy: () => null, maxRetriesPerRequest: 0 });
  // The promise only says that the connection closed; the event says why.
  let reason: Error | undefined;
  redis.on('error', (error: Error) => (reason ??= error));
  try {
    await redis.connect();
    await redis.ping();
    return { ok: true, detail: 'answers' };
  } catch (error) {
    return failed(reason ?? error);
  } finally {
    redis.disconnect();
  }
}

async function checkMail({ env: { SMTP_URL, dataDir } }: Desk): Promise<Omit<Finding, 'check'>> {
  if (!SMTP_URL) return { ok: true, detail: `no SMTP_URL: mails are kept in ${join(dataDir, 'outbox')}` };
  const transport = createTransport(SMTP_URL);
  try {
    await transport.verify();
    return { ok: true, detail: 'the mail server answers' };
  } finally {
    transport.close();
  }
}

async function checkScanner({ env: { SCANNER_URL } }: Desk): Promise<Omit<Finding, 'check'>> {
  const scanner = openScanner(SCANNER_URL);
  if (!scanner) return { ok: true, detail: 'no SCANNER_URL: files are not scanned, and none is called clean' };
  const isThere = await scanner.isThere();
  return { ok: isThere, detail: isThere ? 'answers' : 'does not answer: uploads wait for it' };
}

async function checkStore({ env }: Desk): Promise<Omit<Finding, 'check'>> {
  const ok = await openStorage(env).isThere();
  const where = env.STORAGE_DRIVER === 's3' ? `the bucket ${env.S3_BUCKET}` : join(env.dataDir, 'files');
  return { ok, detail: ok ? `${where} answers` : `${where} does not answer or refuses: uploads and downloads wait` };
}

async function checkFiles(desk: Desk): Promise<Omit<Finding, 'check'>> {
  const orm = await openDatabase(await desk.databaseUrl(), []);
  try {
    const { objects, overdue, damaged } = await findCondition(orm.em.fork());
    const complaints = [
      ...(damaged > 0 ? [`${damaged} are not what was dropped: they come back from a backup`] : []),
      ...(overdue > 0 ? [`${overdue} were not compared with their hash for over a week: does a worker run?`] : []),
    ];
    return { ok: complaints.length === 0, detail: [`${objects} stored`, ...complaints].join('; ') };
  } finally {
    await orm.close();
  }
}
