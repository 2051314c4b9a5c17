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
    app = await start({ MAX_FILE_BYTES: String(16 * mebibyte) });
    [client, freelancer] = await Promise.all([signUp(app, 'client'), signUp(app, 'freelancer')]);
    ({ roomId, id: projectId } = await projectOf(client, freelancer));
  });
  afterAll(() => app.close());

  const hashOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
  const staged = () => readdir(join(app.dataDir, 'staging'));
  const usedBy = async (person: Person) => (await person.must(files.getStorage, { params: { roomId } })).mine.usedBytes;
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

  test('F08 H05 two who drop the same name at once make two files; who dropped one adds versions, others do not', async () => {
    const [one, two] = await Promise.all([
      mustDrop(client, { roomId, name: 'plan.txt', content: 'of the client' }),
      mustDrop(freelancer, { roomId, name: 'plan.txt', content: 'of the freelancer' }),
    ]);
    expect(one.fileId).not.toBe(two.fileId);
    expect((await drop(freelancer, { roomId, name: 'plan.txt', fileId: one.fileId })).status).toBe(403);
    const next = await mustDrop(client, { roomId, name: 'plan.txt', content: 'second', fileId: one.fileId });
    expect(next).toMatchObject({ fileId: one.fileId, version: 2 });
    // The owner of the project may join them.
    const params = { fileId: one.fileId };
    const { file } = await client.must(files.joinFile, { params, body: { fileId: two.fileId } });
    expect(file.current).toMatchObject({ version: 3, createdBy: freelancer.id });
    const other = await client.must(files.getFile, { params: { fileId: two.fileId } });
    expect(other.file).toMatchObject({ joinedInto: one.fileId, removedBy: client.id });
    const texts = await Promise.all([1, 2, 3].map(async (n) => (await getContent(freelancer, one.fileId, n)).text()));
    expect(texts).toEqual(['of the client', 'second', 'of the freelancer']);
    const restored = await client.must(files.restoreVersion, { params, body: { version: 1 } });
    expect(restored.file.current).toMatchObject({
      version: 4,
      restoredFrom: 1,
      sha256: hashOf(Buffer.from('of the client')),
    });
  });

  test('H03 a removal is a tombstone: its fact stays, its bytes are gone for everybody, its room comes back', async () => {
    const before = await usedBy(freelancer);
    const { fileId } = await mustDrop(freelancer, { roomId, content: someBytes(10_000), name: 'gone.bin' });
    expect(await usedBy(freelancer)).toBe(before + 10_000);
    const forbidden = await signUp(app, 'client');
    await joinProject(client, forbidden, projectId);
    expect((await forbidden.call(files.removeFile, { params: { fileId } })).status).toBe(403);
    await freelancer.must(files.removeFile, { params: { fileId } });
    expect(await usedBy(freelancer)).toBe(before);
    for (const person of [client, freelancer]) {
      expect((await getContent(person, fileId)).status).toBe(404);
      expect((await getContent(person, fileId, 1, { 'if-none-match': '*' })).status).toBe(404);
    }
    const { file, versions } = await client.must(files.getFile, { params: { fileId } });
    expect({ removedBy: file.removedBy, versions }).toEqual({ removedBy: freelancer.id, versions: [] });
    expect((await freelancer.call(files.removeFile, { params: { fileId } })).status).toBe(409);
    expect((await factsOf(fileId)).map(({ type }) => type)).toEqual(['file.dropped', 'file.removed']);
  });

  test('T-A17 a deleted message takes the file it brought along', async () => {
    const { fileId } = await mustDrop(freelancer, { roomId });
    const { fileId: cited } = await mustDrop(client, { roomId });
    const body = {
      commandId: newId(),
      body: 'See these',
      files: [
        { fileId, version: 1 },
        { fileId: cited, version: 1 },
      ],
    };
    const { event } = await freelancer.must(rooms.postMessage, { params: { roomId }, body });
    const messageId = event.type === 'message.posted' ? event.data.id : '';
    await freelancer.must(rooms.deleteMessage, { params: { roomId, messageId } });
    expect((await getContent(client, fileId)).status).toBe(404);
    expect((await getContent(client, cited)).status).toBe(200);
    const { message } = await client.must(rooms.getMessage, { params: { roomId, messageId } });
    expect(message.files).toEqual([]);
  });

  test('L6 T-A13 a message cites only what its author may read, in its own room', async () => {
    const { roomId: elsewhere } = await projectOf(freelancer);
    const { fileId: foreign } = await mustDrop(freelancer, { roomId: elsewhere });
    const { fileId } = await mustDrop(client, { roomId });
    const post = (cited: string, version: number) =>
      freelancer.call(rooms.postMessage, {
        params: { roomId },
        body: { commandId: newId(), body: 'See', files: [{ fileId: cited, version }] },
      });
    expect((await post(foreign, 1)).status).toBe(404);
    expect((await post(fileId, 2)).status).toBe(404);
    expect((await post(newId(), 1)).status).toBe(404);
    expect((await post(fileId, 1)).status).toBe(201);
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

  test('UX 26 T-B22 what is too large, or more than is left, is refused before it is sent, and comes back when it ends', async () => {
    const refused = await drop(freelancer, { roomId, size: 16 * mebibyte + 1 });
    expect(refused.status).toBe(413);
    expect(refused.text).toContain(String(16 * mebibyte));
    const before = await usedBy(freelancer);
    await app.sql('update storage_usage set limit_bytes = bytes + 1000 where owner_id = $1', [freelancer.id]);
    const opened = await openUpload(freelancer, { roomId, size: 900 });
    expect(opened.status).toBe(201);
    const full = await drop(freelancer, { roomId, size: 101 });
    expect({ status: full.status, text: full.text }).toMatchObject({
      status: 413,
      text: expect.stringContaining('100 bytes') as string,
    });
    expect((await drop(client, { roomId })).status).toBe(204);
    // Twenty at once share the last bytes and no more.
    const many = await Promise.all(Array.from({ length: 20 }, () => openUpload(freelancer, { roomId, size: 20 })));
    expect(many.filter(({ status }) => status === 201)).toHaveLength(5);
    for (const upload of [opened, ...many.filter(({ status }) => status === 201)]) {
      const path = `${freelancer.base}/api/v1/uploads/${uploadIdOf(upload)}`;
      await fetch(path, { method: 'DELETE', headers: { ...credentials(freelancer), ...tus } });
    }
    expect(await usedBy(freelancer)).toBe(before);
    await app.sql('update storage_usage set limit_bytes = null');
  });

  const png = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex');
  test.each([
    ['a program under a picture’s name', 'photo.png', Buffer.from('MZ\0\0')],
    ['text under a picture’s name', 'photo.png', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>')],
    ['nothing under a picture’s name', 'photo.jpg', Buffer.alloc(0)],
    ['a picture under a text’s name', 'notes.txt', png],
    ['bytes under a text’s name', 'page.html', Buffer.from([0, 1, 2, 3])],
    ['no drawing under a drawing’s name', 'logo.svg', Buffer.from('just words')],
    ['an archive under a document’s name', 'report.pdf', Buffer.from('504b0304', 'hex')],
    ['a program by its last name', 'invoice.pdf.exe', Buffer.from('MZ')],
  ])('T-B17 %s is refused, and leaves nothing', async (_, name, content) => {
    const before = await usedBy(freelancer);
    const { status, text, uploadId } = await drop(freelancer, { roomId, name, content });
    expect({ status, code: (JSON.parse(text) as { code: string }).code }).toEqual({ status: 415, code: 'unsupported' });
    expect(await usedBy(freelancer)).toBe(before);
    expect(await staged()).not.toContain(uploadId);
  });

  test.each([
    ['../../etc/passwd', 'passwd'],
    ['..\\..\\boot.ini', 'boot.ini'],
    ['/absolute/name.txt', 'name.txt'],
    ['%2e%2e%2fname.txt', '%2e%2e%2fname.txt'],
    ['nul\0byte.txt', 'nulbyte.txt'],
    ['CON', 'CON'],
    ['..', 'unnamed'],
    ['.hidden', '.hidden'],
    ['-rf', '-rf'],
    ['two\r\nlines\u2028here.txt', 'twolineshere.txt'],
    ['invoice\u202efdp.txt', 'invoicefdp.txt'],
    [`${'ü'.repeat(300)}.txt`, `${'ü'.repeat(125)}.txt`],
    ['"quoted"; filename=evil.txt', '"quoted"; filename=evil.txt'],
    // The same word, whichever way a keyboard or a file system puts its letters together.
    ['u\u0308bung.txt', '\u00fcbung.txt'],
  ])('T-B14 T-B18 T-B31 the name %j is shown harmlessly and stored under another', async (given, shown) => {
    const { fileId } = await mustDrop(freelancer, { roomId, name: given });
    const { file } = await client.must(files.getFile, { params: { fileId } });
    expect(file.name).toBe(shown);
    const [object] = await app.sql<{ storage_key: string }>(
      `select o.storage_key from file_objects o join file_versions v on v.object_id = o.id where v.file_id = $1`,
      [fileId],
    );
    expect(object?.storage_key).toMatch(/^objects\/[0-9a-f]{2}\/[0-9a-f]{64}\.[0-9a-f-]{36}$/);
    const { headers } = await getContent(client, fileId);
    const disposition = headers.get('content-disposition') ?? '';
    expect(disposition).toMatch(
      /^attachment; filename="[ !#-:<-[\]-~]*"; filename\*=UTF-8''[A-Za-z0-9%!#$&+.^_`|~-]*$/,
    );
    expect(decodeURIComponent(disposition.split("UTF-8''")[1] ?? '')).toBe(shown);
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

  test('H04 what arrives is what was sent: a hash the sender gives is compared', async () => {
    const content = 'exactly this';
    expect((await drop(freelancer, { roomId, content, sha256: hashOf(Buffer.from(content)) })).status).toBe(204);
    expect((await drop(freelancer, { roomId, content, sha256: hashOf(Buffer.from('that')) })).status).toBe(409);
  });
});
