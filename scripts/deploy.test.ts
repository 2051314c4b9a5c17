import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { expect, test } from 'vitest';
import { envSchema, readEnv } from '../server/src/kernel/env.ts';

interface Service {
  image: string;
  restart: string;
  healthcheck: { test: string[] };
  environment?: Record<string, string>;
  profiles?: string[];
  volumes?: string[];
  read_only?: boolean;
}

const root = join(import.meta.dirname, '..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');
const { services, volumes }: { services: Record<string, Service>; volumes: Record<string, unknown> } = parse(
  read('docker-compose.yml'),
);
const app = services['app'];
const dockerfile = read('Dockerfile')
  .replaceAll(/\\\n\s*/g, '')
  .split('\n')
  .filter((line) => /^[A-Z]+ /.test(line));
const instructions = (name: string) =>
  dockerfile.filter((line) => line.startsWith(`${name} `)).map((line) => line.slice(name.length + 1));

/** What compose puts in the place of `${NAME}`, `${NAME:-default}` and `${NAME:?complaint}`. */
function interpolated(environment: Record<string, string>, given: Record<string, string>): Record<string, string> {
  const fill = (value: string) =>
    value.replaceAll(/\$\{(\w+)(?::([-?])([^}]*))?\}/g, (_all, name: string, kind: string, rest: string) => {
      if (given[name]) return given[name];
      if (kind === '?') throw new Error(`${name}: ${rest}`);
      return rest ?? '';
    });
  return Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, fill(value)]));
}

test('V02 compose hands the app exactly the variables of the schema', () => {
  expect(Object.keys(app?.environment ?? {}).toSorted()).toEqual(Object.keys(envSchema.shape).toSorted());
});

test('V02 compose starts with nothing but an address and a password', () => {
  const given = { PUBLIC_URL: 'https://safesend.example.com', POSTGRES_PASSWORD: 'secret' };
  const env = readEnv(interpolated(app?.environment ?? {}, given));
  expect(env).toMatchObject({ isProduction: true, host: '0.0.0.0', rateLimits: true, testClock: false });
  expect(env.DATABASE_URL).toBe('postgres://safesend:secret@postgres:5432/safesend');
  expect(() => interpolated(app?.environment ?? {}, {})).toThrow(/PUBLIC_URL/);
});

test.each(Object.entries(services))('V02 %s is pinned, checked and restarted', (_name, service) => {
  expect(service.image).toMatch(/:v?\d+\.\d+(\.\d+)?(-\w+)?$/);
  expect(service.healthcheck.test.length).toBeGreaterThan(1);
  expect(service.restart).toBe('unless-stopped');
});

test('V02 what must survive lies in named volumes', () => {
  expect(services['postgres']?.volumes).toEqual(['database:/var/lib/postgresql']);
  expect(app?.volumes).toEqual(['data:/data']);
  expect(app?.read_only).toBe(true);
  expect(Object.keys(volumes).toSorted()).toEqual(['data', 'database']);
});

test('V02 Redis and the mail catcher are asked for, never needed', () => {
  expect(services['valkey']?.profiles).toEqual(['scale']);
  expect(services['mailpit']?.profiles).toEqual(['mail']);
});

test('V02 the image is pinned, runs as nobody special and starts a file that exists', () => {
  for (const image of instructions('FROM')) expect(image).toMatch(/^node:24\.\d+\.\d+-\w+-slim( AS \w+)?$/);
  expect(instructions('USER')).toEqual(['node']);
  expect(dockerfile.indexOf('USER node')).toBeGreaterThan(dockerfile.findLastIndex((line) => line.startsWith('FROM')));
  expect(instructions('HEALTHCHECK')).toHaveLength(1);
  const [, program = ''] = JSON.parse(instructions('CMD').at(-1) ?? '[]');
  expect(existsSync(join(root, program))).toBe(true);
});

test('V02 the image sets only variables of the schema', () => {
  const names = instructions('ENV').flatMap((line) => line.split(' ').map((pair) => pair.split('=')[0]));
  for (const name of names) expect(Object.keys(envSchema.shape)).toContain(name);
});

test('V02 everything the image copies is in the repository, and every workspace is there for npm ci', () => {
  const sources = instructions('COPY')
    .filter((line) => !line.startsWith('--from'))
    .flatMap((line) => line.split(' ').slice(0, -1));
  for (const source of sources) expect(existsSync(join(root, source)), source).toBe(true);
  const { workspaces }: { workspaces: string[] } = JSON.parse(read('package.json'));
  for (const workspace of workspaces) expect(sources).toContain(`${workspace}/package.json`);
});

test('V02 the Node of the image, of .nvmrc and of the toolchain are one', () => {
  const version = read('.nvmrc').trim();
  expect(instructions('FROM')[0]).toContain(`node:${version}-`);
  expect(read('scripts/toolchain.mjs')).toContain(`'${version}'`);
});
