import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import type { AddressInfo } from 'node:net';
import { request } from 'node:http';
import { join } from 'node:path';
import * as files from '@safesend/shared/files/calls.ts';
import { newId } from '@safesend/shared/ids.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { drop, getContent, mustDrop, openUpload, sendBytes, someBytes, tus, uploadIdOf } from '../../../test/drops.ts';
import { projectOf, signUp, startTestApp, type Person, type TestApp } from '../../../test/harness.ts';
import { patience, trials } from '../../../test/tier.ts';
import { createLog } from '../../kernel/log.ts';
import { openScanner } from '../../kernel/ports/scanner.ts';
import { ownsRoom } from '../projects/service/rooms.ts';
import { findCondition } from './service/condition.ts';
import { endExpired, finishComplete, sweep, verify } from './jobs.ts';
import type { IngestDeps } from './service/ingest.ts';
import { Leases } from './service/leases.ts';
import { startedOnEveryStore } from '../../../test/stored-room.ts';

startedOnEveryStore((start) => {
  let app: TestApp;
  let deps: IngestDeps;
  let client: Person;
  let roomId: string;

  beforeAll(async () => {
    app = await start();
    client = await signUp(app);
    ({ roomId } = await projectOf(client));
    const log = createLog({ level: 'silent', pretty: false });
    deps = {
      ...{ orm: app.orm, transact: app.transact, ownsRoom, scanner: null, log },
      storage: app.files.storage,
      leases: new Leases(app.orm, log, join(app.dataDir, 'staging')),
      intake: app.files.intake,
      staging: join(app.dataDir, 'staging'),
    };
  });
  afterAll(() => app.close());

  const staged = () => readdir(join(app.dataDir, 'staging'));
  const known = new Set<string>();
  /** Of all objects that ever had a row, those whose bytes are there. */
  const stored = async () => {
    for (const { key } of await app.sql<{ key: string }>('select storage_key as key from file_objects')) known.add(key);
    const there: string[] = [];
    for (const key of [...known].sort()) if ((await deps.storage.size(key)) !== null) there.push(key);
    return there;
  };
  const used = async () => (await client.must(files.getStorage, { params: { roomId } })).mine.usedBytes;
  const pass = async (seconds: number) => {
    await fetch(`${client.base}/api/v1/test/clock`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ advanceSeconds: seconds }),
    });
  };

  test('T-F27 X19 an upload nobody goes on with ends: its room comes back and nothing of it stays', async () => {
    const before = await used();
    const uploadId = uploadIdOf(await openUpload(client, { roomId, content: someBytes(5_000) }));
    await sendBytes(client, uploadId, 0, someBytes(3_000));
    expect(await used()).toBe(before + 5_000);
    await endExpired(deps);
    expect(await staged()).toContain(uploadId);
    await app.sql(`update uploads set expires_at = product_now() where id = $1`, [uploadId]);
    await endExpired(deps);
    await sweep(deps);
    expect(await used()).toBe(before);
    expect(await staged()).not.toContain(uploadId);
  });

  /** Sends this much of an upload and hangs up. */
  function cutAfter(uploadId: string, bytes: Uint8Array, length: number): Promise<void> {
    return new Promise((gone) => {
      const sending = request(`${client.base}/api/v1/uploads/${uploadId}`, {
        method: 'PATCH',
        headers: {
          ...{ ...tus, cookie: client.cookie, 'upload-offset': '0', 'content-length': String(length) },
          'content-type': 'application/offset+octet-stream',
        },
      });
      sending.on('error', () => undefined).once('close', () => gone());
      sending.write(bytes, () => sending.destroy());
    });
  }

  test(
    'T-F27 uploads cut anywhere are never seen, and all they took comes back',
    async () => {
      const [before, content] = [await used(), someBytes(10_000_000)];
      const cuts = trials(100);
      for (let cut = 0; cut < cuts; cut++) {
        const uploadId = uploadIdOf(await openUpload(client, { roomId, name: 'cut.bin', content }));
        const share = (cut + 1) / (cuts + 1);
        await cutAfter(uploadId, content.subarray(0, Math.floor(content.length * share)), content.length);
      }
      expect((await client.must(files.listFiles, { query: { q: 'cut.bin' } })).items).toEqual([]);
      await app.sql(`update uploads set expires_at = product_now() where status = 'open'`);
      await endExpired(deps);
      await sweep(deps);
      expect(await used()).toBe(before);
      expect(await staged()).toEqual([]);
    },
    patience(20_000),
  );

  test('T-F28 what lies in the staging folder and belongs to no upload is removed', async () => {
    await mkdir(deps.staging, { recursive: true });
    const stranger = newId();
    await writeFile(join(deps.staging, stranger), 'of another time');
    await sweep(deps);
    expect(await staged()).not.toContain(stranger);
  });

  test('G8 a complete upload whose request never ended is finished by the next round', async () => {
    const content = someBytes(4_000);
    const uploadId = uploadIdOf(await openUpload(client, { roomId, name: 'alone.bin', content }));
    // The last byte arrived, and then the process died.
    await writeFile(join(deps.staging, uploadId), content);
    await finishComplete(deps);
    const { items } = await client.must(files.listFiles, { query: { q: 'alone.bin' } });
    expect(items).toHaveLength(1);
    await finishComplete(deps);
    expect((await client.must(files.listFiles, { query: { q: 'alone.bin' } })).items).toHaveLength(1);
  });

  test('H03 the bytes of a removed file go after a day, those of a restored version stay with its file', async () => {
    const before = await stored();
    const { fileId } = await mustDrop(client, { roomId, content: 'first' });
    await mustDrop(client, { roomId, fileId, content: 'second' });
    await client.must(files.restoreVersion, { params: { fileId }, body: { version: 1 } });
    expect(await stored()).toHaveLength(before.length + 2);
    await client.must(files.removeFile, { params: { fileId } });
    await sweep(deps);
    expect(await stored(), 'a backup may be reading').toHaveLength(before.length + 2);
    await pass(24 * 3_600 + 1);
    await sweep(deps);
    expect(await stored()).toEqual(before);
    const { file } = await client.must(files.getFile, { params: { fileId } });
    expect(file.removedAt).not.toBeNull();
  });

  test('H04 bytes that changed on the disk are found within a week and served no more', async () => {
    const { fileId } = await mustDrop(client, { roomId, content: 'as it was' });
    const { fileId: intact } = await mustDrop(client, { roomId, content: 'as it is' });
    const [object] = await app.sql<{ storage_key: string }>(
      'select o.storage_key from file_objects o join file_versions v on v.object_id = o.id where v.file_id = $1',
      [fileId],
    );
    const lay = async (bytes: string) => {
      const path = join(deps.staging, 'laid-over');
      await writeFile(path, bytes);
      await deps.storage.remove(object?.storage_key ?? '');
      await deps.storage.put(object?.storage_key ?? '', path);
      await rm(path, { force: true });
    };
    await lay('as it is not');
    expect(await findCondition(app.orm.em.fork())).toMatchObject({ damaged: 0, overdue: 0 });
    await verify(deps);
    expect((await getContent(client, intact)).status, 'not looked at yet').toBe(200);
    await pass(7 * 24 * 3_600 + 1);
    // Credentials outlive the week; the objects are due.
    await verify(deps);
    expect(await findCondition(app.orm.em.fork()), 'operators are told').toMatchObject({ damaged: 1, overdue: 0 });
    expect((await getContent(client, fileId)).status).toBe(503);
    expect((await getContent(client, intact)).status).toBe(200);
    await lay('as it was');
    await pass(7 * 24 * 3_600 + 1);
    await pass(2 * 24 * 3_600);
    const { objects, overdue } = await findCondition(app.orm.em.fork());
    expect(overdue, 'nobody has looked for longer than is promised').toBe(objects);
    await verify(deps);
    expect(await findCondition(app.orm.em.fork())).toMatchObject({ damaged: 0, overdue: 0 });
    expect((await getContent(client, fileId)).status, 'repaired from a backup').toBe(200);
  });

  /** Speaks clamd's INSTREAM; what it reads is infected when the test string is in it. */
  function startScanner(answerFor: (content: Buffer) => string): Promise<Server> {
    const ping = Buffer.from('zPING\0');
    const server = createServer((socket) => {
      const chunks: Buffer[] = [];
      socket.on('error', () => undefined);
      socket.on('data', (chunk) => {
        chunks.push(chunk);
        const all = Buffer.concat(chunks);
        if (all.equals(ping)) socket.end('PONG\0');
        else if (all.subarray(-4).equals(Buffer.alloc(4))) socket.end(`${answerFor(all)}\0`);
      });
    });
    return new Promise((ready) => server.listen(0, '127.0.0.1', () => ready(server)));
  }
  const addressOf = (server: Server) => `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const eicar = ['X5O!P%@AP[4\\PZX54(P^)7CC)7}$', 'EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*'].join('');

  test('T-B24 H11 what the scanner objects to never becomes a file; while it is away the upload waits; unscanned is said', async () => {
    const scanner = await startScanner((content) =>
      content.includes('EICAR') ? 'stream: Eicar-Signature FOUND' : 'stream: OK',
    );
    const scanned = await startTestApp({ environment: { SCANNER_URL: addressOf(scanner) } });
    const person = await signUp(scanned);
    const { roomId: room } = await projectOf(person);
    expect((await person.must(files.getStorage, { params: { roomId: room } })).scanned).toBe(true);
    const clean = await mustDrop(person, { roomId: room, content: 'harmless' });
    expect((await person.must(files.getFile, { params: { fileId: clean.fileId } })).file.current.scan).toBe('clean');
    const refused = await drop(person, { roomId: room, name: 'eicar.txt', content: eicar });
    expect(refused.status).toBe(415);
    expect((await scanned.sql(`select 1 from files where name = 'eicar.txt'`)).length).toBe(0);
    expect(await readdir(join(scanned.dataDir, 'staging'))).toEqual([]);
    await new Promise((closed) => scanner.close(closed));
    const waiting = await drop(person, { roomId: room, name: 'later.txt', content: 'not yet read' });
    expect(waiting.status).toBe(503);
    expect((await scanned.sql(`select 1 from files where name = 'later.txt'`)).length).toBe(0);
    await scanned.close();
  });

  test('H11 a file larger than the scanner reads, and an answer nobody understands, are not called clean', async () => {
    const path = join(deps.staging, 'scanned.txt');
    await writeFile(path, someBytes(3_000_000));
    const verdict = async (answer: string) => {
      const server = await startScanner(() => answer);
      const scanning = openScanner(addressOf(server))?.scan(path);
      return scanning?.finally(() => server.close());
    };
    expect(await verdict('stream: OK')).toBe('clean');
    expect(await verdict('INSTREAM size limit exceeded. ERROR')).toBe('too_large');
    await expect(verdict('UNKNOWN COMMAND')).rejects.toMatchObject({ code: 'unavailable' });
    await expect(verdict('')).rejects.toMatchObject({ code: 'unavailable' });
    const server = await startScanner(() => 'stream: OK');
    const scanner = openScanner(addressOf(server));
    expect(await scanner?.isThere()).toBe(true);
    await new Promise((closed) => server.close(closed));
    expect(await scanner?.isThere(), 'who is away is not said to be there').toBe(false);
  });
});
