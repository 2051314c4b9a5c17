import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { advanceClock } from '@safesend/shared/clock.ts';
import * as files from '@safesend/shared/files/calls.ts';
import { maxFilesPerPerson, maxOpenUploads, maxShareLinks } from '@safesend/shared/files/limits.ts';
import { newId } from '@safesend/shared/ids.ts';
import * as rooms from '@safesend/shared/rooms/calls.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  credentials,
  drop,
  getContent,
  mustDrop,
  openUpload,
  sendBytes,
  someBytes,
  uploadIdOf,
} from '../../../../test/drops.ts';
import {
  joinProject,
  projectOf,
  send,
  signUp,
  startTestApp,
  type Person,
  type TestApp,
} from '../../../../test/harness.ts';
import { createLog } from '../../../kernel/log.ts';
import { ownsRoom } from '../../projects/service/rooms.ts';
import { finishUpload, type IngestDeps } from '../service/ingest.ts';
import { Leases } from '../service/leases.ts';

let app: TestApp;
let client: Person;
let freelancer: Person;
let roomId: string;
let projectId: string;
let deps: IngestDeps;

beforeAll(async () => {
  app = await startTestApp({ environment: { RATE_LIMITS: 'on' } });
  [client, freelancer] = await Promise.all([signUp(app, 'client'), signUp(app, 'freelancer')]);
  ({ roomId, id: projectId } = await projectOf(client, freelancer));
  const log = createLog({ level: 'silent', pretty: false });
  deps = {
    ...{ orm: app.orm, transact: app.transact, ownsRoom, scanner: null, log, storage: app.files.storage },
    leases: new Leases(app.orm, log, join(app.dataDir, 'staging')),
    intake: app.files.intake,
    staging: join(app.dataDir, 'staging'),
  };
});
afterAll(() => app.close());

const share = (who: Person, fileId: string, body: object = {}) =>
  who.call(files.createShareLink, { params: { fileId }, body: { days: 1, ...body } });
const uploadOf = async (who: Person, content: Uint8Array, more: object = {}) =>
  uploadIdOf(await openUpload(who, { roomId, name: 'part.bin', content, ...more }));

test('T-B22 UX 26 a room that is full takes nothing from anybody, and says how much is left', async () => {
  const { roomId: full } = await projectOf(client, freelancer);
  await mustDrop(client, { roomId: full, content: 'x' });
  await app.sql('update storage_usage set limit_bytes = bytes + 10 where owner_id = $1', [full]);
  for (const who of [client, freelancer]) {
    const { status, text } = await drop(who, { roomId: full, content: 'eleven byte' });
    expect({ status, text }).toEqual({ status: 413, text: expect.stringContaining('10 bytes') as string });
  }
  expect((await drop(freelancer, { roomId: full, content: 'ten bytes!' })).status).toBe(204);
  expect((await drop(client, { roomId, content: 'elsewhere there is room' })).status).toBe(204);
});

test('T-B22 empty files count too, and so do uploads that are begun and left', async () => {
  const person = await signUp(app, 'freelancer');
  await joinProject(client, person, projectId);
  expect((await drop(person, { roomId, content: '' })).status).toBe(201);
  await app.sql('update storage_usage set files = $2 where owner_id = $1', [person.id, maxFilesPerPerson]);
  expect((await drop(person, { roomId, content: '' })).status).toBe(413);
  await app.sql('update storage_usage set files = 1 where owner_id = $1', [person.id]);
  await app.sql(
    `insert into uploads (id, user_id, command_id, room_id, name, size, status, created_at, expires_at)
     select uuidv7(), $1, 'left ' || n, $2, 'left.bin', 5, 'open', product_now(), product_now() + interval '1 day'
     from generate_series(1, $3) n`,
    [person.id, roomId, maxOpenUploads],
  );
  expect((await openUpload(person, { roomId, content: 'one more' })).status).toBe(429);
  await app.sql(`update uploads set status = 'ended' where user_id = $1 and command_id = 'left 1'`, [person.id]);
  expect((await openUpload(person, { roomId, content: 'one more' })).status).toBe(201);
});

test('T-A13 a version goes into the room of its file, and into no other', async () => {
  const { roomId: other } = await projectOf(freelancer);
  const { fileId } = await mustDrop(freelancer, { roomId });
  expect((await openUpload(freelancer, { roomId: other, fileId, content: 'strayed' })).status).toBe(404);
});

test('E14 L7 nobody restores or shares a version that came while he was away', async () => {
  const away = await signUp(app, 'freelancer');
  await joinProject(client, away, projectId);
  const { fileId } = await mustDrop(away, { roomId, content: 'mine' });
  await client.must(rooms.removeMember, { params: { roomId, userId: away.id } });
  await mustDrop(client, { roomId, fileId, content: 'not for him' });
  await joinProject(client, away, projectId, 'join');
  const restore = (version: number) => away.call(files.restoreVersion, { params: { fileId }, body: { version } });
  expect((await restore(2)).status).toBe(404);
  expect((await share(away, fileId, { version: 2 })).status).toBe(404);
  expect((await share(away, fileId)).status, 'the newest').toBe(404);
  expect((await share(away, fileId, { version: 1 })).status, 'his own').toBe(201);
  expect((await restore(1)).status).toBe(201);
  expect(await (await getContent(away, fileId, 3)).text()).toBe('mine');
});

