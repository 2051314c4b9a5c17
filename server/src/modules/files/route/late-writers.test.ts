import { createHash } from 'node:crypto';
import { readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as files from '@safesend/shared/files/calls.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { beginSending, outcomeOf } from '../../../../test/begun.ts';
import {
  askUpload,
  droppedOf,
  getContent,
  openUpload,
  sendBytes,
  someBytes,
  tus,
  uploadIdOf,
} from '../../../../test/drops.ts';
import { projectOf, signUp, startTestApp, type Person, type TestApp } from '../../../../test/harness.ts';
import { finishUpload } from '../service/ingest.ts';
import { pieceBytes } from '../service/intake.ts';
import { Leases } from '../service/leases.ts';
import { Receiving } from '../service/receiving.ts';

// Two processes on one database and one staging folder.
let first: TestApp;
let second: TestApp;
let client: Person;
let elsewhere: Person;
let roomId: string;
beforeAll(async () => {
  first = await startTestApp({ environment: { ROLES: 'web' } });
  const { databaseUrl, dataDir } = first;
  second = await startTestApp({ databaseUrl, dataDir, environment: { ROLES: 'web' } });
  client = await signUp(first);
  elsewhere = client.at(`http://127.0.0.1:${second.port}`);
  ({ roomId } = await projectOf(client));
});
afterAll(async () => {
  await second.close();
  await first.close();
});

const hashOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const stagedPath = (uploadId: string) => join(first.dataDir, 'staging', uploadId);
const open = async (content: Uint8Array) => uploadIdOf(await openUpload(client, { roomId, name: 'late.bin', content }));
/** As the clock would, if its holder stood still for long enough. */
const letLapse = (uploadId: string) =>
  first.sql(`update uploads set held_until = clock_timestamp() - interval '1 second' where id = $1`, [uploadId]);

async function expectPublished(fileId: string, content: Uint8Array): Promise<void> {
  const { file } = await elsewhere.must(files.getFile, { params: { fileId } });
  expect(file.current.sha256).toBe(hashOf(content));
  const got = await getContent(elsewhere, fileId);
  expect(hashOf(new Uint8Array(await got.arrayBuffer()))).toBe(file.current.sha256);
}

test('G8 X19 what is put into the store is what was hashed, whatever becomes of the staged file meanwhile', async () => {
  const content = someBytes(5_000);
  const uploadId = await open(content);
  await writeFile(stagedPath(uploadId), content);
  const { storage } = second.files;
  const put = async (key: string, source: string) => {
    await writeFile(`${stagedPath(uploadId)}.other`, someBytes(5_000));
    await rename(`${stagedPath(uploadId)}.other`, stagedPath(uploadId));
    await storage.put(key, source);
  };
  const { fileId } = await finishUpload({ ...second.files, storage: { ...storage, put } }, uploadId);
  await expectPublished(fileId, content);
});

test('G8 X19 who finds his hold gone before his first byte writes none', async () => {
  const content = someBytes(2_000);
  const uploadId = await open(content);
  await sendBytes(client, uploadId, 0, content.subarray(0, 1_000));
  /** Holds an upload, and stands still until somebody else has had it. */
  class Stalling extends Leases {
    override async hold(...asked: Parameters<Leases['hold']>) {
      const lease = await super.hold(...asked);
      this.stop();
      await letLapse(uploadId);
      expect((await askUpload(elsewhere, uploadId)).headers.get('upload-offset')).toBe('1000');
      return lease;
    }
  }
  const { orm, log, staging } = first.files;
  const stalled = new Receiving({ ...first.files, leases: new Stalling(orm, log, staging) });
  const { failure } = await stalled.handle({
    userId: client.id,
    request: new Request(`${client.base}/api/v1/uploads/${uploadId}`, {
      method: 'PATCH',
      headers: { ...tus, 'upload-offset': '1000', 'content-type': 'application/offset+octet-stream' },
      body: someBytes(500),
    }),
  });
  expect(failure).toMatchObject({ code: 'unavailable' });
  expect(await readFile(stagedPath(uploadId))).toEqual(content.subarray(0, 1_000));
  const { fileId } = await droppedOf(await sendBytes(elsewhere, uploadId, 1_000, content.subarray(1_000)), uploadId);
  await expectPublished(fileId, content);
});

test('G8 X19 who cannot renew his hold on an upload lets it go before somebody else may have it', async () => {
  const content = someBytes(2 * pieceBytes);
  const uploadId = await open(content);
  const sending = await beginSending(first, client, uploadId, content.length, content.subarray(0, pieceBytes));
  const outcome = outcomeOf(sending);
  // So that renewing fails, and nothing else does.
  await first.sql('alter table uploads rename column wanted to unwanted');
  expect(await outcome.finally(() => first.sql('alter table uploads rename column unwanted to wanted'))).not.toBe(204);
  await expect
    .poll(() => first.sql('select 1 from uploads where id = $1 and holder is not null', [uploadId]))
    .toEqual([]);
  const asked = await askUpload(elsewhere, uploadId);
  expect(asked.headers.get('upload-offset')).toBe(String(pieceBytes));
  const rest = await sendBytes(elsewhere, uploadId, pieceBytes, content.subarray(pieceBytes));
  await expectPublished((await droppedOf(rest, uploadId)).fileId, content);
}, 40_000);

// The last ones: the first process renews nothing any more after this one.
test('G8 X19 T-F28 who lost his hold on an upload and wakes up late changes nothing of what was published', async () => {
  const content = someBytes(3 * pieceBytes);
  const begun = content.subarray(0, 2 * pieceBytes);
  const uploadId = await open(content);
  const sending = await beginSending(first, client, uploadId, content.length, begun);
  const outcome = outcomeOf(sending);
  first.files.leases.stop();
  await letLapse(uploadId);
  expect((await askUpload(elsewhere, uploadId)).headers.get('upload-offset')).toBe(String(begun.length));
  const rest = await sendBytes(elsewhere, uploadId, begun.length, content.subarray(begun.length));
  const { fileId } = await droppedOf(rest, uploadId);
  sending.end(someBytes(pieceBytes));
  expect(await outcome, 'what went nowhere is not acknowledged').not.toBe(204);
  await expectPublished(fileId, content);
  expect(await stat(stagedPath(uploadId)).catch(() => null)).toBeNull();
});

test('G1 X19 what somebody wrote after he had lost his hold is not acknowledged', async () => {
  const content = someBytes(4 * pieceBytes);
  const begun = content.subarray(0, 2 * pieceBytes);
  const uploadId = await open(content);
  const sending = await beginSending(first, client, uploadId, 3 * pieceBytes, begun);
  const outcome = outcomeOf(sending);
  await letLapse(uploadId);
  const offset = async () => Number((await askUpload(elsewhere, uploadId)).headers.get('upload-offset'));
  expect(await offset()).toBe(begun.length);
  sending.end(content.subarray(begun.length, 3 * pieceBytes));
  expect(await outcome).toBe(503);
  expect(await offset()).toBe(begun.length);
});
