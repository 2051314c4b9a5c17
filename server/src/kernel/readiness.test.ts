import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, inject, onTestFinished, test } from 'vitest';
import { TcpProxy } from '../../test/faults/tcp-proxy.ts';
import { createDatabase, startTestApp, type TestApp } from '../../test/harness.ts';
import { startS3 } from '../../test/s3.ts';

interface Said {
  readonly status: string;
  readonly reasons: readonly string[];
  readonly checks: Readonly<Record<string, string>>;
}

async function ask({ port }: TestApp): Promise<[number, Said]> {
  const answer = await fetch(`http://127.0.0.1:${port}/readyz`);
  return [answer.status, (await answer.json()) as Said];
}

const well = { database: 'ok', migrations: 'ok', storage: 'ok', redis: 'not used' };

test('U10 a process that has all it needs is ready, and says what it looked at', async () => {
  const app = await startTestApp();
  expect(await ask(app)).toEqual([200, { status: 'ready', reasons: [], checks: well }]);
  await app.close();
});

test('U10 without its Redis, silent or gone, a process is degraded and takes people all the same', async () => {
  const wire = await TcpProxy.open(() => [Number(new URL(inject('redisUrl')).port)]);
  const app = await startTestApp({ environment: { REDIS_URL: `redis://127.0.0.1:${wire.port}` } });
  const checks = { ...well, redis: 'ok' };
  await expect.poll(() => ask(app)).toEqual([200, { status: 'ready', reasons: [], checks }]);
  const away = { status: 'degraded', reasons: ['redis does not answer'], checks: { ...checks, redis: 'away' } };
  wire.set('black hole');
  await expect.poll(() => ask(app), { message: 'it hears and says nothing' }).toEqual([200, away]);
  wire.set('cut');
  await expect.poll(() => ask(app)).toEqual([200, away]);
  wire.set('pass');
  await expect.poll(() => ask(app)).toEqual([200, { status: 'ready', reasons: [], checks }]);
  await app.close();
  await wire.close();
});

test('U10 without its file store a process is degraded: a bucket that is away or was never made, a folder that is none', async () => {
  const s3 = await startS3();
  onTestFinished(() => s3.close());
  const away = {
    status: 'degraded',
    reasons: ['the file store does not answer'],
    checks: { ...well, storage: 'away' },
  };
  const app = await startTestApp({ environment: s3.environment });
  expect(await ask(app)).toEqual([200, { status: 'ready', reasons: [], checks: well }]);
  s3.away(true);
  await expect.poll(() => ask(app)).toEqual([200, away]);
  s3.away(false);
  await expect.poll(() => ask(app)).toEqual([200, { status: 'ready', reasons: [], checks: well }]);
  await app.close();

  const elsewhere = await startTestApp({ environment: { ...s3.environment, S3_BUCKET: 'nowhere' } });
  expect(await ask(elsewhere)).toEqual([200, away]);
  await elsewhere.close();

  const dataDir = await mkdtemp(join(tmpdir(), 'safesend-ready-'));
  await writeFile(join(dataDir, 'files'), 'not a folder');
  const folderless = await startTestApp({ dataDir });
  expect(await ask(folderless)).toEqual([200, away]);
  await folderless.close();
  await rm(dataDir, { recursive: true });
});

test('U10 without its database, or with one that has not seen every migration, a process takes nobody', async () => {
  const url = new URL(await createDatabase());
  const wire = await TcpProxy.open(() => [Number(url.port)]);
  const app = await startTestApp({ databaseUrl: Object.assign(new URL(url), { port: String(wire.port) }).href });
  expect((await ask(app))[0]).toBe(200);
  await app.sql(`delete from migrations where name = (select max(name) from migrations)`);
  expect(await ask(app)).toEqual([
    503,
    { status: 'not ready', reasons: ['migrations are pending'], checks: { ...well, migrations: 'pending' } },
  ]);
  wire.set('black hole');
  expect(await ask(app)).toEqual([
    503,
    {
      status: 'not ready',
      reasons: ['the database does not answer'],
      checks: { ...well, database: 'away', migrations: 'unknown' },
    },
  ]);
  wire.set('pass');
  wire.cutAll();
  await expect.poll(async () => (await ask(app))[1].checks['database']).toBe('ok');
  await app.close();
  await wire.close();
}, 60_000);
