import { expect, type Locator, type Page } from '@playwright/test';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request, type ClientRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { maxSendingAtOnce } from '../shared/src/files/limits.ts';
import { violationsOf } from './axe.ts';
import type { Visitor } from './fixtures.ts';

export const megabyte = 1024 ** 2;
/** A PNG of one pixel. */
export const pixel = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==';
/** A GIF of two frames of one pixel. */
export const movingPixel =
  'R0lGODlhAQABAIAAAExpcf8AACH/C05FVFNDQVBFMi4wAwEAAAAh+QQFFAAAACwAAAAAAQABAAACAkwBACH5BAUUAAAALAAAAAABAAEAgExpcQAA/wICTAEAOw==';

/** Files on this machine for stories to choose, gone with `close`. */
export class Folder {
  #path = '';

  async open(): Promise<void> {
    this.#path = await mkdtemp(join(tmpdir(), 'safesend-files-'));
  }

  async close(): Promise<void> {
    await rm(this.#path, { recursive: true, force: true });
  }

  async file(name: string, content: string | Buffer): Promise<string> {
    const path = join(this.#path, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
    return path;
  }

  /** A folder in it. */
  at(name: string): string {
    return join(this.#path, name);
  }
}

const tus = (url: string) => ({ origin: url, 'tus-resumable': '1.0.0' });
const ofBytes = { 'upload-offset': '0', 'content-type': 'application/offset+octet-stream' };

/** Answers the address of an upload that was opened as a page does it. */
async function openUpload({ context }: Visitor, url: string, roomId: string, name: string, size: number) {
  const metadata = Object.entries({ roomId, filename: name });
  const opened = await context.request.post(`${url}/api/v1/uploads`, {
    headers: {
      ...tus(url),
      'upload-length': String(size),
      'upload-metadata': metadata.map(([key, value]) => `${key} ${Buffer.from(value).toString('base64')}`).join(','),
    },
  });
  return new URL(opened.headers()['location'] ?? '', url).href;
}

/** A file that a story takes for granted; answers its id. */
export async function dropped(visitor: Visitor, url: string, roomId: string, name: string): Promise<string> {
  const content = Buffer.from(`What ${name} says`);
  const address = await openUpload(visitor, url, roomId, name, content.length);
  const sent = await visitor.context.request.patch(address, { headers: { ...tus(url), ...ofBytes }, data: content });
  return sent.headers()['safesend-file-id'] ?? '';
}

/** Another program of this person sends as many files as he may at once; answers how to end them. */
export async function sendElsewhere(visitor: Visitor, url: string, roomId: string): Promise<() => void> {
  const { context } = visitor;
  const cookie = (await context.cookies(url)).map(({ name, value }) => `${name}=${value}`).join('; ');
  const sendings: ClientRequest[] = [];
  for (let n = 0; n < maxSendingAtOnce; n++) {
    const address = await openUpload(visitor, url, roomId, `elsewhere ${n}.txt`, 2);
    const headers = { ...tus(url), ...ofBytes, cookie, 'content-length': '2' };
    const sending = request(address, { method: 'PATCH', headers });
    sending.on('error', () => undefined).on('response', (response) => response.resume());
    sending.write('a');
    sendings.push(sending);
  }
  const next = await openUpload(visitor, url, roomId, 'one more.txt', 2);
  const headers = { ...tus(url), ...ofBytes };
  await expect.poll(async () => (await context.request.patch(next, { headers, data: '' })).status()).toBe(429);
  return () => sendings.forEach((sending) => sending.end('b'));
}

/** A card in the timeline. */
export function card({ timeline }: Visitor, name: string): Locator {
  return timeline.getByRole('article', { name });
}

/** Puts files to the message that is being written. */
export async function attach({ page }: Visitor, ...paths: string[]): Promise<void> {
  await page.getByLabel('Choose files…').setInputFiles(paths);
}

export async function send({ page }: Visitor): Promise<void> {
  await page.getByRole('button', { name: 'Send', exact: true }).click();
}

export async function choose(visitor: Visitor, ...paths: string[]): Promise<void> {
  await attach(visitor, ...paths);
  await send(visitor);
}

/** As the pointer does it: over the room, and released. */
export async function drop(page: Page, files: Record<string, string>): Promise<void> {
  const transfer = await page.evaluateHandle((contents) => {
    const transfer = new DataTransfer();
    for (const [name, text] of Object.entries(contents)) transfer.items.add(new File([text], name));
    return transfer;
  }, files);
  await page.dispatchEvent('body', 'dragenter', { dataTransfer: transfer });
  await expect(page.getByText('Drop files into Harbour website')).toBeVisible();
  await page.dispatchEvent('body', 'drop', { dataTransfer: transfer });
}

/** As a file manager hands one over; no page can make such a thing by itself. */
export async function dropEmptyFolder(page: Page): Promise<void> {
  const say = (type: string) =>
    page.evaluate((type) => {
      const createReader = () => ({ readEntries: (told: (entries: readonly unknown[]) => void) => told([]) });
      const folder = { isFile: false, isDirectory: true, name: 'void', fullPath: '/void', createReader };
      const value = { types: ['Files'], items: [{ webkitGetAsEntry: () => folder }], files: [] };
      const event = new DragEvent(type, { bubbles: true, cancelable: true });
      document.body.dispatchEvent(Object.defineProperty(event, 'dataTransfer', { value }));
    }, type);
  await say('dragenter');
  await expect(page.getByText('Drop files into Harbour website')).toBeVisible();
  await say('drop');
}

/** How fast the line of a page sends, in bytes a second. */
export async function throttle({ context, page }: Visitor, uploadThroughput: number): Promise<void> {
  const devtools = await context.newCDPSession(page);
  await devtools.send('Network.enable');
  await devtools.send('Network.emulateNetworkConditions', {
    offline: false,
    latency: 0,
    downloadThroughput: -1,
    uploadThroughput,
  });
}

export function uploads({ page }: Visitor): Locator {
  return page.getByRole('region', { name: /upload|arrived/i });
}

/** Unfolds the line of the bar that says how far everything is. */
export async function openUploads(visitor: Visitor): Promise<void> {
  await visitor.page.getByRole('button', { name: /^Uploads: / }).click();
  await expect(uploads(visitor)).toBeVisible();
}

export async function percentOf(visitor: Visitor, name: string): Promise<number> {
  const bar = uploads(visitor).getByRole('progressbar', { name });
  if ((await bar.count()) === 0) return -1;
  return Number(await bar.getAttribute('aria-valuenow'));
}

export async function expectClean(page: Page): Promise<void> {
  for (const [width, colorScheme] of [
    [360, 'light'],
    [1280, 'dark'],
  ] as const) {
    await page.setViewportSize({ width, height: 800 });
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    expect.soft(await violationsOf(page), `UX 70 ${page.url()} at ${width} in ${colorScheme}`).toEqual([]);
  }
}

/** The smallest document of one page that says something. */
export function onePage(words: string): string {
  const content = `BT /F1 24 Tf 72 720 Td (${words}) Tj ET`;
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>',
    `<< /Length ${content.length} >>\nstream\n${content}\nendstream`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
  ];
  let text = '%PDF-1.4\n';
  const offsets = objects.map((object, index) => {
    const offset = text.length;
    text += `${index + 1} 0 obj\n${object}\nendobj\n`;
    return `${String(offset).padStart(10, '0')} 00000 n \n`;
  });
  const start = text.length;
  const size = objects.length + 1;
  text += `xref\n0 ${size}\n0000000000 65535 f \n${offsets.join('')}`;
  return `${text}trailer\n<< /Size ${size} /Root 1 0 R >>\nstartxref\n${start}\n%%EOF\n`;
}
