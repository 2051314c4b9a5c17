import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import sharp, { type Sharp } from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createLog } from '../log.ts';
import { openImaging, type ImageType, type SourceType } from './imaging.ts';

const imaging = openImaging(createLog({ level: 'silent', pretty: false }));
let folder: string;
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'safesend-imaging-'))));
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The most memory a child of this process had meanwhile, in MB; zero where the system does not say. */
async function peakOf(work: () => Promise<unknown>): Promise<number> {
  let peak = 0;
  const look = async () => {
    const children = await readFile(`/proc/self/task/${process.pid}/children`, 'utf8').catch(() => '');
    for (const pid of children.split(' ').filter(Boolean)) {
      const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
      peak = Math.max(peak, Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) / 1024);
    }
  };
  const looking = setInterval(() => void look(), 20);
  await work().finally(() => clearInterval(looking));
  return peak;
}

async function render(type: SourceType, content: Uint8Array | string) {
  const source = join(folder, 'source');
  await writeFile(source, content);
  return imaging.render(source, type, [{ path: join(folder, 'out.webp'), pixels: 320 }]);
}

/** A PNG that says how large it is, and holds nothing of it. */
function promisedPng(width: number, height: number): Buffer {
  const header = Buffer.alloc(17);
  header.write('IHDR', 0, 'latin1');
  header.writeUInt32BE(width, 4);
  header.writeUInt32BE(height, 8);
  header.set([8, 2, 0, 0, 0], 12);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(header));
  return Buffer.concat([Buffer.from('89504e470d0a1a0a0000000d', 'hex'), header, sum]);
}

function promisedTiff(side: number): Buffer {
  const tags = [
    [256, 4, side],
    [257, 4, side],
    [258, 3, 8],
    [259, 3, 1],
    [262, 3, 1],
    [273, 4, 8],
    [277, 3, 1],
    [278, 4, side],
    [279, 4, side],
  ];
  const file = Buffer.alloc(8 + 2 + tags.length * 12 + 4);
  file.write('II*\0', 0, 'latin1');
  file.writeUInt32LE(8, 4);
  file.writeUInt16LE(tags.length, 8);
  for (const [at, [tag = 0, type = 0, value = 0]] of tags.entries()) {
    file.writeUInt16LE(tag, 10 + at * 12);
    file.writeUInt16LE(type, 12 + at * 12);
    file.writeUInt32LE(1, 14 + at * 12);
    file.writeUInt32LE(value, 18 + at * 12);
  }
  return file;
}

function manyFrames(count: number): Buffer {
  const head = Buffer.concat([Buffer.from('GIF89a'), Buffer.from([1, 0, 1, 0, 0x80, 0, 0, 255, 0, 0, 0, 0, 0])]);
  const frame = Buffer.from([0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 1, 0]);
  return Buffer.concat([head, ...Array.from({ length: count }, () => frame), Buffer.from([0x3b])]);
}

/** Ten times ten times ten…: a billion shapes in a kilobyte. */
function billionShapes(): string {
  const levels = Array.from({ length: 9 }, (_, n) => `<g id="s${n + 1}">${`<use href="#s${n}"/>`.repeat(10)}</g>`);
  const defs = `<defs><rect id="s0" width="9" height="9"/>${levels.join('')}</defs>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="90" height="90">${defs}<use href="#s9"/></svg>`;
}

const svgOf = (width: string, inside = '') =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${width}">${inside}</svg>`;
const flat = (side: number): Sharp =>
  sharp({ create: { width: side, height: side, channels: 3, background: 'red' }, limitInputPixels: false });

test('T-B19 what would fill the memory is refused by its measures, in a process that stays small', async () => {
  const small = await peakOf(async () =>
    expect(await render('image/png', await flat(10).png().toBuffer())).not.toBeNull(),
  );
  const bombs: [ImageType, Uint8Array | string][] = [
    ['image/png', await flat(14_000).png().toBuffer()],
    ['image/png', promisedPng(16_384, 16_384)],
    ['image/tiff', promisedTiff(20_000)],
    ['image/svg+xml', billionShapes()],
    ['image/svg+xml', svgOf('100000')],
    ['image/svg+xml', svgOf('10', `<g>${'<!-- -->'.repeat(700_000)}</g>`)],
  ];
  for (const [type, content] of bombs) {
    const peak = await peakOf(async () => expect(await render(type, content), type).toBeNull());
    expect(peak - small, type).toBeLessThan(150);
  }
  const frames = await peakOf(() => render('image/gif', manyFrames(10_000)));
  expect(frames - small).toBeLessThan(150);
}, 60_000);

