import * as files from '@safesend/shared/files/calls.ts';
import { expect, test } from 'vitest';
import { archiveOf, newPlace, restoreInto } from './archives.ts';
import { getContent, mustDrop, someBytes } from './drops.ts';
import { projectOf, signUp, startTestApp } from './harness.ts';
import { pixel, sendAvatar } from './hostile/world.ts';

test('U09 H07 a restore brings files, their pictures, pictures of people and links, and the bytes are those that were dropped', async () => {
  const app = await startTestApp();
  const client = await signUp(app);
  const { roomId } = await projectOf(client);
  const content = someBytes(300_000);
  const { fileId } = await mustDrop(client, { roomId, name: 'plan.bin', content });
  const picture = await mustDrop(client, { roomId, name: 'red.png', content: pixel });
  const avatarId = await sendAvatar(client);
  const expiresAt = new Date(Date.now() + 86_400_000).toISOString();
  const { token } = await client.must(files.createShareLink, { params: { fileId }, body: { expiresAt } });
  const statusOf = async () =>
    (await client.must(files.getFile, { params: { fileId: picture.fileId } })).previews[0]?.status;
  await expect.poll(statusOf, { timeout: 20_000 }).toBe('ready');
  const archive = await archiveOf(app);
  await app.close();
  const place = await newPlace();
  await restoreInto(place, archive);
  const restored = await startTestApp(place);
  const back = client.at(`http://127.0.0.1:${restored.port}`);
  const got = await getContent(back, fileId);
  expect(Buffer.from(await got.arrayBuffer()).equals(content)).toBe(true);
  const paths = [`/files/${picture.fileId}/versions/1/preview`, `/avatars/${avatarId}`];
  for (const path of paths) {
    const { status, headers } = await fetch(`${back.base}/api/v1${path}`, { headers: { cookie: back.cookie } });
    expect([status, headers.get('content-type')], path).toEqual([200, 'image/webp']);
  }
  const opened = await back.call(files.openShareLink, { body: { token } });
  expect(opened.body.file?.name).toBe('plan.bin');
  await restored.close();
}, 60_000);
