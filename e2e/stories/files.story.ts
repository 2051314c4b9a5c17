import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { expectAgreement } from '../agreement.ts';
import { expect, test, twoInRoom, type Visitor } from '../fixtures.ts';
import { Server } from '../server.ts';

const megabyte = 1024 ** 2;
/** A PNG of one pixel. */
const pixel = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==';

let folder = '';
test.beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'safesend-files-'));
});
test.afterAll(() => rm(folder, { recursive: true, force: true }));

async function fileOf(name: string, content: string | Buffer): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

/** A card in the timeline. */
function card({ timeline }: Visitor, name: string) {
  return timeline.getByRole('article', { name });
}

async function choose({ page }: Visitor, ...paths: string[]): Promise<void> {
  await page.getByLabel('Choose files…').setInputFiles(paths);
}

/** As the pointer does it: over the room, and released. */
async function drop(page: Page, files: Record<string, string>): Promise<void> {
  const transfer = await page.evaluateHandle((contents) => {
    const transfer = new DataTransfer();
    for (const [name, text] of Object.entries(contents)) transfer.items.add(new File([text], name));
    return transfer;
  }, files);
  await page.dispatchEvent('body', 'dragenter', { dataTransfer: transfer });
  await expect(page.getByText('Drop files into Harbour website')).toBeVisible();
  await page.dispatchEvent('body', 'drop', { dataTransfer: transfer });
}

/** How fast the line of a page sends, in bytes a second. */
async function throttle({ context, page }: Visitor, uploadThroughput: number): Promise<void> {
  const devtools = await context.newCDPSession(page);
  await devtools.send('Network.enable');
  await devtools.send('Network.emulateNetworkConditions', {
    offline: false,
    latency: 0,
    downloadThroughput: -1,
    uploadThroughput,
  });
}

function uploads({ page }: Visitor) {
  return page.getByRole('region', { name: /upload|arrived/i });
}

async function percentOf(visitor: Visitor, name: string): Promise<number> {
  const bar = uploads(visitor).getByRole('progressbar', { name });
  if ((await bar.count()) === 0) return -1;
  return Number(await bar.getAttribute('aria-valuenow'));
}

test('F07 H06 UX 21 files dropped on the room appear for the other person at once, each one fact', async ({
  visit,
  server,
}) => {
  const { client, freelancer, roomId } = await twoInRoom(visit, [server, server]);
  await drop(client.page, { 'brief.txt': 'What it should be', 'figures.csv': 'a,b\n1,2' });
  for (const name of ['brief.txt', 'figures.csv']) {
    await expect(card(freelancer, name)).toBeVisible();
    await expect(card(client, name)).toHaveCount(1);
  }
  await expect(uploads(client).getByText('In the room')).toHaveCount(2);
  const download = freelancer.page.waitForEvent('download');
  await card(freelancer, 'brief.txt').getByRole('link', { name: 'Download brief.txt' }).click();
  expect((await download).suggestedFilename()).toBe('brief.txt');
  await expectAgreement(server.url, roomId, { visitor: client }, { visitor: freelancer });
});

test('G04 UX 21 a pasted screenshot and a chosen file go with a message, which names them', async ({
  visit,
  server,
}) => {
  const { client, freelancer, roomId } = await twoInRoom(visit, [server, server]);
  const composer = client.page.getByRole('textbox', { name: 'Message', exact: true });
  await composer.focus();
  await composer.evaluate((box, pixel) => {
    const clipboardData = new DataTransfer();
    const bytes = Uint8Array.from(atob(pixel), (sign) => sign.charCodeAt(0));
    clipboardData.items.add(new File([bytes], 'image.png', { type: 'image/png' }));
    box.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
  }, pixel);
  const attached = client.page.getByRole('list', { name: 'Files of your message' });
  await expect(attached).toContainText(/Screenshot .*\.png/);
  await client.page.getByRole('button', { name: 'Add files' }).click();
  const chooser = client.page.waitForEvent('filechooser');
  await client.page.getByRole('menuitem', { name: 'Choose files…' }).click();
  await (await chooser).setFiles(await fileOf('notes.md', '# Notes'));
  await expect(attached.getByRole('listitem')).toHaveCount(2);
  await expect(attached).not.toContainText('%');
  await client.say('Here is how it looks');
  const files = freelancer.message('Here is how it looks').getByRole('list', { name: 'Files' });
  await expect(files).toContainText(/Screenshot .*\.png/);
  await expect(files).toContainText('notes.md');
  await expect(attached).toHaveCount(0);
  await expectAgreement(server.url, roomId, { visitor: client }, { visitor: freelancer });
});

