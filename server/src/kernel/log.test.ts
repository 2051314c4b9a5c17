import { expect, test } from 'vitest';
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
