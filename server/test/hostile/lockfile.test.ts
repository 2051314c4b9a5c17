import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

/** What this product must not fall behind of: the versions it was built and reviewed with. */
const reviewed = {
  hono: '4.13.19',
  '@hono/node-server': '2.1.8',
  '@hono/zod-openapi': '1.6.3',
  zod: '4.6.7',
  'socket.io': '4.8.4',
  'socket.io-parser': '4.2.7',
  'engine.io': '6.6.12',
  ws: '8.21.3',
  ioredis: '6.0.0',
  '@mikro-orm/core': '7.2.1',
  '@mikro-orm/postgresql': '7.2.1',
  pg: '8.23.0',
  'pg-boss': '12.35.0',
  lucia: '3.2.2',
  '@node-rs/argon2': '2.2.1',
  nodemailer: '10.6.0',
  'rate-limiter-flexible': '11.4.0',
  pino: '10.4.0',
  'prom-client': '15.1.3',
  'swagger-ui-dist': '5.35.0',
  'ipaddr.js': '2.5.0',
  '@sveltejs/kit': '3.2.0',
  svelte: '5.57.3',
  'socket.io-client': '4.8.4',
};

test('T-S12 no dependency is older than the version that was reviewed, and each is pinned to its bytes', () => {
  const lock = JSON.parse(readFileSync(join(import.meta.dirname, '../../../package-lock.json'), 'utf8')) as {
    packages: Record<string, { version?: string; integrity?: string; resolved?: string; link?: boolean }>;
  };
  const installed = Object.entries(lock.packages).map(([path, it]) => ({
    ...it,
    path,
    name: path.split('node_modules/').at(-1) ?? '',
  }));
  const below = Object.entries(reviewed).flatMap(([name, version]) => {
    const found = installed.filter((it) => it.name === name && it.version !== undefined);
    if (found.length === 0) return [`${name} is missing`];
    return found
      .filter((it) => isBelow(it.version ?? '', version))
      .map((it) => `${it.path} ${it.version} < ${version}`);
  });
  expect(below).toEqual([]);
  expect(
    installed.filter((it) => it.path.includes('node_modules/') && !it.link && !it.integrity).map(({ path }) => path),
  ).toEqual([]);
  expect(installed.filter((it) => /^(http:|git|file:)/.test(it.resolved ?? '')).map(({ path }) => path)).toEqual([]);
});

function isBelow(version: string, least: string): boolean {
  const [a, b] = [version, least].map((it) => it.split(/[.-]/, 3).map(Number));
  const at = (a ?? []).findIndex((it, index) => it !== b?.[index]);
  return at >= 0 && (a?.[at] ?? 0) < (b?.[at] ?? 0);
}
