import * as files from '@safesend/shared/files/calls.ts';
import type { PreviewState } from '@safesend/shared/files/file.ts';
import * as rooms from '@safesend/shared/rooms/calls.ts';
import { setTimeout as pause } from 'node:timers/promises';
import PDFDocument from 'pdfkit';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { credentials, mustDrop, type Sender } from '../../../../test/drops.ts';
import { joinProject, signUp, type Person } from '../../../../test/harness.ts';
import { onEveryStore } from '../../../../test/stored-room.ts';
import { createLog } from '../../../kernel/log.ts';
import { openImaging } from '../../../kernel/ports/imaging.ts';
import { catchUp } from '../service/previews.ts';

const red = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: 'red' }, limitInputPixels: false });

const getPreview = (sender: Sender, fileId: string, query = '', headers: Record<string, string> = {}) =>
  fetch(`${sender.base}/api/v1/files/${fileId}/versions/1/preview${query}`, {
    headers: { ...credentials(sender), ...headers },
  });

/** A sheet twice as wide as high. */
function onePaper(): Promise<Buffer> {
  const paper = new PDFDocument({ size: [600, 300] });
  const parts: Buffer[] = [];
  paper.on('data', (part: Buffer) => parts.push(part));
  paper.text('Harbour contract').end();
  return new Promise((made) => paper.once('end', () => made(Buffer.concat(parts))));
}

async function settled(person: Person, fileId: string): Promise<PreviewState> {
  for (let tries = 0; tries < 400; tries++) {
    const { previews } = await person.must(files.getFile, { params: { fileId } });
    if (previews[0] && previews[0].status !== 'pending') return previews[0];
    await pause(100);
  }
  throw new Error('the picture is still pending');
}

onEveryStore('H10', (room) => {
  test('UX 28 an image gets its pictures after its fact, the open room hears of it, and nothing of the camera stays', async () => {
    const { client, freelancer, roomId } = room;
    const photo = await red(2_000, 1_000)
      .jpeg()
      .withExif({ IFD0: { Copyright: 'whereabouts' } })
      .withMetadata({ orientation: 6 })
      .toBuffer();
    expect(photo.includes('whereabouts')).toBe(true);
    const socket = await client.socket();
    await socket.emitWithAck('room.join', { roomId, after: -1 });
    const heard: { fileId: string; preview: PreviewState }[] = [];
    socket.on('room.preview', (message) => void heard.push(message));
    const { fileId } = await mustDrop(freelancer, { roomId, name: 'photo.jpg', content: photo });
    const early = await getPreview(client, fileId);
    expect([200, 204]).toContain(early.status);
    const state = await settled(client, fileId);
    // Turned the way the camera was held.
    expect(state).toEqual({ version: 1, status: 'ready', width: 800, height: 1_600 });
    await expect
      .poll(() => heard.filter((it) => it.fileId === fileId), { timeout: 10_000 })
      .toEqual([{ roomId, fileId, preview: state }]);
    for (const [query, width, height] of [
      ['', 800, 1_600],
      ['?variant=thumbnail', 160, 320],
    ] as const) {
      const got = await getPreview(client, fileId, query);
      expect(got.headers.get('content-type')).toBe('image/webp');
      const bytes = Buffer.from(await got.arrayBuffer());
      expect(await sharp(bytes).metadata()).toMatchObject({ format: 'webp', width, height });
      expect((await sharp(bytes).metadata()).exif).toBeUndefined();
      expect(bytes.includes('whereabouts')).toBe(false);
    }
    const { items } = await client.must(files.listRoomFiles, { params: { roomId } });
    expect(items.find(({ id }) => id === fileId)?.preview).toEqual(state);
    socket.disconnect();
  });

  test('T-B15 a drawing is shown as pixels, under headers that let nothing run', async () => {
    const { client, freelancer, roomId } = room;
    const svg =
      '<svg xmlns="http://www.w3.org/2000/svg" width="80" height="40"><script>alert(1)</script><rect width="80" height="40"/></svg>';
    const { fileId } = await mustDrop(freelancer, { roomId, name: 'logo.svg', content: svg });
    expect(await settled(client, fileId)).toMatchObject({ status: 'ready', width: 80, height: 40 });
    const got = await getPreview(client, fileId);
    expect(Object.fromEntries(got.headers)).toMatchObject({
      'content-type': 'image/webp',
      'content-disposition': expect.stringMatching(/^inline; /) as string,
      'x-content-type-options': 'nosniff',
      'content-security-policy': expect.stringContaining('sandbox') as string,
      'cache-control': 'private, no-cache',
    });
    expect((await sharp(Buffer.from(await got.arrayBuffer())).metadata()).format).toBe('webp');
  });

  test('T-A6 T-A13 a picture is as closed as its file: for strangers, who was removed, and when it is gone', async () => {
    const { app, client, freelancer, roomId, projectId } = room;
    const other = await signUp(app, 'freelancer');
    await joinProject(client, other, projectId);
    const { fileId } = await mustDrop(freelancer, {
      roomId,
      name: 'plan.png',
      content: await red(40, 30).png().toBuffer(),
    });
    await settled(other, fileId);
    const tag = (await getPreview(other, fileId)).headers.get('etag') ?? '';
    expect((await getPreview(other, fileId, '', { 'if-none-match': tag })).status).toBe(304);
    await client.must(rooms.removeMember, { params: { roomId, userId: other.id } });
    const stranger = await signUp(app);
    for (const who of [other, stranger]) {
      for (const headers of [{}, { range: 'bytes=0-1' }, { 'if-none-match': tag }, { 'if-none-match': '*' }])
        for (const query of ['', '?variant=thumbnail'])
          expect((await getPreview(who, fileId, query, headers)).status).toBe(404);
    }
    await freelancer.must(files.removeFile, { params: { fileId } });
    expect((await getPreview(client, fileId, '', { 'if-none-match': tag })).status).toBe(404);
  });

  test('H10 UX 28 a document gets a picture of its first page, also when its job was lost', async () => {
    const { app, client, freelancer, roomId } = room;
    const paper = await onePaper();
    const { fileId } = await mustDrop(freelancer, { roomId, name: 'paper.pdf', content: paper });
    expect(await settled(client, fileId)).toEqual({ version: 1, status: 'ready', width: 1_600, height: 800 });
    const got = await getPreview(client, fileId, '?variant=thumbnail');
    expect(await sharp(Buffer.from(await got.arrayBuffer())).metadata()).toMatchObject({ width: 320, height: 160 });
    await app.sql('delete from file_previews');
    expect((await client.must(files.getFile, { params: { fileId } })).previews[0]?.status).toBe('pending');
    await app.sql(`update file_objects set created_at = created_at - interval '1 hour'`);
    const storage = app.files.storage;
    await catchUp({
      orm: app.orm,
      io: app.io,
      storage,
      imaging: openImaging(createLog({ level: 'silent', pretty: false })),
    });
    expect((await client.must(files.getFile, { params: { fileId } })).previews[0]?.status).toBe('ready');
  });

  test('H10 what has no picture says so at once', async () => {
    const { client, freelancer, roomId } = room;
    const { fileId } = await mustDrop(freelancer, { roomId, name: 'notes.txt' });
    expect((await client.must(files.getFile, { params: { fileId } })).previews).toEqual([
      { version: 1, status: 'none', width: null, height: null },
    ]);
    expect((await getPreview(client, fileId)).status).toBe(204);
  });
});
