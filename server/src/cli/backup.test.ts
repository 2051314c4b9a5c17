import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { newFolder, newPlace, rowsOf, type Place } from '../../test/archives.ts';
import { childEnv } from '../../test/child-env.ts';
import { signUp, startTestApp, type TestApp } from '../../test/harness.ts';
import { startPostgres } from '../kernel/postgres.ts';
import { exitCodes } from './verb.ts';

let app: TestApp;
let archive: string;
beforeAll(async () => {
  app = await startTestApp();
  await signUp(app);
  archive = join(await newFolder(), 'backup.tar.gz');
});
afterAll(() => app.close());

async function cli(args: readonly string[], place: Partial<Place>) {
  const child = spawn(process.execPath, [join(import.meta.dirname, '../cli.ts'), ...args, '--json'], {
    env: {
      ...childEnv,
      ...(place.databaseUrl !== undefined && { DATABASE_URL: place.databaseUrl }),
      SAFESEND_DATA_DIR: place.dataDir,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  return { answer: JSON.parse(out) as Record<string, unknown>, err, code: Number(code) };
}

test('U09 backup and restore answer with what they did, and refuse with one sentence and a code of their own', async () => {
  const made = await cli(['backup', archive], app);
  expect(made).toMatchObject({
    code: exitCodes.done,
    answer: { path: archive, folders: expect.arrayContaining(['keys']) },
  });
  expect(made.answer['notIncluded']).toContain('logs');
  expect((await stat(archive)).mode & 0o077, 'for its owner alone').toBe(0);
  const place = await newPlace();
  const refused = await Promise.all([
    cli(['backup', archive], app),
    cli(['restore', '/nowhere.tar.gz'], place),
    cli(['restore', import.meta.filename], place),
    cli(['restore', archive, '--force'], app),
  ]);
  expect(refused.map(({ code }) => code)).toEqual([
    exitCodes.conflict,
    exitCodes.notFound,
    exitCodes.unhealthy,
    exitCodes.conflict,
  ]);
  expect(await cli(['restore', archive, '--sign-out-everyone'], place)).toMatchObject({ code: exitCodes.done });
  expect(await rowsOf(place, 'select from users')).toHaveLength(1);
  expect(await rowsOf(place, 'select from live_credentials')).toEqual([]);
  expect(await cli(['restore', archive], place)).toMatchObject({
    code: exitCodes.conflict,
    answer: { error: expect.stringMatching(/not empty/) },
  });
}, 120_000);

test('U09 the embedded database is backed up running or not, and restored into a new data folder', async () => {
  const [from, to] = [join(await reachable(), 'data'), join(await reachable(), 'data')];
  const postgres = await startPostgres({ dataDir: from, onProgress: () => undefined });
  onTestFinished(() => postgres.stop());
  expect(await cli(['migrate'], { dataDir: from })).toMatchObject({ code: exitCodes.done });
  const first = await startTestApp({ databaseUrl: postgres.url, dataDir: from });
  const { id } = await signUp(first);
  await first.close();
  const awake = await cli(['backup'], { dataDir: from });
  expect(awake).toMatchObject({ code: exitCodes.done });
  expect(await cli(['restore', String(awake.answer['path']), '--force'], { dataDir: from })).toMatchObject({
    code: exitCodes.conflict,
    answer: { error: expect.stringMatching(/is running on/) },
  });
  await postgres.stop();
  const again = await cli(['backup', join(from, 'backups', 'asleep.tar.gz')], { dataDir: from });
  expect(again.answer).toMatchObject({ folders: expect.arrayContaining(['keys']) });
  expect(await readdir(join(from, 'backups'))).toHaveLength(2);
  expect(await cli(['restore', String(again.answer['path'])], { dataDir: to })).toMatchObject({ code: exitCodes.done });
  const restored = await startPostgres({ dataDir: to, onProgress: () => undefined });
  onTestFinished(() => restored.stop());
  expect(await rowsOf({ databaseUrl: restored.url }, 'select id from users')).toEqual([{ id }]);
}, 120_000);

/** Postgres runs as another user when root runs the tests, and must be able to enter. */
async function reachable(): Promise<string> {
  const folder = await newFolder();
  await chmod(folder, 0o711);
  return folder;
}
