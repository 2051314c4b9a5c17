import * as accounts from '@safesend/shared/accounts/calls.ts';
import { newId } from '@safesend/shared/ids.ts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clientAddress } from '../../src/kernel/origin.ts';
import { send, signUp, startTestApp, type TestApp } from '../harness.ts';
import { password } from './asks/ask.ts';

describe('T-S9 attempts are counted by who makes them, not by what he says', () => {
  let limited: TestApp;
  let base: string;
  beforeAll(async () => {
    limited = await startTestApp({ environment: { RATE_LIMITS: 'on' } });
    base = `http://127.0.0.1:${limited.port}`;
  });
  afterAll(() => limited.close());
  const disguise = (n: number) => ({
    'x-forwarded-for': `203.0.113.${n}`,
    forwarded: `for=203.0.113.${n}`,
    'x-real-ip': `203.0.113.${n}`,
    'cf-connecting-ip': `2001:db8::${n}`,
    'true-client-ip': `203.0.113.${n}`,
  });

  test('R07 ten wrong passwords for one mailbox, however it is spelt and wherever they seem to come from', async () => {
    const { email } = (await signUp(limited)).user;
    const [name, host] = email.split('@');
    const spellings = [
      email,
      email.toUpperCase(),
      ` ${email}`.trim(),
      `${name}+tag@${host}`,
      `${name}+other@${host?.toUpperCase()}`,
    ];
    const attempts = Array.from({ length: 40 }, (_, n) =>
      send(base, accounts.login, {
        body: { email: spellings[n % spellings.length] ?? email, password: `wrong ${n}` },
        headers: disguise(n),
      }),
    );
    const answers = await Promise.all(attempts);
    expect(answers.filter(({ status }) => status === 401).length).toBeLessThanOrEqual(10);
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThanOrEqual(30);
    expect(refused.every(({ headers }) => Number(headers.get('retry-after')) > 0)).toBe(true);
    expect((await send(base, accounts.login, { body: { email, password } })).status, 'not even the right one').toBe(
      429,
    );
  });

  test('six letters an hour to one mailbox', async () => {
    const answers = await Promise.all(
      Array.from({ length: 15 }, (_, n) =>
        send(base, accounts.requestPasswordReset, { body: { email: `known+${n}@example.com` }, headers: disguise(n) }),
      ),
    );
    expect(answers.filter(({ status }) => status === 204).length).toBeLessThanOrEqual(6);
  });

  test('R07 a burst of messages over one socket', async () => {
    const person = await signUp(limited);
    const socket = await person.socket();
    const command = () => ({ roomId: person.inboxRoomId, commandId: newId(), body: 'x' });
    const answers = await Promise.all(Array.from({ length: 260 }, () => socket.emitWithAck('message.post', command())));
    const throttled = answers.filter((it) => !it.ok && it.error.code === 'throttled');
    expect(throttled.length).toBeGreaterThanOrEqual(60);
    person.close();
  });

  test('an address is that of the peer, or what a trusted proxy says; IPv6 counts by /64', () => {
    const from = (peer: string, forwarded: string | undefined, trusted: string[] = []) =>
      clientAddress(peer, { 'x-forwarded-for': forwarded }, trusted);
    expect(from('198.51.100.7', '203.0.113.1')).toBe('198.51.100.7');
    expect(from('::ffff:198.51.100.7', undefined)).toBe('198.51.100.7');
    expect(from('10.0.0.1', '203.0.113.1, 198.51.100.9', ['10.0.0.0/8'])).toBe('198.51.100.9');
    expect(from('10.0.0.1', '198.51.100.9, 10.0.0.2', ['10.0.0.0/8'])).toBe('198.51.100.9');
    expect(from('10.0.0.1', 'garbage, 10.0.0.2', ['10.0.0.0/8'])).toBe('10.0.0.1');
    expect(from('2001:db8:1:2::1', undefined)).toBe(from('2001:db8:1:2:ffff::9', undefined));
    expect(from('2001:db8:1:2::1', undefined)).not.toBe(from('2001:db8:1:3::1', undefined));
  });
});
