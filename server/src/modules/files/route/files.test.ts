import { createHash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import * as accounts from '@safesend/shared/accounts/calls.ts';
import * as files from '@safesend/shared/files/calls.ts';
import * as rooms from '@safesend/shared/rooms/calls.ts';
import { expect, test } from 'vitest';
import { askUpload, credentials, drop, droppedOf, getContent, mustDrop, someBytes } from '../../../../test/drops.ts';
import { joinProject, projectOf, signUp, type Person } from '../../../../test/harness.ts';
import { onEveryStore } from '../../../../test/stored-room.ts';

const hashOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

onEveryStore('H07', (room) => {
  test('H04 UX 24 any range of a file is exactly those bytes, and what is out of range says so', async () => {
    const { client, freelancer, roomId } = room;
    const bytes = someBytes(1_000_000);
    const { fileId } = await mustDrop(freelancer, { roomId, name: 'range.bin', content: bytes });
    const ranges: [string, number, number][] = [
      ['bytes=0-0', 0, 1],
      ['bytes=0-', 0, bytes.length],
      ['bytes=999999-', 999_999, bytes.length],
      ['bytes=-5', bytes.length - 5, bytes.length],
      ['bytes=-5000000', 0, bytes.length],
      ['bytes=100-299999', 100, 300_000],
      ['bytes=100-99999999', 100, bytes.length],
    ];
    for (const [range, start, end] of ranges) {
      const got = await getContent(client, fileId, 1, { range });
      expect(got.status, range).toBe(206);
      expect(got.headers.get('content-range'), range).toBe(`bytes ${start}-${end - 1}/${bytes.length}`);
      expect(hashOf(new Uint8Array(await got.arrayBuffer())), range).toBe(hashOf(bytes.subarray(start, end)));
    }
    for (const range of ['bytes=1000000-', 'bytes=-0']) {
      const got = await getContent(client, fileId, 1, { range });
      expect([got.status, got.headers.get('content-range')], range).toEqual([416, `bytes */${bytes.length}`]);
    }
    for (const range of ['bytes=0-1,5-6', 'chunks=0-1', 'bytes=5-1', 'bytes=-', 'bytes=0x1-2']) {
      expect((await getContent(client, fileId, 1, { range })).status, range).toBe(200);
    }
  });

  test('T-B15 H09 content is a download of an opaque origin that no shared cache keeps', async () => {
    const { client, freelancer, roomId } = room;
    const html = '<!doctype html><script>alert(1)</script>';
    const { fileId } = await mustDrop(freelancer, { roomId, name: 'page.html', content: html });
    const { status, headers } = await getContent(client, fileId);
    expect(status).toBe(200);
    expect(Object.fromEntries(headers)).toMatchObject({
      'content-type': 'text/html',
      'content-disposition': expect.stringMatching(/^attachment; /) as string,
      'x-content-type-options': 'nosniff',
      'content-security-policy': expect.stringContaining('sandbox') as string,
      'cache-control': 'private, no-cache',
      'cross-origin-resource-policy': 'same-origin',
      'content-length': String(html.length),
    });
    const tag = headers.get('etag') ?? '';
    expect(tag).toBe(`"${hashOf(Buffer.from(html))}"`);
    // As it was given, as a proxy that compresses weakens it, and one of several that a reader keeps.
    for (const known of [tag, `W/${tag}`, `"other", ${tag}`])
      expect((await getContent(client, fileId, 1, { 'if-none-match': known })).status, known).toBe(304);
    for (const unknown of ['"other"', '"other", W/"another"'])
      expect((await getContent(client, fileId, 1, { 'if-none-match': unknown })).status, unknown).toBe(200);
    const path = `${client.base}/api/v1/files/${fileId}/versions/1/content`;
    const head = await fetch(path, { method: 'HEAD', headers: credentials(client) });
    expect([head.status, head.headers.get('content-length')]).toEqual([200, String(html.length)]);
    const stale = await getContent(client, fileId, 1, { range: 'bytes=0-1', 'if-range': '"other"' });
    expect(stale.status).toBe(200);
  });

  test('T-A6 L7 who is removed gets no byte more: not whole, not a range, not even "not modified"', async () => {
    const { app, client, freelancer, roomId, projectId } = room;
    const other = await signUp(app, 'freelancer');
    await joinProject(client, other, projectId);
    const { fileId } = await mustDrop(freelancer, { roomId });
    const tag = (await getContent(other, fileId)).headers.get('etag') ?? '';
    await client.must(rooms.removeMember, { params: { roomId, userId: other.id } });
    for (const headers of [{}, { range: 'bytes=0-1' }, { 'if-none-match': tag }, { 'if-none-match': '*' }]) {
      expect((await getContent(other, fileId, 1, headers)).status).toBe(404);
    }
    expect((await other.call(files.getFile, { params: { fileId } })).status).toBe(404);
    expect((await other.must(files.listFiles)).items.map(({ id }) => id)).not.toContain(fileId);
  });

  test('T-A6 H08 a download that is running is cut when its reader is removed, or signs out', async () => {
    const { app, client, freelancer, roomId, projectId } = room;
    const { fileId } = await mustDrop(freelancer, { roomId, name: 'long.bin', content: someBytes(40_000_000) });
    const cut = async (person: Person, end: () => Promise<unknown>) => {
      const reader = (await getContent(person, fileId)).body?.getReader();
      let received = (await reader?.read())?.value?.length ?? 0;
      await end();
      const readOn = async () => {
        for (let next = await reader?.read(); next && !next.done; next = await reader?.read()) {
          received += next.value.length;
          // A reader on a slow line.
          await pause(25);
        }
      };
      await expect(readOn()).rejects.toThrow();
      expect(received).toBeLessThan(40_000_000);
    };
    const [gone, leaving] = await Promise.all([signUp(app, 'freelancer'), signUp(app, 'freelancer')]);
    for (const person of [gone, leaving]) await joinProject(client, person, projectId);
    await cut(gone, () => client.must(rooms.removeMember, { params: { roomId, userId: gone.id } }));
    await cut(leaving, () => leaving.must(accounts.logout));
  });

  test('E14 who sees the room from his joining on sees the versions from there on', async () => {
    const { app, client, freelancer, roomId, projectId } = room;
    const { fileId } = await mustDrop(freelancer, { roomId, content: 'early' });
    const late = await signUp(app, 'freelancer');
    await joinProject(client, late, projectId, 'join');
    expect((await late.call(files.getFile, { params: { fileId } })).status).toBe(404);
    await mustDrop(freelancer, { roomId, fileId, content: 'late' });
    expect((await getContent(late, fileId, 1)).status).toBe(404);
    expect(await (await getContent(late, fileId, 2)).text()).toBe('late');
    const { versions } = await late.must(files.getFile, { params: { fileId } });
    expect(versions.map(({ version }) => version)).toEqual([2]);
  });

  test('L7 whoever comes back later does not get by joining what was added to his file while he was away', async () => {
    const { app, client, roomId, projectId } = room;
    const away = await signUp(app, 'freelancer');
    await joinProject(client, away, projectId);
    const { fileId } = await mustDrop(away, { roomId, content: 'mine' });
    await client.must(rooms.removeMember, { params: { roomId, userId: away.id } });
    await mustDrop(client, { roomId, fileId, content: 'not for him' });
    await joinProject(client, away, projectId, 'join');
    expect((await getContent(away, fileId, 2)).status).toBe(404);
    const { fileId: lure } = await mustDrop(away, { roomId, content: 'lure' });
    const joined = await away.call(files.joinFile, { params: { fileId: lure }, body: { fileId } });
    expect(joined.status).toBe(404);
    expect((await getContent(away, lure, 2)).status).toBe(404);
    expect(await (await getContent(client, fileId, 2)).text(), 'and it is still there').toBe('not for him');
  });

  test('H02 the lists page through what I may open, by name, kind and person', async () => {
    const { client, freelancer } = room;
    const { roomId: own } = await projectOf(client, freelancer);
    const dropped = [];
    for (const name of ['Alpha.txt', 'beta.txt', 'gamma.bin']) {
      const content = name.endsWith('bin') ? Buffer.from([0, 1, 2]) : name;
      dropped.push((await mustDrop(name === 'beta.txt' ? client : freelancer, { roomId: own, name, content })).fileId);
    }
    const list = async (query: Record<string, string | number>) => {
      const { items } = await client.must(files.listRoomFiles, { params: { roomId: own }, query });
      return items.map(({ name }) => name);
    };
    expect(await list({})).toEqual(['gamma.bin', 'beta.txt', 'Alpha.txt']);
    expect(await list({ q: 'ALPH' })).toEqual(['Alpha.txt']);
    expect(await list({ kind: 'other' })).toEqual(['gamma.bin']);
    expect(await list({ by: client.id })).toEqual(['beta.txt']);
    const first = await client.must(files.listFiles, { query: { roomId: own, limit: 2 } });
    const rest = await client.must(files.listFiles, {
      query: { roomId: own, limit: 2, cursor: first.nextCursor ?? '' },
    });
    expect([...first.items, ...rest.items].map(({ id }) => id)).toEqual(dropped.toReversed());
    expect(rest.nextCursor).toBeNull();
    await mustDrop(freelancer, { roomId: own, fileId: dropped[0] ?? '', name: 'Alpha.txt' });
    expect(await list({}), 'a new version makes its file the newest').toEqual(['Alpha.txt', 'gamma.bin', 'beta.txt']);
    const next = { query: { roomId: own, limit: 1, cursor: first.nextCursor ?? '' } };
    expect((await client.must(files.listFiles, next)).items, 'a page that goes on repeats nothing').toEqual([]);
    for (const cursor of ['x', dropped[0] ?? '', Buffer.from('2026-01-01 x').toString('base64url')])
      expect((await client.call(files.listFiles, { query: { cursor } })).status).toBe(422);
  });

  test('G8 while the store is away nothing half is seen, and what was sent is there when it is back', async () => {
    const { app, s3, client, freelancer, roomId } = room;
    if (!s3) return;
    const bytes = someBytes(50_000);
    const { fileId: earlier } = await mustDrop(freelancer, { roomId, name: 'earlier.bin', content: bytes });
    s3.away(true);
    expect((await getContent(client, earlier)).status, 'what lies there can be asked for again').toBe(503);
    const dropped = await drop(freelancer, { roomId, name: 'patient.bin', content: bytes });
    expect(dropped.status).toBe(503);
    expect((await app.sql(`select 1 from files where name = 'patient.bin'`)).length).toBe(0);
    s3.away(false);
    const { fileId } = await droppedOf(await askUpload(freelancer, dropped.uploadId), dropped.uploadId);
    expect(hashOf(new Uint8Array(await (await getContent(client, fileId)).arrayBuffer()))).toBe(hashOf(bytes));
  });
});
