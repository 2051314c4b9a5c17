import { createHash } from 'node:crypto';
import * as files from '@safesend/shared/files/calls.ts';
import { newId } from '@safesend/shared/ids.ts';
import * as rooms from '@safesend/shared/rooms/calls.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  askUpload,
  credentials,
  getContent,
  metadataOf,
  mustDrop,
  openUpload,
  sendBytes,
  someBytes,
  tus,
  uploadIdOf,
  droppedOf,
} from '../../../../test/drops.ts';
import { projectOf, signUp, startTestApp, type Person, type TestApp } from '../../../../test/harness.ts';

const roomBytes = 50_000_000;
let app: TestApp;
let client: Person;
let freelancer: Person;
let roomId: string;
beforeAll(async () => {
  app = await startTestApp({ environment: { PROJECT_STORAGE_BYTES: String(roomBytes) } });
  [client, freelancer] = await Promise.all([signUp(app, 'client'), signUp(app, 'freelancer')]);
  ({ roomId } = await projectOf(client, freelancer));
});
afterAll(() => app.close());

test('X19 H04 an upload that has begun is not begun again over what has arrived', async () => {
  const content = Buffer.from('What was sent first, and goes on.');
  const what = { roomId, name: 'begun.txt', content, commandId: newId() };
  const uploadId = uploadIdOf(await openUpload(freelancer, what));
  await sendBytes(freelancer, uploadId, 0, content.subarray(0, 20));
  // Creation with upload, for who has forgotten that he sent some of it.
  const again = await fetch(`${freelancer.base}/api/v1/uploads`, {
    method: 'POST',
    headers: {
      ...{ ...credentials(freelancer), ...tus, 'content-type': 'application/offset+octet-stream' },
      ...{ 'upload-length': String(content.length), 'upload-metadata': metadataOf(what) },
    },
    body: 'something else',
  });
  expect(again.status).toBe(409);
  expect((await askUpload(freelancer, uploadId)).headers.get('upload-offset')).toBe('20');
  const { fileId } = await droppedOf(await sendBytes(freelancer, uploadId, 20, content.subarray(20)), uploadId);
  expect(await (await getContent(client, fileId)).text()).toBe(content.toString());
});

test.each('exe com scr pif cpl msi msp hta lnk vbe jse wsf wsh'.split(' '))(
  'T-B17 a file that a double click starts is refused by its name before a byte of it: .%s',
  async (extension) => {
    for (const name of [`offer.${extension}`, `offer.pdf.${extension.toUpperCase()}. `]) {
      const refused = await openUpload(freelancer, { roomId, name, content: 'just words' });
      expect(refused.status, name).toBe(415);
      expect(await refused.text(), name).toContain(`.${extension}`);
    }
  },
);

test('UX 26 T-B22 who is given more room than all others has it, is told so, and has no more than that', async () => {
  const storage = async (person: Person) => person.must(files.getStorage, { params: { roomId } });
  const open = (size: number) => openUpload(freelancer, { roomId, name: 'large.bin', size });
  expect((await open(roomBytes + 1)).status).toBe(413);
  await mustDrop(client, { roomId, content: 'so that there is a row of it' });
  await app.sql('update storage_usage set limit_bytes = $2 where owner_id = $1', [roomId, 3 * roomBytes]);
  for (const person of [client, freelancer]) expect((await storage(person)).room.limitBytes).toBe(3 * roomBytes);
  const opened = await open(2 * roomBytes);
  expect(opened.status).toBe(201);
  expect((await open(roomBytes)).status).toBe(413);
  const path = `${freelancer.base}/api/v1/uploads/${uploadIdOf(opened)}`;
  await fetch(path, { method: 'DELETE', headers: { ...credentials(freelancer), ...tus } });
  expect((await open(roomBytes)).status).toBe(201);
});

test('G13 UX 24 uploads that share their turns while people talk all arrive, also when some of them are cut off', async () => {
  const contents = Array.from({ length: 12 }, (_, at) => someBytes(1_500_000 + at));
  let isOver = false;
  const talking = (async () => {
    for (let n = 0; !isOver; n++)
      await client.must(rooms.postMessage, {
        params: { roomId },
        body: { commandId: newId(), body: `Still here ${n}` },
      });
  })();
  const sent = contents.map(async (content, at) => {
    const sender = at % 2 === 0 ? freelancer : client;
    const uploadId = uploadIdOf(await openUpload(sender, { roomId, name: `turn-${at}.bin`, content }));
    const cut = new AbortController();
    const sending = sendBytes(sender, uploadId, 0, content, cut.signal);
    if (at % 3 === 0) setImmediate(() => cut.abort());
    await sending.catch(() => undefined);
    const arrived = async () => Number((await askUpload(sender, uploadId)).headers.get('upload-offset'));
    const offset = await arrived();
    if (offset < content.length) await sendBytes(sender, uploadId, offset, content.subarray(offset));
    return droppedOf(await askUpload(sender, uploadId), uploadId);
  });
  const dropped = await Promise.all(sent).finally(() => (isOver = true));
  await talking;
  for (const [at, { fileId }] of dropped.entries()) {
    const { file } = await client.must(files.getFile, { params: { fileId } });
    expect(file.current.sha256, String(at)).toBe(
      createHash('sha256')
        .update(contents[at] ?? '')
        .digest('hex'),
    );
  }
});
