import { Client } from 'pg';
import { expect, inject, test } from 'vitest';
import { createLog } from './log.ts';

function lineOf(content: object): string {
  const lines: string[] = [];
  createLog({ level: 'info', pretty: false, destination: { write: (line: string) => void lines.push(line) } }).info(
    content,
  );
  return lines.join('');
}

test.each([
  { password: 'hunter2' },
  { user: { password: 'hunter2' } },
  { request: { headers: { authorization: 'hunter2' } } },
  { request: { headers: { cookie: 'hunter2', 'set-cookie': 'hunter2' } } },
  { a: { b: { c: { token: 'hunter2' } } } },
  { message: { body: 'hunter2' } },
  { email: 'hunter2' },
])('C8 a secret or a message body never reaches the log: %j', (content) => {
  expect(lineOf(content)).toContain('[redacted]');
  expect(lineOf(content)).not.toContain('hunter2');
});

test('what a log is for stays readable', () => {
  expect(lineOf({ requestId: 'r1', status: 200 })).toContain('"requestId":"r1"');
});

test('T-B31 a line break in a value does not start a second line', () => {
  expect(lineOf({ userAgent: 'a\r\nb\u2028c' }).trimEnd().split('\n')).toHaveLength(1);
});

async function databaseError(statement: string, ...values: string[]): Promise<unknown> {
  const client = new Client({ connectionString: inject('postgresUrl') });
  await client.connect();
  try {
    await client.query('create temporary table words (word text unique check (word <> $$hunter2 forbidden$$))');
    await client.query('insert into words values ($1)', ['hunter2']);
    return await client.query(statement, values).catch((error: unknown) => error);
  } finally {
    await client.end();
  }
}

test.each([
  ['a doubled value', 'insert into words values ($1)', 'hunter2'],
  ['a refused value', 'insert into words values ($1)', 'hunter2 forbidden'],
  ['a value of another type', 'select $1::uuid', 'hunter2'],
  ['a value in the statement', "select 'hunter2'::int"],
])('C8 a database error of %s is logged without the value', async (_what, statement, ...values) => {
  const line = lineOf({ err: await databaseError(statement, ...values) });
  expect(line).toMatch(/"code":"\w{5}"/);
  expect(line).not.toContain('hunter2');
});

test('an error keeps its type, its words, its place and its cause', () => {
  const line = lineOf({ err: new TypeError('nothing there', { cause: new RangeError('too far') }) });
  expect(JSON.parse(line).err).toMatchObject({
    type: 'TypeError',
    message: 'nothing there',
    at: expect.arrayContaining([expect.stringContaining('log.test.ts')]),
    cause: { type: 'RangeError', message: 'too far' },
  });
});
