import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmdirSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as files from '@safesend/shared/files/calls.ts';
import { newId } from '@safesend/shared/ids.ts';
import * as rooms from '@safesend/shared/rooms/calls.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  askUpload,
  credentials,
  droppedOf,
  getContent,
  openUpload,
  sendBytes,
  someBytes,
  tus,
  uploadIdOf,
} from '../../../../test/drops.ts';
import { projectOf, signUp, startTestApp, type Person, type TestApp } from '../../../../test/harness.ts';

const mount = (folder: string) => execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=20m', 'tmpfs', folder]);
const unmount = (folder: string) => execFileSync('umount', [folder]);

/** Only an administrator of a Linux machine can make a volume that is soon full. */
function mayMount(): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'safesend-volume-'));
  try {
    mount(folder);
    unmount(folder);
    return true;
  } catch {
    return false;
  } finally {
    rmdirSync(folder);
  }
}

const isPossible = mayMount();
let app: TestApp;
let staging: string;
/** All of them send: each one no more than he may at once. */
let people: Person[];
let client: Person;
let roomId: string;
beforeAll(async () => {
  app = await startTestApp();
  staging = join(app.dataDir, 'staging');
  if (isPossible) mount(staging);
  people = await Promise.all(Array.from({ length: 10 }, () => signUp(app)));
  client = people[0] as Person;
  ({ roomId } = await projectOf(...(people as [Person, ...Person[]])));
});
afterAll(async () => {
  if (isPossible) unmount(staging);
  await app.close();
});

const mebibyte = 1024 ** 2;
const hashOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const listed = async () => (await client.must(files.listRoomFiles, { params: { roomId } })).items;

test.runIf(isPossible)(
  'T-F25 a full volume refuses with 503, shows nothing half, lets people talk, and takes uploads again when there is room',
  async () => {
    const uploads = await Promise.all(
      Array.from({ length: 50 }, async (_, n) => {
        const content = someBytes(mebibyte);
        const who = people[n % people.length] as Person;
        const id = uploadIdOf(await openUpload(who, { roomId, name: `part-${n}.bin`, content }));
        return { content, who, id };
      }),
    );
    const answers = await Promise.all([
      ...uploads.map(({ id, who, content }) => sendBytes(who, id, 0, content.subarray(0, -1))),
      ...Array.from({ length: 20 }, () =>
        client
          .call(rooms.postMessage, { params: { roomId }, body: { commandId: newId(), body: 'Still here' } })
          .then(({ status, headers }) => ({ status, headers })),
      ),
    ]);
    const refused = answers.slice(0, 50).filter(({ status }) => status !== 204);
    expect(refused.length).toBeGreaterThan(20);
    for (const { status, headers } of refused) expect([status, headers.get('retry-after')]).toEqual([503, '60']);
    expect(answers.slice(50).every(({ status }) => status === 201)).toBe(true);
    expect(await listed()).toEqual([]);
    const [kept, given] = [uploads.slice(0, 10), uploads.slice(10)];
    for (const { id, who } of given) {
      const cancelled = await fetch(`${who.base}/api/v1/uploads/${id}`, {
        method: 'DELETE',
        headers: { ...credentials(who), ...tus },
      });
      expect(cancelled.status).toBe(204);
    }
    for (const { id, who, content } of kept) {
      const offset = Number((await askUpload(who, id)).headers.get('upload-offset'));
      const { fileId } = await droppedOf(await sendBytes(who, id, offset, content.subarray(offset)), id);
      const got = Buffer.from(await (await getContent(client, fileId)).arrayBuffer());
      expect(hashOf(got)).toBe(hashOf(content));
    }
    expect(await listed()).toHaveLength(10);
    expect(await readdir(staging)).toEqual([]);
    const { room } = await client.must(files.getStorage, { params: { roomId } });
    expect(room.usedBytes).toBe(10 * mebibyte);
  },
  60_000,
);
