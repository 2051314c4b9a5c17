import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call } from '@safesend/shared/call.ts';
import { z } from 'zod';
import type { ApiProblem } from './problem.ts';
import { addressOf, send, stopAsking } from './send.ts';

const rename = call({
  method: 'patch',
  path: '/things/{thingId}',
  summary: 'Rename a thing',
  access: 'write',
  params: z.strictObject({ thingId: z.string() }),
  query: z.strictObject({ quiet: z.string().optional() }),
  body: z.strictObject({ name: z.string() }),
  answers: { 200: z.strictObject({ name: z.string() }) },
  command: 'optional',
});
const input = { params: { thingId: 'a/b' }, body: { name: 'lamp' } };

let origin = '';
let last: IncomingMessage | undefined;
let answer: { status: number; type: string; body: string; retryAfter?: string };
const server = createServer((request, response) => {
  last = request;
  response.writeHead(answer.status, {
    'content-type': answer.type,
    ...(answer.retryAfter ? { 'retry-after': answer.retryAfter } : {}),
  });
  response.end(answer.body);
});
const here: typeof fetch = (path, init) => fetch(`${origin}${String(path)}`, init);

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());

const refusalOf = (made: Promise<unknown>) =>
  made.then(
    () => expect.unreachable(),
    (problem: unknown) => problem as ApiProblem,
  );

describe('send', () => {
  it('T-A13 fills in the address so that no value can leave its place', () => {
    expect(addressOf(rename, { params: { thingId: '../x?y' }, query: { quiet: 'a&b', more: undefined } })).toBe(
      '/api/v1/things/..%2Fx%3Fy?quiet=a%26b',
    );
  });

  it('L5 carries the command id and answers the body', async () => {
    answer = { status: 200, type: 'application/json', body: '{"name":"lamp"}' };
    expect(await send(rename, { ...input, commandId: 'c-1', fetch: here })).toEqual({ name: 'lamp' });
    expect(last?.headers['idempotency-key']).toBe('c-1');
  });

  it('S08 turns a refusal into a problem with its fields and request id', async () => {
    answer = {
      status: 409,
      type: 'application/problem+json',
      body: JSON.stringify({
        code: 'conflict',
        detail: 'Taken.',
        errors: [{ path: 'name', message: 'Taken.' }],
        requestId: 'r-1',
      }),
    };
    const problem = await refusalOf(send(rename, { ...input, fetch: here }));
    expect(problem).toMatchObject({
      code: 'conflict',
      requestId: 'r-1',
      errors: [{ path: 'name', message: 'Taken.' }],
    });
  });

  it('S08 reads a proxy’s own page as unavailable, and a wait as seconds', async () => {
    answer = { status: 502, type: 'text/html', body: '<h1>Bad gateway</h1>', retryAfter: '7' };
    const problem = await refusalOf(send(rename, { ...input, fetch: here }));
    expect(problem).toMatchObject({ code: 'unavailable', retryAfterSeconds: 7 });
  });

  it('S08 says offline when nothing answers', async () => {
    const problem = await refusalOf(send(rename, { ...input, fetch: () => Promise.reject(new TypeError('failed')) }));
    expect(problem.code).toBe('offline');
  });

  it.each(['{"name":"la', '<h1>Sign in to this network</h1>', ''])(
    'G2 an answer that cannot be read is none: %s',
    async (body) => {
      answer = { status: 200, type: 'application/json', body };
      expect((await refusalOf(send(rename, { ...input, fetch: here }))).code).toBe('offline');
    },
  );

  // The last one: a page that has ended does not come back.
  it('A19 asks nothing more once the session is over', async () => {
    stopAsking();
    let asked = 0;
    const counting = () => ((asked += 1), Promise.resolve(new Response('{}')));
    const problem = await refusalOf(send(rename, { ...input, fetch: counting }));
    expect(problem).toMatchObject({ status: 401, code: 'unauthenticated' });
    expect(asked).toBe(0);
  });
});
