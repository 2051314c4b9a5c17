import { readFile, stat } from 'node:fs/promises';
import { loaders, type ImageType, type Picture, type Target } from './imaging.ts';

/** The whole life of one image: a process that is started for it and ends with it. */
const maxPixels = 64_000_000;
const maxBytes = 512 * 1024 ** 2;
const svgBytes = 5 * 1024 ** 2;

const { source, type, targets } = JSON.parse(process.argv[2] ?? '{}') as {
  source: string;
  type: ImageType;
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
sharp.unblock({ operation: [loaders[type]] });

// Decoding runs beside this thread, so that it can still look at its own size.
setInterval(() => {
  if (process.memoryUsage.rss() > maxBytes) process.kill(process.pid, 'SIGKILL');
}, 20).unref();

const input = await readInput();
const pictures: Picture[] = [];
for (const { path, pixels, square } of targets) {
  const { width, height, size } = await sharp(input, { limitInputPixels: maxPixels, sequentialRead: true, pages: 1 })
    .autoOrient()
    .resize({ width: pixels, height: pixels, fit: square ? 'cover' : 'inside', withoutEnlargement: !square })
    .webp({ quality: 80, effort: 3 })
    .toFile(path);
  pictures.push({ width, height, size });
}
process.stdout.write(JSON.stringify(pictures));

/** A drawing is handed over as bytes, without a place: it can refer to no file beside it. */
async function readInput(): Promise<string | Buffer> {
  if (type !== 'image/svg+xml') return source;
  if ((await stat(source)).size > svgBytes) throw new Error('too large a drawing');
  return readFile(source);
}