test('H06 UX 25 an upload is paused, followed to another page, resumed and cancelled', async ({
  visit,
  server,
  line,
}) => {
  line.mayBreak = true;
  const { client, freelancer } = await twoInRoom(visit, [server, server]);
  await throttle(client, 2 * megabyte);
  await choose(
    client,
    await fileOf('film.bin', randomBytes(12 * megabyte)),
    await fileOf('other.bin', randomBytes(12 * megabyte)),
  );
  await expect.poll(() => percentOf(client, 'film.bin')).toBeGreaterThan(0);
  await uploads(client).getByRole('button', { name: 'Pause film.bin' }).click();
  await expect(uploads(client)).toContainText('Paused');
  await client.page.getByRole('link', { name: 'Dashboard' }).first().click();
  await expect(client.page.getByRole('heading', { level: 1, name: /Dashboard|Hello|Welcome|Good/ })).toBeVisible();
  await expect(uploads(client)).toContainText('film.bin');
  const asked = client.page.waitForEvent('dialog');
  const leaving = client.page.close({ runBeforeUnload: true });
  const dialog = await asked;
  expect(dialog.type(), 'leaving asks while something is in flight').toBe('beforeunload');
  await dialog.dismiss();
  await leaving;
  await uploads(client).getByRole('button', { name: 'Cancel other.bin' }).click();
  await throttle(client, -1);
  await uploads(client).getByRole('button', { name: 'Resume film.bin' }).click();
  await expect(uploads(client)).toContainText('In the room');
  await expect(card(freelancer, 'film.bin')).toBeVisible();
  await expect(card(freelancer, 'other.bin')).toHaveCount(0);
});

test('T-F25 UX 24 the server dies half way through an upload: it goes on from there, and becomes one file', async ({
  visit,
  line,
}) => {
  line.mayBreak = true;
  const server = await Server.start();
  try {
    const { client, freelancer, roomId } = await twoInRoom(visit, [server, server]);
    const size = 40 * megabyte;
    const offsets: number[] = [];
    client.page.on('request', (request) => {
      if (request.method() === 'PATCH') offsets.push(Number(request.headers()['upload-offset']));
    });
    await throttle(client, 10 * megabyte);
    await choose(client, await fileOf('large.bin', randomBytes(size)));
    await expect.poll(() => percentOf(client, 'large.bin'), { intervals: [50] }).toBeGreaterThanOrEqual(50);
    await server.kill();
    await expect(uploads(client)).toContainText('goes on by itself');
    await throttle(client, -1);
    await server.start();
    await expect(card(freelancer, 'large.bin')).toHaveCount(1, { timeout: 45_000 });
    expect(offsets.at(-1), 'continued').toBeGreaterThanOrEqual(size * 0.45);
    await expectAgreement(server.url, roomId, { visitor: client }, { visitor: freelancer });
  } finally {
    await server.stop();
  }
});

test('UX 24 after a reload the queue still knows the upload, and the same file chosen again resumes', async ({
  visit,
  server,
  line,
}) => {
  line.mayBreak = true;
  const { client, freelancer } = await twoInRoom(visit, [server, server]);
  const path = await fileOf('again.bin', randomBytes(16 * megabyte));
  await throttle(client, 4 * megabyte);
  await choose(client, path);
  await expect.poll(() => percentOf(client, 'again.bin'), { intervals: [50] }).toBeGreaterThanOrEqual(40);
  await uploads(client).getByRole('button', { name: 'Pause again.bin' }).click();
  await client.page.reload();
  await expect(uploads(client)).toContainText('Choose the file again');
  const offsets: number[] = [];
  client.page.on('request', (request) => {
    if (request.method() === 'PATCH') offsets.push(Number(request.headers()['upload-offset']));
  });
  await throttle(client, -1);
  await choose(client, path);
  await expect(card(freelancer, 'again.bin')).toHaveCount(1);
  expect(offsets).toHaveLength(1);
  expect(offsets[0]).toBeGreaterThanOrEqual(16 * megabyte * 0.3);
});

test('UX 26 a file that will not be taken is refused when it is chosen, and the limit is in the words', async ({
  visit,
  server,
}) => {
  const { client } = await twoInRoom(visit, [server, server]);
  await choose(client, await fileOf('setup.exe', 'MZ'), await fileOf('fine.txt', 'fine'));
  const dialog = client.page.getByRole('dialog', { name: 'This file cannot be added' });
  await expect(dialog).toContainText('Files that end in .exe are not accepted');
  await expect(dialog).toContainText(/Up to 5 GB each, .* left here/);
  await dialog.getByRole('button', { name: 'Add 1 file' }).click();
  await expect(card(client, 'fine.txt')).toBeVisible();
});

