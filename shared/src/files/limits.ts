/** What a file may be, known to the page before it sends a byte and enforced by the server. Bytes are counted as they lie on disk. */

const gibibyte = 1024 ** 3;

/** Where an operator has set nothing else. */
export const defaultLimits = {
  maxFileBytes: 5 * gibibyte,
  personBytes: 20 * gibibyte,
  roomBytes: 50 * gibibyte,
} as const;

/** UTF-8 bytes of a name. */
export const maxNameBytes = 255;
export const maxVersions = 200;
/** Uploads of one person that are under way at once. */
export const maxOpenUploads = 200;
/** Uploads of one person that are being sent at once, to one process: each takes a part of its memory. */
export const maxSendingAtOnce = 8;
/** Files and versions of one person; a quota of bytes alone would let in any number of empty ones. */
export const maxFilesPerPerson = 100_000;
/** An upload that nobody continues is forgotten after this, and its bytes come back to the quota. */
export const uploadHours = 24;

/** A picture of a person, as he sends it. */
export const maxAvatarBytes = 10 * 1024 ** 2;
/** Longest life of a share link. */
export const shareLinkDays = 365;
/** Links of one file that work at once. */
export const maxShareLinks = 50;

/** Programs that a double click starts: refused by name, whatever is in them. */
export const refusedExtensions: ReadonlySet<string> = new Set(
  'exe com scr pif cpl msi msp hta lnk vbe jse wsf wsh'.split(' '),
);

// Line breaks, other control characters and the marks that turn the reading direction.
const unprintable = /[\p{Cc}\u061c\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** What a dropped file is called: its last path segment on one printable line, at most 255 bytes, the extension kept. */
export function fileNameOf(given: string): string {
  const last = given.split(/[/\\]/).at(-1) ?? '';
  const line = last.toWellFormed().normalize('NFC').replaceAll(unprintable, '').trim();
  if (/^\.*$/.test(line)) return 'unnamed';
  const extension = extensionOf(line);
  const tail = extension === '' || extension.length > 20 ? '' : `.${line.slice(-extension.length)}`;
  return `${shortened(line.slice(0, line.length - tail.length), maxNameBytes - byteLength(tail))}${tail}`;
}

/** The last extension, lower case, without its dot; empty where there is none. */
export function extensionOf(name: string): string {
  return /[^./]\.([^./\s]+)$/.exec(name)?.[1]?.toLowerCase() ?? '';
}

/**
 * With which extension would a double click start it, if at all? Where such programs run, dots and spaces at the end of a
 * name do not count, and there may be nothing in front of the extension.
 */
export function programExtensionOf(name: string): string | null {
  const extension = /\.([^./\s]+)[.\s]*$/.exec(name)?.[1]?.toLowerCase() ?? '';
  return refusedExtensions.has(extension) ? extension : null;
}

/** Why a page need not even begin to upload this; null when it may. */
export function refusalOf(
  name: string,
  size: number,
  { maxFileBytes, leftBytes }: { readonly maxFileBytes: number; readonly leftBytes: number },
): 'type' | 'size' | 'quota' | null {
  if (programExtensionOf(fileNameOf(name)) !== null) return 'type';
  if (size > maxFileBytes) return 'size';
  return size > leftBytes ? 'quota' : null;
}

const encoder = new TextEncoder();
function byteLength(text: string): number {
  return encoder.encode(text).length;
}

function shortened(text: string, bytes: number): string {
  let [short, left] = ['', bytes];
  for (const letter of text) {
    left -= byteLength(letter);
    if (left < 0) break;
    short += letter;
  }
  return short;
}

/**
 * How long after the last movement of a milestone's money what was handed in for it stays: as long as card holders may ask
 * their bank for a payment back.
 */
export const evidenceDays = 120;
