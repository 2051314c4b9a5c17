import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createApiToken } from '@safesend/shared/accounts/calls.ts';
import * as files from '@safesend/shared/files/calls.ts';
import { newId } from '@safesend/shared/ids.ts';
import * as rooms from '@safesend/shared/rooms/calls.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  askUpload,
  credentials,
  drop,
  droppedOf,
  getContent,
  metadataOf,
  mustDrop,
  openUpload,
  sendBytes,
  someBytes,
  tus,
  uploadIdOf,
} from '../../../../test/drops.ts';
import { joinProject, projectOf, signUp, type Person, type TestApp } from '../../../../test/harness.ts';
import { startedOnEveryStore } from '../../../../test/stored-room.ts';

startedOnEveryStore((start) => {
  const mebibyte = 1024 ** 2;
  let app: TestApp;
  let client: Person;
  let freelancer: Person;
  let roomId: string;
  let projectId: string;

  beforeAll(async () => {
    app = await start();
    [client, freelancer] = await Promise.all([signUp(app, 'client'), signUp(app, 'freelancer')]);
    ({ roomId, id: projectId } = await projectOf(client, freelancer));
  });
  afterAll(() => app.close());

  const hashOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
  const staged = () => readdir(join(app.dataDir, 'staging'));
  const factsOf = (fileId: string) =>
    app.sql<{ type: string; seq: number }>(
      `select f.type, f.seq::int from facts f join fact_payloads p using (room_id, seq) where p.data ->> 'id' = $1 order by f.seq`,
      [fileId],
    );

  test('F07 H04 X19 a drop becomes one fact with the hash of its bytes, and everybody in the room gets them', async () => {
    const socket = await client.socket();
    const heard = new Promise((resolve) => socket.once('room.events', ({ events }) => resolve(events)));
    await socket.emitWithAck('room.join', { roomId, after: -1 });
    const bytes = someBytes(3 * mebibyte);
    const { status, fileId, version, seq } = await mustDrop(freelancer, { roomId, name: 'design.bin', content: bytes });
    expect({ status, version }).toEqual({ status: 204, version: 1 });
    const current = {
      version: 1,
      size: bytes.length,
      sha256: hashOf(bytes),
      createdBy: freelancer.id,
      scan: 'unscanned',
    };
    expect(await heard).toMatchObject([
      { type: 'file.dropped', seq, actorId: freelancer.id, data: { id: fileId, name: 'design.bin', current } },
    ]);
    const got = await getContent(client, fileId);
    expect(got.status).toBe(200);
    expect(hashOf(new Uint8Array(await got.arrayBuffer()))).toBe(current.sha256);
    expect(await staged()).toEqual([]);
    client.close();
  });

  test('X19 UX 24 an upload that is cut goes on where it stopped, also for who only knows his command id', async () => {
    const bytes = someBytes(4 * mebibyte);
    const what = { roomId, name: 'cut.bin', content: bytes, commandId: newId() };
    const uploadId = uploadIdOf(await openUpload(freelancer, what));
    for (let [offset, tries] = [0, 0]; offset < bytes.length; tries++) {
      const cut = new AbortController();
      const sending = sendBytes(freelancer, uploadId, offset, bytes.subarray(offset, offset + 700_000), cut.signal);
      if (tries % 2 === 0) setImmediate(() => cut.abort());
      await sending.catch(() => undefined);
      const again = await openUpload(freelancer, what);
      expect(uploadIdOf(again)).toBe(uploadId);
      const asked = await askUpload(freelancer, uploadId);
      expect(asked.status).toBe(200);
      const arrived = Number(asked.headers.get('upload-offset'));
      expect(arrived).toBeGreaterThanOrEqual(offset);
      offset = arrived;
    }
    const { fileId } = await droppedOf(await askUpload(freelancer, uploadId), uploadId);
    expect(await factsOf(fileId)).toMatchObject([{ type: 'file.dropped' }]);
    const { file } = await client.must(files.getFile, { params: { fileId } });
    expect(file.current).toMatchObject({ sha256: hashOf(bytes), size: bytes.length });
  });

  test('L5 the same command uploads once and answers the same; another body under its id is a conflict', async () => {
    const what = { roomId, name: 'once.txt', content: 'once and no more', commandId: newId() };
    const first = await mustDrop(freelancer, what);
    const again = uploadIdOf(await openUpload(freelancer, what));
    expect(again).toBe(first.uploadId);
    const asked = await droppedOf(await askUpload(freelancer, again), again);
    expect({ ...asked, status: 204 }).toEqual(first);
    expect((await openUpload(freelancer, { ...what, name: 'twice.txt' })).status).toBe(409);
    expect((await openUpload(freelancer, { ...what, content: 'another length' })).status).toBe(409);
    const body = { commandId: what.commandId, body: 'The same id for a message' };
    expect((await freelancer.call(rooms.postMessage, { params: { roomId }, body })).status).toBe(409);
    expect(await factsOf(first.fileId)).toHaveLength(1);
  });

  test('L5 ten who finish the same upload at once make one file', async () => {
    const content = someBytes(50_000);
    const uploadId = uploadIdOf(await openUpload(freelancer, { roomId, name: 'ten.bin', content }));
    const sent = await Promise.all(Array.from({ length: 10 }, () => sendBytes(freelancer, uploadId, 0, content)));
    expect(sent.filter(({ ok }) => ok).length).toBeGreaterThan(0);
    const asked = await Promise.all(Array.from({ length: 10 }, () => askUpload(freelancer, uploadId)));
    const ids = new Set(asked.flatMap(({ headers }) => headers.get('safesend-file-id') ?? []));
    expect(ids.size).toBe(1);
    const [row] = await app.sql<{ n: number }>(`select count(*)::int as n from files where name = 'ten.bin'`);
    expect(row?.n).toBe(1);
  });

  test('T-A6 L7 whoever is removed stops sending and gets nothing of what he sent', async () => {
    const other = await signUp(app, 'freelancer');
    await joinProject(client, other, projectId);
    const bytes = someBytes(20_000);
    const before = (await app.sql(`select 1 from facts where type = 'file.dropped'`)).length;
    const uploadId = uploadIdOf(await openUpload(other, { roomId, name: 'late.bin', content: bytes }));
    expect((await sendBytes(other, uploadId, 0, bytes.subarray(0, 10_000))).status).toBe(204);
    await client.must(rooms.removeMember, { params: { roomId, userId: other.id } });
    expect((await sendBytes(other, uploadId, 10_000, bytes.subarray(10_000))).status).toBe(404);
    expect((await askUpload(other, uploadId)).status).toBe(404);
    expect((await openUpload(other, { roomId, content: 'again' })).status).toBe(404);
    expect((await app.sql(`select 1 from facts where type = 'file.dropped'`)).length).toBe(before);
  });

  test('T-A1 a token uploads with the scope to write; a foreign page, a stranger and a half-open request do not', async () => {
    const tokenOf = async (scopes: ('read' | 'write')[]) =>
      (await freelancer.must(createApiToken, { body: { name: 'Script', scopes } })).token;
    const base = freelancer.base;
    expect((await drop({ base, token: await tokenOf(['read', 'write']) }, { roomId })).status).toBe(204);
    expect((await openUpload({ base, token: await tokenOf(['read']) }, { roomId, content: 'x' })).status).toBe(403);
    expect((await openUpload({ base }, { roomId, content: 'x' })).status).toBe(401);
    const foreign = { origin: 'https://evil.example' };
    expect((await openUpload(freelancer, { roomId, content: 'x' }, foreign)).status).toBe(403);
    const stranger = await signUp(app);
    const uploadId = uploadIdOf(await openUpload(freelancer, { roomId, content: 'hello' }));
    for (const person of [client, stranger]) {
      expect((await askUpload(person, uploadId)).status).toBe(404);
      expect((await sendBytes(person, uploadId, 0, Buffer.from('hello'))).status).toBe(404);
    }
    const ended = await fetch(`${base}/api/v1/uploads/${uploadId}`, {
      method: 'DELETE',
      headers: { ...credentials(freelancer), ...tus },
    });
    expect(ended.status).toBe(204);
    expect((await askUpload(freelancer, uploadId)).status).toBe(410);
  });

  test('T-B31 metadata that is none is refused and opens nothing', async () => {
    for (const metadata of [
      '',
      'roomId',
      'roomId !!!',
      `roomId ${Buffer.from('x').toString('base64')}`,
      'a'.repeat(9_000),
    ]) {
      const answer = await fetch(`${freelancer.base}/api/v1/uploads`, {
        method: 'POST',
        headers: { ...credentials(freelancer), ...tus, 'upload-length': '5', 'upload-metadata': metadata },
      });
      expect(answer.status, metadata.slice(0, 20)).toBeGreaterThanOrEqual(400);
      expect(answer.status, metadata.slice(0, 20)).toBeLessThan(500);
    }
  });

  test('T-B5 T-B14 a name whose extension is a word of the language is a name as any other', async () => {
    for (const name of ['report.constructor', 'report.__proto__', '.constructor', 'report.hasOwnProperty']) {
      const { status, fileId } = await drop(freelancer, { roomId, name, content: 'words' });
      expect(status, name).toBe(204);
      expect((await freelancer.must(files.getFile, { params: { fileId } })).file).toMatchObject({
        name,
        current: { type: 'text/plain', kind: 'text' },
      });
    }
  });

  test('T-B33 what is no id is no upload, and what tus has and we have not is refused for good', async () => {
    const headers = { ...credentials(freelancer), ...tus };
    for (const id of ['-'.repeat(36), `${'0'.repeat(35)}-`, newId().toUpperCase()])
      for (const method of ['HEAD', 'PATCH', 'DELETE']) {
        const more = method === 'PATCH' && { 'upload-offset': '0', 'content-type': 'application/offset+octet-stream' };
        const { status } = await fetch(`${freelancer.base}/api/v1/uploads/${id}`, {
          method,
          headers: { ...headers, ...more },
        });
        expect(status, `${method} ${id}`).toBe(404);
      }
    const metadata = metadataOf({ roomId });
    for (const foreign of [
      { 'upload-defer-length': '1' },
      { 'upload-concat': 'partial', 'upload-length': '5' },
      { 'upload-concat': 'final;/api/v1/uploads/a /api/v1/uploads/b' },
    ]) {
      const response = await fetch(`${freelancer.base}/api/v1/uploads`, {
        method: 'POST',
        headers: { ...headers, ...foreign, 'upload-metadata': metadata },
      });
      expect(response.status, JSON.stringify(foreign)).toBe(400);
      expect(await response.json()).toMatchObject({ code: 'malformed' });
    }
  });

  test('H04 what arrives is what was sent: a hash the sender gives is compared', async () => {
    const content = 'exactly this';
    expect((await drop(freelancer, { roomId, content, sha256: hashOf(Buffer.from(content)) })).status).toBe(204);
    expect((await drop(freelancer, { roomId, content, sha256: hashOf(Buffer.from('that')) })).status).toBe(409);
  });
});
