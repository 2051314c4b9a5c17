import { newId } from '@safesend/shared/ids.ts';
import { toServer } from '@safesend/shared/socket.ts';
import { describe, expect, test } from 'vitest';
import { policy, type Rule } from '../../src/policy.ts';
import { type TestApp } from '../harness.ts';
import type { Ask } from './asks/ask.ts';
import { addressFor } from './knock.ts';
import { json } from './raw-http.ts';
import { besiege } from './siege.ts';
import { type Things, type World } from './world.ts';

let app: TestApp;
let world: World;
let own: Things;

const raw = besiege((opened) => ({ app, world, own } = opened));
const addressOf = (rule: Rule) => addressFor(rule, own, world, world.people.owner);

type Fields = Record<string, unknown>;
const fieldsOf = ({ body }: Ask): Fields => (body ?? {}) as Fields;

const asOwner = () => ({ cookie: world.people.owner.cookie });
// An upload’s body is bytes, and what Stripe has not signed is refused, whatever they are.
const writing = policy.filter(
  ({ door }) =>
    !Object.hasOwn(toServer, door) &&
    door.includes('/api/v1') &&
    !/^GET |\/(uploads|webhooks)|^PUT .*avatar/.test(door),
);
// Signing out would end the test's own session; the clock is for tests alone.
const takingBodies = writing.filter(({ door }) => !/auth\/logout|DELETE .*auth\/sessions$/.test(door));

/** What the product keeps, in a line. */
async function stateOfDatabase(): Promise<unknown> {
  const tables = [
    'facts',
    'users',
    'profiles',
    'projects',
    'milestones',
    'invitations',
    'messages',
    'memberships',
    'reactions',
    'read_marks',
    'blocks',
    'api_tokens',
    'sessions',
    'commands',
  ];
  const counts = tables.map(
    (name) =>
      `(select count(*) || ':' || coalesce(md5(string_agg(t::text, '' order by t::text)), '') from (select * from ${name}) t) as ${name}`,
  );
  // When somebody was last seen is no change of anything.
  await app.sql(`update sessions set last_used_at = product_now()`);
  await app.sql(`update api_tokens set last_used_at = product_now()`);
  const [row] = await app.sql<Record<string, string>>(
    `select ${counts.join(', ')}`
      .replaceAll('select * from sessions', 'select id from sessions')
      .replaceAll('select * from api_tokens', 'select id from api_tokens'),
  );
  return row;
}

const wrongBodies = [
  'null',
  '7',
  '-0',
  '1e309',
  '"text"',
  'true',
  '[]',
  '[[]]',
  '[{}]',
  '{',
  'undefined',
  "{'a':1}",
  'NaN',
];

describe.each(takingBodies.map((rule) => [rule.door, rule] as const))('%s', (_, rule) => {
  test('T-B2 T-B9 T06 refuses every body that is not its own, and changes nothing', async () => {
    const { method, path, ask } = await addressOf(rule);
    const before = await stateOfDatabase();
    const nested = Object.keys(fieldsOf(ask)).flatMap((key) =>
      [7, [], [['a']], {}, { $ne: null }, { raw: '1=1' }, true]
        .filter((value) => JSON.stringify(value) !== JSON.stringify(fieldsOf(ask)[key]))
        .map((value) => JSON.stringify({ ...fieldsOf(ask), [key]: value })),
    );
    const isNumber = (body: string) => /"(seq|amountMinor|advanceSeconds)":7/.test(body);
    for (const body of [...wrongBodies, ...nested.filter((it) => !isNumber(it) && !/"all":true/.test(it))]) {
      const { status, text } = await raw(method, path, body, { ...asOwner(), ...json });
      expect([400, 422], `${body} → ${text}`).toContain(status);
    }
    expect(await stateOfDatabase()).toEqual(before);
  });

  test('T-B3 T-B5 refuses towers and keys that reach into prototypes', async () => {
    const { method, path } = await addressOf(rule);
    for (const body of [
      `${'['.repeat(33)}${']'.repeat(33)}`,
      `{"body":${'['.repeat(1_000)}${']'.repeat(1_000)}}`,
      `${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`,
      '['.repeat(100_000) + ']'.repeat(100_000),
      '{"__proto__":{"polluted":true}}',
      '{"constructor":{"prototype":{"polluted":true}}}',
      '{"a":[{"prototype":{"polluted":true}}]}',
    ]) {
      const { status, text } = await raw(method, path, body, { ...asOwner(), ...json });
      expect(JSON.parse(text), `${body.slice(0, 60)} → ${status}`).toMatchObject({ status: 400, code: 'malformed' });
    }
  });

  test('T-A14 refuses what is not for the caller to say, and changes nothing', async () => {
    const { method, path, ask } = await addressOf(rule);
    const before = await stateOfDatabase();
    const extras = {
      projectId: own.projectId,
      ownerId: own.userId,
      userId: own.userId,
      amount: 1,
      state: 'completed',
      status: 'active',
      createdAt: '2020-01-01T00:00:00.000Z',
      verified: true,
      emailVerifiedAt: '2020-01-01T00:00:00.000Z',
      grants: ['admin'],
      roomId: newId(),
      isAdmin: true,
    };
    for (const [key, value] of Object.entries({
      ...extras,
      ...(ask.body !== undefined && !('seq' in fieldsOf(ask)) && { seq: 1 }),
      ...(ask.body !== undefined && !('role' in fieldsOf(ask)) && { role: 'admin' }),
    })) {
      const { status, text } = await raw(method, path, JSON.stringify({ ...fieldsOf(ask), [key]: value }), {
        ...asOwner(),
        ...json,
      });
      expect(status, `${key} → ${text}`).toBe(422);
    }
    expect(await stateOfDatabase()).toEqual(before);
  });

  test('T-B33 knows an id by one name only', async () => {
    const { method, path, ask } = await addressOf(rule);
    for (const [name, value] of Object.entries(ask.params ?? {})) {
      if (name === 'emoji') continue;
      for (const other of [
        `{${value}}`,
        `urn:uuid:${value}`,
        value.replaceAll('-', ''),
        `${value} `,
        `${value}\u0000`,
        '1e21',
        '0x1',
        '01',
        '+1',
        '١',
        '__proto__',
        'constructor',
        'x'.repeat(2_000),
      ].filter((it) => it !== value)) {
        const { status } = await raw(
          method,
          path.replace(value, encodeURIComponent(other)),
          ask.body === undefined ? undefined : JSON.stringify(ask.body),
          { ...asOwner(), ...json },
        );
        expect([400, 422], other.slice(0, 60)).toContain(status);
      }
    }
  });
});
