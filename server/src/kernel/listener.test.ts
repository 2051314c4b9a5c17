import { once } from 'node:events';
import { connect } from 'node:net';
import { Hono } from 'hono';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { HttpEnv } from './http.ts';
import { createListener, listen, type PageHandler } from './listener.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());

/** Somebody who announces ten bytes and sends one, to a page that does this with him. */
async function halfSent(answer: PageHandler) {
  let arrived = () => undefined as void;
  const taken = new Promise<void>((resolve) => (arrived = resolve));
  const server = createListener(new Hono<HttpEnv>(), () => (request, response) => {
    answer(request, response);
    arrived();
  });
  const sender = connect(await listen(server, 0, '127.0.0.1'), '127.0.0.1');
  sender.write('POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 10\r\n\r\n1');
  await taken;
  return { server, sender, closed: once(sender, 'close') };
}

test('T-B4 T-S13 who was answered before all that he announced had come is let go when his time is up, and nobody else', async () => {
  const { server, sender, closed } = await halfSent((_, response) => void response.end('No.'));
  const [answered] = (await once(sender, 'data')) as [Buffer];
  expect(answered.toString()).toMatch(/^HTTP\/1.1 200 /);
  vi.advanceTimersByTime(60_000);
  sender.resume();
  await closed;
  server.close();
});

test('T-B4 who begins a request and does not go on with it is let go after a minute', async () => {
  const { server, sender, closed } = await halfSent(() => undefined);
  vi.advanceTimersByTime(59_999);
  expect(sender.destroyed).toBe(false);
  vi.advanceTimersByTime(1);
  sender.resume();
  await closed;
  server.close();
});
