import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';

let folder: string;
let path: string;
const content = 'Notes of a Monday';
const sha256 = createHash('sha256').update(content).digest('hex');
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hashing-'));
  path = join(folder, 'notes.txt');
  await writeFile(path, content);
});
afterAll(() => rm(folder, { recursive: true }));

const module = (text: string) => `data:text/javascript,${encodeURIComponent(text)}`;

/** Hashes in a process of its own, whose threads all begin with `before`; answers what it printed. */
async function hashed(script: string, { before = '', nice = 0 } = {}): Promise<unknown> {
  const text = `import { hashFile } from ${JSON.stringify(join(import.meta.dirname, 'hashing.ts'))};
    const path = ${JSON.stringify(path)};
    const say = (it) => process.stdout.write(JSON.stringify(it));
    ${script}`;
  const [file, ...words] = ['nice', '-n', String(nice), process.execPath, '--input-type=module', '-e', text];
  const env = { PATH: process.env['PATH'], NODE_OPTIONS: `--import=${module(before)}` };
  const { stdout } = await promisify(execFile)(file, words, { env, timeout: 30_000 });
  return JSON.parse(stdout);
}

test('F07 where nobody may set a priority, files are hashed all the same', async () => {
  const refused = `import os from 'node:os'; import { syncBuiltinESMExports } from 'node:module';
    os.setPriority = () => { throw Object.assign(new Error('not permitted'), { code: 'EACCES' }); };
    syncBuiltinESMExports();`;
  expect(await hashed('say(await hashFile(path));', { before: refused })).toBe(sha256);
});

test.runIf(process.platform === 'linux')('F07 a process that began politer than a hash stays so', async () => {
  const script = `import { readdirSync } from 'node:fs'; import { getPriority } from 'node:os';
    const hash = await hashFile(path);
    say([hash, ...readdirSync('/proc/self/task').map((thread) => getPriority(Number(thread)))]);`;
  const [hash, ...priorities] = (await hashed(script, { nice: 10 })) as [string, ...number[]];
  expect(hash).toBe(sha256);
  expect(Math.min(...priorities)).toBeGreaterThanOrEqual(10);
});

test('F07 T-F6 whoever waits for a thread that ends is told so, and the next order has another thread', async () => {
  const ends = `import { isMainThread, parentPort, threadId } from 'node:worker_threads';
    if (!isMainThread && threadId === 1) parentPort.once('message', () => process.exit(0));`;
  const script = `const first = await Promise.allSettled([hashFile(path), hashFile(path)]);
    say([...first.map(({ status }) => status), await hashFile(path)]);`;
  expect(await hashed(script, { before: ends })).toEqual(['rejected', 'rejected', sha256]);
});
