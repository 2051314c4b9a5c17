import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';

const runner = join(import.meta.dirname, 'node.mjs');
let folder: string;
let program: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'safesend-process-'));
  program = join(folder, 'program.mjs');
  // Says its number once it listens for signals, then every signal, and takes a moment to end, as a server does.
  writeFileSync(
    program,
    `for (const signal of ['SIGINT', 'SIGTERM']) {
       process.on(signal, () => {
         process.stdout.write('got ' + signal + '\\n');
         setTimeout(() => process.exit(0), 100);
       });
     }
     setInterval(() => undefined, 1000);
     process.stdout.write('pid ' + process.pid + '\\n');`,
  );
});
afterAll(() => rmSync(folder, { recursive: true }));

async function start(command: string, args: readonly string[], env: NodeJS.ProcessEnv) {
  const child: ChildProcess = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'ignore'],
    detached: true,
    env: { ...process.env, ...env },
  });
  const said: string[] = [];
  if (!child.stdout) throw new Error('no output');
  const lines = createInterface(child.stdout).on('line', (line) => said.push(line));
  await vi.waitFor(() => expect(said[0]).toMatch(/^pid \d+$/), 10_000);
  return { child, said, closed: once(lines, 'close'), programPid: Number(said[0]?.slice(4)) };
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

test.each(['SIGINT', 'SIGTERM'] as const)('%s is handed on, once, and the exit code comes back', async (signal) => {
  const { child, said, closed, programPid } = await start(process.execPath, [runner, program], {});
  child.kill(signal);
  child.kill(signal);
  const [code] = await once(child, 'exit');
  await closed;
  expect(code).toBe(0);
  expect(said.slice(1)).toEqual([`got ${signal}`]);
  expect(isRunning(programPid)).toBe(false);
});

test('npm killed outright: what it started stops by itself', async () => {
  const script = `"${process.execPath}" "${runner}" "${program}"; exit 0`;
  const { child, said, closed, programPid } = await start('/bin/sh', ['-c', script], { npm_lifecycle_event: 'start' });
  child.kill('SIGKILL');
  await closed;
  expect(said.slice(1)).toEqual(['got SIGTERM']);
  expect(isRunning(programPid)).toBe(false);
});

test('a program that is ended from outside is told of in words', async () => {
  const child = spawn(process.execPath, [runner, program], { stdio: ['ignore', 'pipe', 'pipe'] });
  const [chunk] = (await once(child.stdout, 'data')) as [Buffer];
  process.kill(Number(/pid (\d+)/.exec(String(chunk))?.[1]), 'SIGKILL');
  let said = '';
  child.stderr.on('data', (part: Buffer) => (said += String(part)));
  const [code] = await once(child, 'close');
  expect(said).toContain('ended from outside, by SIGKILL');
  expect(code).toBe(137);
});