test(`UX 29 a file has so many links at once; one that is ended makes room`, async () => {
  const { fileId } = await mustDrop(freelancer, { roomId });
  const { body } = await share(freelancer, fileId);
  await app.sql(
    `insert into share_links (id, file_id, version, created_by, token_hash, created_at, expires_at)
     select uuidv7(), $1, 1, $2, 'hash ' || n, product_now(), product_now() + interval '1 day' from generate_series(2, $3) n`,
    [fileId, freelancer.id, maxShareLinks],
  );
  expect((await share(freelancer, fileId)).status).toBe(409);
  await freelancer.must(files.revokeShareLink, { params: { shareLinkId: body.shareLink.id } });
  expect((await share(freelancer, fileId)).status).toBe(201);
});

test('UX 30 H04 bytes that are damaged are named in an archive, and not packed', async () => {
  const { roomId: room } = await projectOf(freelancer);
  const { fileId } = await mustDrop(freelancer, { roomId: room, name: 'broken.bin', content: 'Harbour' });
  await mustDrop(freelancer, { roomId: room, name: 'sound.bin', content: 'Quay' });
  await app.sql(
    'update file_objects o set damaged_at = product_now() from file_versions v where v.object_id = o.id and v.file_id = $1',
    [fileId],
  );
  const answer = await fetch(`${freelancer.base}/api/v1/rooms/${room}/files/archive`, {
    headers: credentials(freelancer),
  });
  const zip = Buffer.from(await answer.arrayBuffer());
  expect([zip.includes('Harbour'), zip.includes('Quay'), zip.includes('not in this archive.txt')]).toEqual([
    false,
    true,
    true,
  ]);
});

test('H01 T09 T-B17 a program is refused by its content, whatever it is called', async () => {
  const program = Buffer.concat([Buffer.from('MZ'), someBytes(200)]);
  for (const name of ['tool.dat', 'tool', 'tool.v2'])
    expect((await drop(freelancer, { roomId, name, content: program })).status, name).toBe(415);
});

const existsNamed = async (name: string) => (await app.sql('select 1 from files where name = $1', [name])).length > 0;

test('G8 T-F28 what has not arrived whole is no file, whoever asks to finish it', async () => {
  const content = someBytes(5_000);
  const uploadId = await uploadOf(freelancer, content, { name: 'half.bin' });
  await sendBytes(freelancer, uploadId, 0, content.subarray(0, 4_999));
  await expect(finishUpload(deps, uploadId)).rejects.toMatchObject({ code: 'conflict' });
  expect(await existsNamed('half.bin')).toBe(false);
});

test('G8 T-F28 an upload that is ended while its bytes go into the store becomes no file', async () => {
  const content = someBytes(5_000);
  const uploadId = await uploadOf(freelancer, content, { name: 'ended.bin' });
  await writeFile(join(deps.staging, uploadId), content);
  const { storage } = app.files;
  const put = async (key: string, source: string) => {
    await storage.put(key, source);
    await app.sql(`update uploads set status = 'ended' where id = $1`, [uploadId]);
  };
  await expect(finishUpload({ ...deps, storage: { ...storage, put } }, uploadId)).rejects.toMatchObject({
    code: 'missing',
  });
  expect(await existsNamed('ended.bin')).toBe(false);
});

test('T-F27 H03 an upload whose file goes meanwhile is refused, and neither the store nor the quota keeps anything of it', async () => {
  const used = async () => (await freelancer.must(files.getStorage, { params: { roomId } })).mine.usedBytes;
  const objects = async () => (await readdir(join(app.dataDir, 'files', 'objects'), { recursive: true })).join(' ');
  const before = await used();
  const { fileId } = await mustDrop(freelancer, { roomId, content: 'first' });
  const content = someBytes(5_000);
  const uploadId = await uploadOf(freelancer, content, { fileId });
  await sendBytes(freelancer, uploadId, 0, content.subarray(0, 4_000));
  await freelancer.must(files.removeFile, { params: { fileId } });
  expect((await sendBytes(freelancer, uploadId, 4_000, content.subarray(4_000))).status).toBe(409);
  expect(await objects()).not.toContain(uploadId);
  expect(await used()).toBe(before);
});

test('X19 L5 an upload has one writer at a time: the next one asks, and waits until it is let go', async () => {
  const uploadId = await uploadOf(freelancer, someBytes(10));
  const { promise: asked, resolve: ask } = Promise.withResolvers<void>();
  const held = await deps.leases.hold(uploadId, ask);
  const elsewhere = new Leases(app.orm, deps.log, deps.staging);
  let isHeld = false;
  const next = elsewhere
    .hold(uploadId, () => undefined)
    .then((lease) => {
      isHeld = true;
      return lease;
    });
  await asked;
  expect(isHeld).toBe(false);
  expect(await held.giveBack()).toBe(true);
  expect(await (await next).giveBack()).toBe(true);
  elsewhere.stop();
});

// The last one: it moves the clock.
test('UX 29 H08 what a link has opened stays open for an hour, and is opened again after that', async () => {
  const { fileId } = await mustDrop(freelancer, { roomId, content: 'an hour' });
  const { body } = await share(freelancer, fileId);
  const base = freelancer.base;
  const open = async () => (await send(base, files.openShareLink, { body: { token: body.token } })).body.ticket ?? '';
  const read = (ticket: string) => fetch(`${base}/api/v1/shared-files/content?ticket=${encodeURIComponent(ticket)}`);
  const ticket = await open();
  expect(await (await read(ticket)).text()).toBe('an hour');
  await send(base, advanceClock, { body: { advanceSeconds: 3_601 } });
  expect((await read(ticket)).status).toBe(404);
  expect((await read(await open())).status).toBe(200);
  expect((await read(newId())).status).toBe(404);
});
