import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { createApiToken } from '@safesend/shared/accounts/calls.ts';
import { expect, onTestFinished, test } from 'vitest';
import { childEnv } from '../server/test/child-env.ts';
import { projectOf, signUp, startTestApp, type Person, type TestApp } from '../server/test/harness.ts';
import { pick, write } from './flood/talk.ts';
import { seeded } from './seeded.ts';

async function flood(app: TestApp, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const url = `http://127.0.0.1:${app.port}`;
  const all = [join(import.meta.dirname, 'flood.ts'), '--url', url, '--rate', '40', '--seconds', '2', ...args];
  const child = spawn(process.execPath, all, { env: { ...childEnv, ...env } });
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  return { out, err, code: Number(code) };
}

async function start(): Promise<TestApp> {
  const app = await startTestApp();
  onTestFinished(() => app.close());
  return app;
}

async function tokenOf(person: Person): Promise<string> {
  return (await person.must(createApiToken, { body: { name: 'flood', scopes: ['read', 'write'] } })).token;
}

test('L2 L5 a flood of its own people leaves a gapless log that the screen saw in order', async () => {
  const { out, err, code } = await flood(await start(), ['--people', '4']);
  expect(err).toBe('');
  expect(out).toMatch(/4 people in [^]*messages acknowledged[^]*send → on screen[^]*The log is gapless/);
  expect(code).toBe(0);
});

test('it talks as members of a room whose tokens it is given', async () => {
  const app = await start();
  const [client, freelancer] = await Promise.all([signUp(app, 'client'), signUp(app, 'freelancer')]);
  const { roomId } = await projectOf(client, freelancer);
  const tokens = (await Promise.all([client, freelancer].map(tokenOf))).join('\n');
  const { out, code } = await flood(app, ['--room', roomId], { FLOOD_TOKENS: tokens });
  expect(out).toContain(`/rooms/${roomId}`);
  expect(code).toBe(0);
});

test('a token that opens nothing ends it in one sentence', async () => {
  const { err, code } = await flood(await start(), ['--room', 'any'], { FLOOD_TOKENS: 'sst_wrong' });
  expect(err).toMatch(/^GET \/auth\/me answered 401: [^\n]+\n$/);
  expect(code).toBe(2);
});

test('the same seed makes the same conversation', () => {
  const conversation = (seed: number) => {
    const chance = seeded(seed);
    return Array.from({ length: 50 }, () => `${pick(chance, ['a', 'b'])}: ${write(chance, ['clara', 'tomas'])}`);
  };
  expect(conversation(7)).toEqual(conversation(7));
  expect(conversation(7)).not.toEqual(conversation(8));
});
