import { setTimeout as pause } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import * as files from '@safesend/shared/files/calls.ts';
import * as rooms from '@safesend/shared/rooms/calls.ts';
import { expect, test } from 'vitest';
import { credentials, mustDrop, someBytes, type Sender } from '../../../../test/drops.ts';
import { joinProject, projectOf, signUp } from '../../../../test/harness.ts';
import { onEveryStore } from '../../../../test/stored-room.ts';

const getFiltered = (sender: Sender, query: Record<string, string>) =>
  fetch(`${sender.base}/api/v1/files/archive?${new URLSearchParams(query)}`, { headers: credentials(sender) });
const getArchive = (sender: Sender, roomId: string) =>
  fetch(`${sender.base}/api/v1/rooms/${roomId}/files/archive`, { headers: credentials(sender) });

/** The entries of a ZIP whose entries are stored as they are, by its central directory. */
function unpack(zip: Buffer): Map<string, Buffer> {
  const entries = new Map<string, Buffer>();
  for (let at = zip.readUInt32LE(zip.length - 6); zip.readUInt32LE(at) === 0x02014b50;) {
    const [size, nameLength, extra, comment] = [24, 28, 30, 32].map((it) =>
      it === 24 ? zip.readUInt32LE(at + it) : zip.readUInt16LE(at + it),
    ) as [number, number, number, number];
    const name = zip.toString('utf8', at + 46, at + 46 + nameLength);
    const local = zip.readUInt32LE(at + 42);
    const begin = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
    const content = zip.subarray(begin, begin + size);
    expect(crc32(content), name).toBe(zip.readUInt32LE(at + 16));
    entries.set(name, content);
    at += 46 + nameLength + extra + comment;
  }
  return entries;
}

onEveryStore('UX 30', (room) => {
  test('UX 30 what a filter finds comes as one ZIP, a folder for each room, and nothing of anybody else', async () => {
    const { app, client, freelancer } = room;
    const [{ roomId: one }, { roomId: other }] = [
      await projectOf(client, freelancer),
      await projectOf(client, freelancer),
    ];
    const own = await signUp(app);
    const { roomId: foreign } = await projectOf(own);
    await mustDrop(freelancer, { roomId: other, name: 'filtered-a.txt', content: 'a' });
    await mustDrop(client, { roomId: one, name: 'filtered-b.txt', content: 'b' });
    await mustDrop(own, { roomId: foreign, name: 'filtered-c.txt', content: 'c' });
    const entriesOf = async (query: Record<string, string>) => {
      const got = await getFiltered(client, query);
      expect(got.status).toBe(200);
      return [...unpack(Buffer.from(await got.arrayBuffer())).keys()].sort();
    };
    const both = await entriesOf({ q: 'filtered' });
    expect(both.map((it) => it.split('/').at(-1)).sort()).toEqual(['filtered-a.txt', 'filtered-b.txt']);
    expect(new Set(both.map((it) => it.split('/')[0])).size, 'rooms of one title are two folders').toBe(2);
    expect(await entriesOf({ q: 'filtered', roomId: one })).toEqual(['filtered-b.txt']);
    expect(await entriesOf({ q: 'filtered', by: freelancer.id })).toEqual(['filtered-a.txt']);
    expect(await entriesOf({ q: 'filtered', kind: 'image' })).toEqual([]);
    expect((await getFiltered(client, { roomId: foreign })).status).toBe(404);
  });

  test('UX 30 one ZIP holds the newest version of every file that is there, each under a name of its own', async () => {
    const { client, freelancer, roomId } = room;
    const bytes = someBytes(200_000);
    const { fileId } = await mustDrop(freelancer, { roomId, name: 'Zeichnung äöü.bin', content: 'old' });
    await mustDrop(freelancer, { roomId, fileId, name: 'new.bin', content: bytes });
    await mustDrop(client, { roomId, name: 'notes.txt', content: 'mine' });
    await mustDrop(freelancer, { roomId, name: 'Notes.txt', content: 'his' });
    await mustDrop(freelancer, { roomId, name: 'empty.txt', content: '' });
    await mustDrop(freelancer, { roomId, name: 'logo.txt', path: 'site/img/logo.txt' });
    const gone = await mustDrop(freelancer, { roomId, name: 'gone.txt' });
    await freelancer.must(files.removeFile, { params: { fileId: gone.fileId } });
    const got = await getArchive(client, roomId);
    expect(got.headers.get('content-disposition')).toMatch(/^attachment; .*\.zip/);
    const entries = unpack(Buffer.from(await got.arrayBuffer()));
    expect([...entries.keys()]).toEqual([
      'Zeichnung äöü.bin',
      'notes.txt',
      'Notes (2).txt',
      'empty.txt',
      'site/img/logo.txt',
    ]);
    expect(entries.get('Zeichnung äöü.bin')?.equals(bytes)).toBe(true);
    expect(entries.get('notes.txt')?.toString()).toBe('mine');
    await expect
      .poll(async () => (await freelancer.must(files.listReceipts, { params: { fileId } })).items, { timeout: 10_000 })
      .toMatchObject([{ version: 2, userId: client.id, complete: true }]);
  });

  test('UX 30 H03 what is removed while the archive is on its way is named in it, and not packed', async () => {
    const { client, freelancer } = room;
    const { roomId } = await projectOf(client, freelancer);
    const long = someBytes(40_000_000);
    await mustDrop(freelancer, { roomId, name: 'long.bin', content: long });
    const { fileId } = await mustDrop(freelancer, { roomId, name: 'withdrawn.txt', content: 'not for you after all' });
    await mustDrop(freelancer, { roomId, name: 'stays.txt', content: 'stays' });
    const reader = ((await getArchive(client, roomId)).body as ReadableStream<Uint8Array>).getReader();
    const received = [(await reader.read()).value ?? new Uint8Array()];
    // Nobody reads on meanwhile, and the first file is larger than what lies on the way.
    await freelancer.must(files.removeFile, { params: { fileId } });
    for (let next = await reader.read(); !next.done; next = await reader.read()) received.push(next.value);
    const entries = unpack(Buffer.concat(received));
    expect([...entries.keys()]).toEqual(['long.bin', 'stays.txt', 'not in this archive.txt']);
    expect(entries.get('long.bin')?.equals(long)).toBe(true);
    expect(entries.get('not in this archive.txt')?.toString()).toBe('withdrawn.txt\n');
  });

  test('T-A6 L7 the archive is cut when its reader is removed, and closed to strangers', async () => {
    const { app, client, freelancer, roomId, projectId } = room;
    const other = await signUp(app, 'freelancer');
    await joinProject(client, other, projectId);
    await mustDrop(freelancer, { roomId, name: 'long.bin', content: someBytes(40_000_000) });
    const reader = (await getArchive(other, roomId)).body?.getReader();
    let received = (await reader?.read())?.value?.length ?? 0;
    await client.must(rooms.removeMember, { params: { roomId, userId: other.id } });
    const readOn = async () => {
      for (let next = await reader?.read(); next && !next.done; next = await reader?.read()) {
        received += next.value.length;
        // A reader on a slow line.
        await pause(20);
      }
    };
    await expect(readOn()).rejects.toThrow();
    expect(received).toBeLessThan(40_000_000);
    for (const who of [other, await signUp(app)]) expect((await getArchive(who, roomId)).status).toBe(404);
  });
});
