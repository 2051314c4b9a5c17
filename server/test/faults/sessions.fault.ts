import * as accounts from '@safesend/shared/accounts/calls.ts';
import { expect } from 'vitest';
import { connect, connected, Person, send } from '../harness.ts';
import type { Bench } from './bench.ts';
import { faultTest } from './fault-test.ts';
import type { ServerNode } from './server-node.ts';

const password = 'correct horse battery staple';

/** The same person on another device. */
async function elsewhere({ user, inboxRoomId }: Person, node: ServerNode): Promise<Person> {
  const answer = await send(node.url, accounts.login, { body: { email: user.email, password } });
  const cookie = (answer.headers.getSetCookie()[0] ?? '').split(';', 1)[0] ?? '';
  return new Person(node.url, user, inboxRoomId, cookie);
}

const endings: Record<string, (person: Person, node: ServerNode) => Promise<unknown>> = {
  'signing out': (person, node) => person.at(node.url).must(accounts.logout),
  'a new password': async (person, node) =>
    (await elsewhere(person, node)).must(accounts.changePassword, {
      body: { currentPassword: password, password: 'another fine passphrase' },
    }),
  'ending all other sessions': async (person, node) => (await elsewhere(person, node)).must(accounts.endOtherSessions),
};

async function endOne(bench: Bench, end: (typeof endings)[string], node: ServerNode): Promise<number> {
  const [owner, member] = await bench.folk(2);
  if (!owner || !member) throw new Error('nobody came');
  const room = await bench.room(owner, member);
  const listener = await bench.follower(member, room, { node });
  await end(member, bench.node(0));
  const endedAt = performance.now();
  await expect.poll(() => listener.isSignedOut, { timeout: 5_000, interval: 20 }).toBe(true);
  const took = performance.now() - endedAt;
  const received = listener.views.get(room.id)?.received.size;
  for (let n = 0; n < 10; n++) await bench.post(owner.at(node.url), room);
  await expect(listener.ask('room.join', { roomId: room.id, after: 0 })).rejects.toThrow();
  expect(listener.views.get(room.id)?.received.size).toBe(received);
  const again = connect(node.url, { cookie: member.cookie, origin: bench.origin });
  await expect(connected(again)).rejects.toMatchObject({ data: { code: 'unauthenticated' } });
  return took;
}

faultTest(
  'T-A9 G14 an ended session is cut within 5 s on this server and the other, with Redis and without',
  { without: 'session-poll', timeout: 90_000 },
  async (bench) => {
    for (const redis of ['up', 'down'] as const) {
      for (const wire of bench.redisWires) wire.set(redis === 'up' ? 'pass' : 'cut');
      for (const [how, end] of Object.entries(endings)) {
        const took = await Promise.all(bench.nodes.map((node) => endOne(bench, end, node)));
        bench.note(`${how}, Redis ${redis}, ms`, Math.max(...took));
      }
    }
  },
);

faultTest(
  'T-S9 wrong passwords are counted once for all servers, whatever the caller says of himself',
  { without: 'shared-limits', environment: { RATE_LIMITS: 'on' } },
  async (bench) => {
    const victim = await bench.person();
    const [name, host] = victim.user.email.split('@');
    const spellings = [victim.user.email, victim.user.email.toUpperCase(), `${name}+tag@${host}`];
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, n) =>
        send(bench.node(n % 2).url, accounts.login, {
          body: { email: bench.chance.pick(spellings), password: `wrong ${n}` },
          headers: {
            'x-forwarded-for': `203.0.113.${n}`,
            forwarded: `for=203.0.113.${n}`,
            'x-real-ip': `2001:db8::${n}`,
          },
        }),
      ),
    );
    const tried = answers.filter(({ status }) => status === 401).length;
    bench.note('allowed', tried);
    expect(tried).toBeLessThanOrEqual(10);
    expect(answers.filter(({ status }) => status === 429).length).toBe(40 - tried);
  },
);
