import { maxSendingAtOnce } from '@safesend/shared/files/limits.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { beginSending, outcomeOf } from '../../../../test/begun.ts';
import {
  askUpload,
  droppedOf,
  mustDrop,
  openUpload,
  sendBytes,
  someBytes,
  uploadIdOf,
} from '../../../../test/drops.ts';
import { projectOf, signUp, startTestApp, type Person, type TestApp } from '../../../../test/harness.ts';
import { Intake, pieceBytes } from '../service/intake.ts';

let app: TestApp;
let client: Person;
let freelancer: Person;
let roomId: string;
beforeAll(async () => {
  app = await startTestApp();
  [client, freelancer] = await Promise.all([signUp(app), signUp(app, 'freelancer')]);
  ({ roomId } = await projectOf(client, freelancer));
});
afterAll(() => app.close());

const content = someBytes(2 * pieceBytes);
const begun = content.subarray(0, pieceBytes);
const open = async (who: Person) => uploadIdOf(await openUpload(who, { roomId, name: 'crowd.bin', content }));

test('G13 UX 24 one person sends so many files at once; the next is told when to come back, and nobody else notices', async () => {
  const uploads = await Promise.all(Array.from({ length: maxSendingAtOnce }, () => open(client)));
  const sendings = await Promise.all(uploads.map((id) => beginSending(app, client, id, content.length, begun)));
  const outcomes = sendings.map((it) => outcomeOf(it));
  const next = await open(client);
  const refused = await sendBytes(client, next, 0, content);
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '3']);
  expect(await refused.json()).toMatchObject({ code: 'throttled' });
  expect((await askUpload(client, next)).headers.get('upload-offset'), 'what was refused left nothing').toBe('0');
  await mustDrop(freelancer, { roomId });
  // Who lost his line goes on with what he was sending, while the server still waits on the old one.
  const [first = ''] = uploads;
  const resumed = await sendBytes(client, first, pieceBytes, content.subarray(pieceBytes));
  expect((await droppedOf(resumed, first)).fileId).not.toBe('');
  expect((await droppedOf(await sendBytes(client, next, 0, content), next)).fileId).not.toBe('');
  for (const sending of sendings.slice(1)) sending.end(content.subarray(pieceBytes));
  expect((await Promise.all(outcomes)).slice(1)).toEqual(Array.from({ length: maxSendingAtOnce - 1 }, () => 204));
}, 30_000);

test('G13 of one upload two requests are taken in, however many come', () => {
  const intake = new Intake(() => false);
  const leave = intake.admit('somebody', 'upload');
  intake.admit('somebody', 'upload');
  expect(() => intake.admit('somebody', 'upload')).toThrow('at once');
  leave();
  intake.admit('somebody', 'upload');
});

test('G13 pieces are small while a crowd sends, and large again after it', () => {
  const intake = new Intake(() => false);
  const admit = (n: number) => intake.admit(`person ${n % 20}`, `upload ${n}`);
  const leaves = Array.from({ length: 64 }, (_, n) => admit(n));
  expect(intake.pieceBytes).toBe(pieceBytes);
  leaves.push(admit(64));
  expect(intake.pieceBytes).toBe(pieceBytes / 8);
  leaves.pop()?.();
  expect(intake.pieceBytes).toBe(pieceBytes);
});