test('T-B19 a broken image of any type is no picture, and the next one is', async () => {
  const types = { png: 'png', jpeg: 'jpeg', gif: 'gif', webp: 'webp', avif: 'avif', tiff: 'tiff' } as const;
  for (const format of Object.values(types)) {
    const whole = await flat(300).toFormat(format).toBuffer();
    expect(await render(`image/${format}`, whole), format).toMatchObject([{ width: 300, height: 300 }]);
    expect(await render(`image/${format}`, Buffer.alloc(2_000, 'x')), format).toBeNull();
    const scrambled = Buffer.from(whole.map((byte, at) => (at > 40 && at % 7 === 0 ? byte ^ 0x5a : byte)));
    await render(`image/${format}`, scrambled);
  }
  expect(await render('image/png', await flat(20).jpeg().toBuffer()), 'by its own decoder alone').toBeNull();
  expect(await render('image/png', await flat(20).png().toBuffer())).toMatchObject([{ width: 20 }]);
}, 60_000);

/** A document of one page: what is drawn on it, what it carries, and what it would do when it is opened. */
function documentOf(drawing: string, { image = '', action = '', box = '0 0 300 150' } = {}): Buffer {
  const resources = image === '' ? '<< >>' : '<< /XObject << /I 5 0 R >> >>';
  const objects = [
    `<< /Type /Catalog /Pages 2 0 R ${action} >>`,
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    `<< /Type /Page /Parent 2 0 R /MediaBox [${box}] /Contents 4 0 R /Resources ${resources} >>`,
    `<< /Length ${drawing.length} >>\nstream\n${drawing}\nendstream`,
    ...(image === '' ? [] : [image]),
  ];
  const body = objects.map((object, at) => `${at + 1} 0 obj\n${object}\nendobj\n`).join('');
  return Buffer.from(`%PDF-1.7\n${body}trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\n%%EOF\n`, 'latin1');
}

const redPage = '1 0 0 rg 0 0 300 150 re f';

test('H10 of a document the first page is drawn, and of what is none, nothing', async () => {
  expect(await render('application/pdf', documentOf(redPage))).toMatchObject([{ width: 320, height: 160 }]);
  // From its bytes: the library remembers files by their names.
  const { dominant } = await sharp(await readFile(join(folder, 'out.webp'))).stats();
  expect(dominant.r, 'it is red').toBeGreaterThan(200);
  expect(dominant.g).toBeLessThan(60);
  expect(await render('application/pdf', documentOf(redPage).subarray(0, 40)), 'cut off').toBeNull();
  expect(await render('application/pdf', Buffer.alloc(2_000, 'x')), 'no document').toBeNull();
});

test('T-B15 T-B19 a document runs no script, opens no file and cannot fill the memory', async () => {
  const action = `/OpenAction << /S /JavaScript /JS (app.alert\\(1\\)) >>`;
  expect(await render('application/pdf', documentOf(redPage, { action }))).not.toBeNull();
  const small = await peakOf(() => render('application/pdf', documentOf(redPage)));
  const side = 30_000;
  const image = `<< /Type /XObject /Subtype /Image /Width ${side} /Height ${side} /ColorSpace /DeviceRGB /BitsPerComponent 8 /Length 3 >>\nstream\nabc\nendstream`;
  const bombs = [
    documentOf(`q 300 0 0 150 0 0 cm /I Do Q`, { image }),
    documentOf(redPage, { box: '0 0 1000000 1000000' }),
    documentOf(redPage, { box: '0 0 1000000 1' }),
  ];
  for (const [at, bomb] of bombs.entries()) {
    const peak = await peakOf(() => render('application/pdf', bomb));
    expect(peak - small, String(at)).toBeLessThan(150);
  }
}, 60_000);

test('T-B15 a drawing reads no file and shows no script', async () => {
  await writeFile(join(folder, 'secret.png'), await flat(10).png().toBuffer());
  const drawing = svgOf('10', `<image href="secret.png" width="10" height="10"/><script>throw 1</script>`);
  expect(await render('image/svg+xml', drawing)).toMatchObject([{ width: 10 }]);
  const { channels } = await sharp(join(folder, 'out.webp')).stats();
  expect(Math.max(...channels.map(({ max }) => max)), 'nothing was drawn').toBe(0);
});
