import { open } from 'node:fs/promises';
import { Failure } from '@safesend/shared/failure.ts';
import { extensionOf } from '@safesend/shared/files/limits.ts';
import type { FileKind } from '@safesend/shared/files/file.ts';
import { fileTypeFromBuffer } from 'file-type';

/** As much of the beginning as is looked at. */
const headBytes = 64 * 1024;

const zip = ['application/zip', 'application/vnd.', 'application/x-zip'];
const office = ['application/x-cfb', 'application/msword', 'application/vnd.ms-'];

/** What the content of a file with this extension has to be, by the beginnings of its media types. */
const signatures: ReadonlyMap<string, readonly string[]> = new Map([
  ...each('png apng', ['image/png', 'image/apng']),
  ...each('jpg jpeg jfif', ['image/jpeg']),
  ...each('gif', ['image/gif']),
  ...each('webp', ['image/webp']),
  ...each('avif heic heif', ['image/avif', 'image/heic', 'image/heif']),
  ...each('tif tiff', ['image/tiff']),
  ...each('bmp', ['image/bmp']),
  ...each('ico', ['image/x-icon']),
  ...each('psd', ['image/vnd.adobe.photoshop']),
  ...each('pdf', ['application/pdf']),
  ...each('mp4 m4v mov 3gp', ['video/']),
  ...each('webm mkv avi mpg mpeg', ['video/']),
  ...each('mp3 wav flac aac m4a aiff amr', ['audio/', 'video/mp4']),
  ...each('ogg oga ogv opus', ['audio/', 'video/', 'application/ogg']),
  ...each('zip docx xlsx pptx odt ods odp epub jar apk sketch', [...zip, 'application/epub', 'application/java']),
  ...each('doc xls ppt', office),
  ...each('7z', ['application/x-7z']),
  ...each('rar', ['application/x-rar']),
  ...each('gz tgz', ['application/gzip']),
  ...each('bz2', ['application/x-bzip2']),
  ...each('xz', ['application/x-xz']),
  ...each('zst', ['application/zstd']),
  ...each('tar', ['application/x-tar']),
  ...each('woff woff2 ttf otf', ['font/']),
]);

/** Extensions whose content is text, with the type it is then said to be. */
const texts: ReadonlyMap<string, string> = new Map([
  ...each('txt log', 'text/plain'),
  ...each('md', 'text/markdown'),
  ...each('csv', 'text/csv'),
  ...each('tsv', 'text/tab-separated-values'),
  ...each('json', 'application/json'),
  ...each('yml yaml toml ini env sql sh py rb go rs java kt c h cpp cs php swift ts tsx jsx vue svelte', 'text/plain'),
  ...each('js mjs cjs', 'text/javascript'),
  ...each('css', 'text/css'),
  ...each('html htm xhtml', 'text/html'),
  ...each('xml xsl xslt', 'application/xml'),
  ...each('svg', 'image/svg+xml'),
]);

function each<Value>(names: string, value: Value): [string, Value][] {
  return names.split(' ').map((name) => [name, value]);
}

export interface Sniffed {
  readonly type: string;
  readonly kind: FileKind;
}

/** What a file is, from its content. A name that promises something else is refused as `unsupported`. */
export async function sniff(path: string, name: string): Promise<Sniffed> {
  const head = await readHead(path);
  const found = (await fileTypeFromBuffer(head))?.mime;
  const extension = extensionOf(name);
  const wanted = signatures.get(extension);
  const promised = texts.get(extension);
  if (promised !== undefined) {
    if (!isPromisedText(promised, head)) throw contradiction(extension);
    return { type: promised, kind: kindOf(promised) };
  }
  if (wanted && !wanted.some((it) => found?.startsWith(it))) throw contradiction(extension);
  if (found === 'application/x-msdownload') throw contradiction(extension);
  const isText = found === undefined || found.endsWith('/xml') || found === 'image/svg+xml';
  const type = wanted || !isText ? (found ?? 'application/octet-stream') : textType(head);
  return { type, kind: kindOf(type) };
}

/** Words may begin as pictures and programs do (`BM`, `MZ`), so that only their letters are asked, in whatever writing. */
function isPromisedText(type: string, head: Buffer): boolean {
  if (type === 'image/svg+xml') return isUnicode(head) && /<svg[\s>]/i.test(head.toString('utf8'));
  return isUnicode(head) || head.every(isLetter);
}

function textType(head: Buffer): string {
  return isUnicode(head) ? 'text/plain' : 'application/octet-stream';
}

function kindOf(type: string): FileKind {
  if (type.startsWith('image/')) return 'image';
  if (type.startsWith('video/')) return 'video';
  if (type.startsWith('audio/')) return 'audio';
  if (type === 'application/pdf') return 'pdf';
  if (type.startsWith('text/') || type === 'application/json' || type === 'application/xml') return 'text';
  return /zip|x-7z|x-rar|x-tar|x-bzip2|x-xz|zstd/.test(type) ? 'archive' : 'other';
}

/** A tabulator, the ends of lines and pages, and what colours a terminal. */
const controls: ReadonlySet<number> = new Set([8, 9, 10, 11, 12, 13, 27]);
const isLetter = (code: number) => (code >= 32 && code !== 127) || controls.has(code);

/** UTF-16 that says so, or UTF-8 without a zero; the last character may be cut off. */
function isUnicode(head: Buffer): boolean {
  const mark = head.length < 2 ? 0 : head.readUInt16BE();
  if (mark === 0xfeff || mark === 0xfffe) {
    const text = decoded(head, mark === 0xfeff ? 'utf-16be' : 'utf-16le');
    return text !== null && [...text].every((it) => isLetter(it.charCodeAt(0)));
  }
  return !head.includes(0) && decoded(head, 'utf-8') !== null;
}

function decoded(head: Buffer, writing: string): string | null {
  try {
    return new TextDecoder(writing, { fatal: true }).decode(head, { stream: true });
  } catch {
    return null;
  }
}

async function readHead(path: string): Promise<Buffer> {
  const handle = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(headBytes), 0, headBytes, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

function contradiction(extension: string): Failure {
  const name = extension === '' ? 'its name' : `.${extension}`;
  return new Failure('unsupported', `The content of this file is not what ${name} says. Give it the right name.`);
}
