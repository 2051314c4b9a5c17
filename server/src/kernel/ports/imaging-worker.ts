import { readFile, stat } from 'node:fs/promises';
import type { SharpInput, SharpOptions } from 'sharp';
import { drawFirstPage, watchMemory } from './first-page.ts';
import { isImageType, loaders, type Picture, type SourceType, type Target } from './imaging.ts';

/** The whole life of one image, or of the first page of a document: a process that is started for it and ends with it. */
const maxPixels = 64_000_000;
const maxBytes = 512 * 1024 ** 2;
const svgBytes = 5 * 1024 ** 2;

const { source, type, targets } = JSON.parse(process.argv[2] ?? '{}') as {
  source: string;
  type: SourceType;
  targets: Target[];
};

const { default: sharp } = await import('sharp').catch((error: unknown) => {
  process.stderr.write(String(error));
  process.exit(70);
});
sharp.cache(false);
sharp.concurrency(1);
// Of the many decoders only the one for what its content says it is.
sharp.block({ operation: ['VipsForeignLoad'] });
if (isImageType(type)) sharp.unblock({ operation: [loaders[type]] });

if (type === 'application/pdf') watchMemory(maxBytes);
// Decoding runs beside this thread, so that it can still look at its own size.
else
  setInterval(() => {
    if (process.memoryUsage.rss() > maxBytes) process.kill(process.pid, 'SIGKILL');
  }, 20).unref();

const [input, options] = await readInput();
const pictures: Picture[] = [];
for (const { path, pixels, square } of targets) {
  const { width, height, size } = await sharp(input, options)
    .autoOrient()
    .resize({ width: pixels, height: pixels, fit: square ? 'cover' : 'inside', withoutEnlargement: !square })
    .webp({ quality: 80, effort: 3 })
    .toFile(path);
  pictures.push({ width, height, size });
}
process.stdout.write(JSON.stringify(pictures));

async function readInput(): Promise<[SharpInput, SharpOptions]> {
  if (type === 'application/pdf') {
    const { data, width, height } = await drawFirstPage(source, Math.max(...targets.map(({ pixels }) => pixels)));
    return [data, { raw: { width, height, channels: 4 } }];
  }
  const options = { limitInputPixels: maxPixels, sequentialRead: true, pages: 1 };
  return [type === 'image/svg+xml' ? await readDrawing() : source, options];
}

/** A drawing is handed over as bytes, without a place: it can refer to no file beside it. */
async function readDrawing(): Promise<Buffer> {
  if ((await stat(source)).size > svgBytes) throw new Error('too large a drawing');
  return readFile(source);
}
