import { expect, test } from 'vitest';
import { policy } from '../../src/policy.ts';
import { password } from './asks/ask.ts';
import { addressFor } from './knock.ts';
import { json } from './raw-http.ts';
import { besiege } from './siege.ts';
import { type Things, type World } from './world.ts';

let world: World;
let own: Things;

const raw = besiege((opened) => ({ world, own } = opened));

const asOwner = () => ({ cookie: world.people.owner.cookie });

const lists = policy.filter(({ door }) =>
  /^GET .*\/(projects|rooms|notifications|invitations|events|sessions|api-tokens|blocks|members)$/.test(door),
);
test.each(lists.map((rule) => [rule.door, rule] as const))(
  'T-B10 T-B34 %s refuses what it does not know, and its own words when they are hostile',
  async (_, rule) => {
    const { method, path } = await addressFor(rule, own, world, world.people.owner);
    const limits = [
      '-1',
      '0',
      '1e9',
      '1000000000',
      '1.0',
      '01',
      '+1',
      '0x1',
      '١',
      '',
      ' 1',
      '1;select 1',
      'asc',
      '9'.repeat(400),
    ];
    const cursors = [
      '',
      "'",
      "1' or '1'='1",
      'e30',
      '{}',
      '-1',
      '1e309',
      '../..',
      'x'.repeat(201),
      '%00',
      '\u0000',
      Buffer.from('[1,2]').toString('base64url'),
    ];
    const knowsPages = /events$|projects$|rooms$|notifications$|invitations$/.test(path);
    const queries = [
      ...limits.map((it) => `limit=${encodeURIComponent(it)}`),
      ...(knowsPages && !path.endsWith('events') ? cursors.map((it) => `cursor=${encodeURIComponent(it)}`) : []),
      ...['sort=id', 'dir=asc;select', 'fields=email', 'q[]=a', 'filter[$ne]=1', 'order=1'],
      'limit=1&limit=2',
      'epoch=a&epoch=b&after=1&after=2',
      ...['-1', '1.5', '', '9007199254740993', '99999999999999999999', '١', "1'"].map(
        (it) => `after=${encodeURIComponent(it)}`,
      ),
    ];
    const plain = await raw(method, path, undefined, asOwner());
    for (const query of queries) {
      const { status, text } = await raw(method, `${path}?${query}`, undefined, asOwner());
      // A list that is always whole takes no wishes: it is the same list.
      if (!knowsPages) expect(text, query).toBe(plain.text);
      else expect([400, 409, 422], `${query} → ${status} ${text.slice(0, 200)}`).toContain(status);
    }
    expect(
      (
        await raw(
          method,
          `${path}?__proto__[polluted]=true&constructor[prototype][polluted]=true`,
          undefined,
          asOwner(),
        )
      ).status,
    ).toBeLessThan(500);
  },
);

test('T-B9 signing in with objects and arrays is refused', async () => {
  for (const body of [
    { email: { $ne: null }, password: { $ne: null } },
    { email: [['a']], password },
    { email: { raw: "' or 1=1" }, password },
    { email: "' or 1=1 --", password },
  ]) {
    const { status } = await raw('POST', '/api/v1/auth/login', JSON.stringify(body), json);
    expect([401, 422]).toContain(status);
  }
});