test('H05 UX 27 the same name is offered as a new version, and an older one is restored', async ({ visit, server }) => {
  const { client, freelancer, roomId } = await twoInRoom(visit, [server, server]);
  await choose(client, await fileOf('plan.txt', 'first'));
  await expect(card(client, 'plan.txt')).toHaveCount(1);
  await choose(client, await fileOf('plan.txt', 'second, and longer'));
  const question = client.page.getByRole('dialog', { name: 'The room has a file of this name' });
  await expect(question.getByRole('checkbox', { name: 'New version of plan.txt' })).toBeChecked();
  await question.getByRole('button', { name: 'Add 1 file' }).click();
  await expect(freelancer.timeline.getByRole('article', { name: /added version 2, plan.txt/ })).toBeVisible();
  await card(client, 'plan.txt').last().getByRole('button', { name: 'More for plan.txt' }).click();
  await client.page.getByRole('menuitem', { name: 'Versions and details' }).click();
  const versions = client.page.getByRole('dialog', { name: 'plan.txt' });
  await expect(versions.getByRole('listitem')).toHaveCount(2);
  await versions.getByRole('button', { name: 'Restore version 1 as the newest' }).click();
  await expect(versions.getByRole('listitem')).toHaveCount(3);
  await expect(versions.getByRole('listitem').first()).toContainText('restored from version 1');
  await versions.getByRole('button', { name: 'Open version 2' }).click();
  await expect(client.page.getByRole('dialog', { name: 'plan.txt' })).toContainText('second, and longer');
  await expect(freelancer.timeline.getByRole('article', { name: /restored version 1 as version 3/ })).toBeVisible();
  await expectAgreement(server.url, roomId, { visitor: client }, { visitor: freelancer });
});

test('H03 X11 two files of one name are joined, and a removed one leaves its name', async ({ visit, server }) => {
  const { client, freelancer, roomId } = await twoInRoom(visit, [server, server]);
  for (const { page } of [client, freelancer]) await drop(page, { 'offer.txt': page === client.page ? 'one' : 'two' });
  await expect(card(client, 'offer.txt')).toHaveCount(2);
  await client.page.getByRole('button', { name: 'Join offer.txt with the earlier file of this name' }).click();
  await expect(freelancer.timeline.getByRole('article', { name: /added version 2, offer.txt/ })).toBeVisible();
  await expect(freelancer.timeline).toContainText('Joined with another file by Clara Client');
  await card(client, 'offer.txt').last().getByRole('button', { name: 'More for offer.txt' }).click();
  await client.page.getByRole('menuitem', { name: 'Remove' }).click();
  await client.page.getByRole('alertdialog').getByRole('button', { name: 'Remove' }).click();
  await expect(freelancer.timeline.getByText('Removed by Clara Client').first()).toBeVisible();
  await expect(freelancer.timeline.getByRole('link', { name: 'Download offer.txt' })).toHaveCount(0);
  await expectAgreement(server.url, roomId, { visitor: client }, { visitor: freelancer });
});

test('H10 UX 28 pictures, pages, text and what cannot be shown are looked through with the keyboard alone', async ({
  visit,
  server,
}) => {
  const { client } = await twoInRoom(visit, [server, server]);
  const { page } = client;
  const paths = [
    await fileOf('dot.png', Buffer.from(pixel, 'base64')),
    await fileOf('paper.pdf', onePage('Harbour contract')),
    await fileOf('code.ts', 'export const answer: number = 42;'),
    await fileOf('model.step', 'ISO-10303-21;\u0000\u0001\u0002'),
  ];
  for (const path of paths) {
    await choose(client, path);
    await expect(card(client, path.split('/').at(-1) ?? '')).toBeVisible();
  }
  await page.getByRole('button', { name: 'Open dot.png' }).focus();
  await page.keyboard.press('Enter');
  const viewer = (name: string) => page.getByRole('dialog', { name });
  await expect(viewer('dot.png').getByRole('img', { name: 'dot.png' })).toBeVisible();
  await page.keyboard.press('+');
  await expect(viewer('dot.png')).toContainText('150%');
  await page.keyboard.press('ArrowRight');
  await expect(viewer('paper.pdf').getByRole('img', { name: 'Page 1' })).toBeVisible();
  await page.keyboard.press('ArrowRight');
  await expect(viewer('code.ts').locator('.hljs-keyword').first()).toHaveText('export');
  await page.keyboard.press('ArrowRight');
  await expect(viewer('model.step')).toContainText('cannot be shown here');
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('ArrowLeft');
  await expect(viewer('paper.pdf')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);
});

test('T-B11 hostile names of files are text wherever they are shown', async ({ visit, server }) => {
  const { client, freelancer } = await twoInRoom(visit, [server, server]);
  const names = [
    '<img src=x onerror=globalThis.executed=1>.txt',
    `"><svg onload=globalThis.executed=1>.txt`,
    "javascript:globalThis.executed=1;'.txt",
    '\u202egnp.elif.txt',
    '{{constructor.constructor("globalThis.executed=1")()}}.txt',
  ];
  await drop(client.page, Object.fromEntries(names.map((name) => [name, '<script>globalThis.executed=1</script>'])));
  await expect(freelancer.timeline.getByRole('link', { name: /^Download/ })).toHaveCount(names.length);
  await freelancer.timeline.getByRole('button', { name: /^Open <img/ }).click();
  await expect(freelancer.page.getByRole('dialog')).toContainText('<script>globalThis.executed=1</script>');
  await freelancer.page.keyboard.press('Escape');
  await freelancer.page.goto(`${server.url}/files`);
  await expect(freelancer.page.getByRole('main').getByRole('listitem')).toHaveCount(names.length);
  for (const { page } of [client, freelancer]) {
    expect(await page.evaluate(() => Reflect.get(globalThis, 'executed') as unknown)).toBeUndefined();
  }
});

/** The smallest document of one page that says something. */
function onePage(words: string): string {
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
