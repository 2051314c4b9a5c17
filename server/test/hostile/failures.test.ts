import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { newId } from '@safesend/shared/ids.ts';
import { changeProject, createProject } from '@safesend/shared/projects/calls.ts';
import { getRoom, postMessage } from '@safesend/shared/rooms/calls.ts';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { startApp, type App } from '../../src/app.ts';
import { readEnv } from '../../src/kernel/env.ts';
import { createLog } from '../../src/kernel/log.ts';
import { createDatabase, projectOf, signUp, type Person } from '../harness.ts';

let app: App;
let owner: pg.Client;
let person: Person;
let roomId: string;
let projectId: string;
let dataDir: string;
const lines: string[] = [];
const secret = 'open-sesame-4711';

beforeAll(async () => {
  const databaseUrl = await createDatabase();
  dataDir = await mkdtemp(join(tmpdir(), 'safesend-app-'));
  const env = readEnv({
    NODE_ENV: 'test',
    HOST: '127.0.0.1',
    PORT: '0',
    RATE_LIMITS: 'off',
    SAFESEND_DATA_DIR: dataDir,
  });
  const destination = new Writable({
    write: (line: Buffer, _, done) => {
      lines.push(line.toString());
      done();
    },
  });
  app = await startApp({ env, log: createLog({ level: 'trace', pretty: false, destination }), databaseUrl });
  owner = new pg.Client({ connectionString: databaseUrl });
  await owner.connect();
  person = await signUp(app);
  ({ id: projectId, roomId } = await projectOf(person));
});
afterEach(() => owner.query('drop trigger if exists break on messages; drop trigger if exists break on projects'));
afterAll(async () => {
  await owner.end();
  await app.close();
  await rm(dataDir, { recursive: true, force: true });
});

/** Makes the database fail in the middle of a write, with everything it knows about the row in the error. */
async function breakTable(name: string, how: string): Promise<void> {
  await owner.query(
    `create or replace function break_${name}() returns trigger language plpgsql as $$ begin ${how} end $$`,
  );
  await owner.query(
    `create trigger break before insert or update on ${name} for each row execute function break_${name}()`,
  );
}

const tells =
  /select |insert |update |relation|column|constraint|node_modules|\/server\/|\.ts\b|at \w+ \(|postgres|mikro|SQLSTATE|plpgsql|break_/i;

function expectQuiet(answer: unknown, requestId: string | undefined): void {
  const text = JSON.stringify(answer);
  expect(text).not.toMatch(tells);
  expect(text).not.toContain(secret);
  expect(requestId).toMatch(/^[0-9a-f-]{36}$/);
  const told = lines.filter((line) => line.includes(requestId ?? ''));
  expect(told).toHaveLength(1);
  expect(JSON.parse(told[0] ?? '')).toMatchObject({
    level: 50,
    err: { code: expect.stringMatching(/^[0-9A-Z]{5}$/) as string },
  });
}

const faults: [string, string][] = [
  [
    'an exception with the text in its detail',
    `raise exception 'cannot keep this' using detail = new::text, hint = '${secret}';`,
  ],
  ['a rule that is broken, with the row in its detail', `insert into projects (id) values (null); return new;`],
  ['a type that does not fit', `perform new.id::text::int; return new;`],
  ['a table that is not there', `perform * from no_such_table; return new;`],
];

test.each(faults)('T-S13 %s is an error without a word of how, with an id that leads to the log', async (_, how) => {
  await breakTable('messages', how);
  const command = { commandId: newId(), body: `My ${secret} and more` };
  const { status, body, headers } = await person.call(postMessage, { params: { roomId }, body: command });
  expect(status).toBe(500);
  const problem = body as unknown as { code: string; requestId: string };
  expect(problem).toMatchObject({ code: 'unexpected', status: 500 });
  expect(headers.get('x-request-id')).toBe(problem.requestId);
  expect(headers.get('content-type')).toBe('application/problem+json');
  expectQuiet([problem, ...headers], problem.requestId);

  const socket = await person.socket();
  const answer = await socket.emitWithAck('message.post', { roomId, commandId: newId(), body: `My ${secret} again` });
  expect(answer).toMatchObject({ ok: false, error: { code: 'unexpected' } });
  expectQuiet(answer, answer.ok ? undefined : answer.error.requestId);
  person.close();
});

test('T-S13 who breaks off in the middle of what he sends is no failure of ours: the log says nothing', async () => {
  const { port, hostname } = new URL(app.url);
  lines.length = 0;
  const sender = connect(Number(port), hostname);
  sender.write(
    `POST /api/v1/auth/login HTTP/1.1\r\nHost: ${hostname}:${port}\r\nContent-Type: application/json\r\nContent-Length: 90\r\n\r\n{"em`,
  );
  // It is being read by the time that another one, sent later, is answered; and so is what it leaves behind.
  const pass = async () => {
    for (let n = 0; n < 5; n++) await person.call(getRoom, { params: { roomId } });
  };
  await pass();
  sender.resetAndDestroy();
  await pass();
  expect(lines.filter((line) => line.includes('request failed'))).toEqual([]);
});

test('T-S13 T-B31 no line of the log holds a secret, a message, an address or a broken line', async () => {
  await breakTable('projects', `raise exception 'cannot keep this' using detail = new::text;`);
  const title = `Title ${secret}`;
  expect((await person.call(changeProject, { params: { projectId }, body: { title } })).status).toBe(500);
  expect(
    (await person.call(createProject, { body: { title, description: '\r\n{"level":60}', currency: 'EUR' } })).status,
  ).toBe(500);
  const hostile = { 'user-agent': 'x"}{"level":60', referer: `https://x/?token=${secret}`, 'idempotency-key': secret };
  await person.call(getRoom, { params: { roomId: newId() }, headers: hostile });
  expect(lines.length).toBeGreaterThan(0);
  for (const line of lines) {
    expect(line.trimEnd()).not.toContain('\n');
    expect((JSON.parse(line) as { level: number }).level).toBeLessThan(60);
  }
  const log = lines.join('');
  const cookie = person.cookie.split('=')[1] ?? '';
  for (const word of [secret, person.user.email, cookie, 'correct horse battery staple'])
    expect(log).not.toContain(word);
});
