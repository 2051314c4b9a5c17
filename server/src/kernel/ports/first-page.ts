import { readFile } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';

/** Larger pictures inside a document are left out of its page. */
const maxImagePixels = 40_000_000;

/** Pixels as they lie in memory, four bytes each. */
export interface Bitmap {
  readonly data: Buffer;
  readonly width: number;
  readonly height: number;
}

/** The first page of a PDF, its longer side this many pixels. Runs no script of the document and fetches nothing. */
export async function drawFirstPage(source: string, pixels: number): Promise<Bitmap> {
  const { getDocument } = await import('pdfjs-dist/legacy/build/pdf.mjs');
  const data = new Uint8Array(await readFile(source));
  const { promise } = getDocument({
    data,
    verbosity: 0,
    enableXfa: false,
    useSystemFonts: false,
    useWorkerFetch: false,
    maxImageSize: maxImagePixels,
    ...ownParts(),
  });
  const document = await promise;
  const page = await document.getPage(1);
  const { width, height } = page.getViewport({ scale: 1 });
  const viewport = page.getViewport({ scale: pixels / Math.max(width, height) });
  const { createCanvas } = await import('@napi-rs/canvas');
  const canvas = createCanvas(atLeastOne(viewport.width), atLeastOne(viewport.height));
  // The library is written for browsers and draws on this canvas as on theirs.
  await page.render({ canvas: canvas as never, viewport }).promise;
  return { data: canvas.data(), width: canvas.width, height: canvas.height };
}

/** The fonts and tables that come with the library: a document names them and does not bring them. */
function ownParts() {
  const folder = join(dirname(fileURLToPath(import.meta.resolve('pdfjs-dist/package.json'))), sep);
  const part = (name: string) => join(folder, name, sep);
  return {
    standardFontDataUrl: part('standard_fonts'),
    cMapUrl: part('cmaps'),
    wasmUrl: part('wasm'),
    iccUrl: part('iccs'),
  };
}

function atLeastOne(pixels: number): number {
  return Math.max(1, Math.round(pixels));
}

/** A page is drawn by this very thread, which then cannot look at its own size: another one does. */
export function watchMemory(maxBytes: number): void {
  const look = `setInterval(() => {
    if (process.memoryUsage.rss() > ${maxBytes}) process.kill(process.pid, 'SIGKILL');
  }, 20)`;
  new Worker(look, { eval: true }).unref();
}
