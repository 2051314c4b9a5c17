import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type PDFDocument from 'pdfkit';

type Pdf = InstanceType<typeof PDFDocument>;

/** Inter writes Latin, Greek and Cyrillic. What it cannot is written by a face of its own, read when it is needed. */
const others = [
  { name: 'NotoSansSC', of: /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\u3000-\u303f\u30fb\u30fc\uff00-\uffef]/u },
  { name: 'NotoSansKR', of: /\p{sc=Hangul}/u },
  { name: 'NotoSansArabic', of: /\p{sc=Arabic}/u, isRightToLeft: true },
  { name: 'NotoSansHebrew', of: /\p{sc=Hebrew}/u, isRightToLeft: true },
  { name: 'NotoSansDevanagari', of: /\p{sc=Devanagari}/u },
  { name: 'NotoSansThai', of: /\p{sc=Thai}/u },
] as const;
const own = /[\p{sc=Latin}\p{sc=Greek}\p{sc=Cyrillic}\p{sc=Common}\p{sc=Inherited}]/u;
const pictures = /[\p{Emoji_Presentation}\ufe0f\u200d]/gu;
const folder = join(import.meta.dirname, '../../../../assets/fonts/noto');
const read = new Map<string, Buffer>();
const known = new WeakMap<Pdf, Set<string>>();

export interface Run {
  /** Null: the face the text is set in. */
  readonly face: (typeof others)[number]['name'] | null;
  readonly text: string;
}

interface Piece extends Run {
  readonly isRightToLeft: boolean;
}

/** Cuts a text by the faces that can write it. A letter that none can is a question mark, never an empty box. */
export function runsOf(text: string): Run[] {
  const pieces: Piece[] = [];
  for (const letter of text.normalize('NFC').replaceAll(pictures, '')) {
    const last = pieces.at(-1);
    const other = others.find(({ of }) => of.test(letter));
    const isMark = /\p{M}/u.test(letter);
    const face = isMark && last ? last.face : (other?.name ?? null);
    const isRightToLeft = other !== undefined && 'isRightToLeft' in other;
    const piece = { face, text: other || own.test(letter) ? letter : '?', isRightToLeft };
    if (last?.face === face) pieces.splice(-1, 1, { ...last, text: last.text + piece.text });
    else pieces.push(piece);
  }
  return turned(pieces).map(({ face, text: words }) => ({ face, text: words }));
}

/** The library sets the letters of a word from right to left, and words from left to right: here words follow their letters. */
function turned(pieces: readonly Piece[]): Piece[] {
  const made: Piece[] = [];
  for (let at = 0; at < pieces.length;) {
    let end = at;
    while (pieces[end]?.isRightToLeft && pieces[end + 1]?.text === ' ' && pieces[end + 2]?.isRightToLeft) end += 2;
    made.push(...pieces.slice(at, end + 1).reverse());
    at = end + 1;
  }
  return made;
}

/** Of Inter, in parts of its size: what stands in one line stands on one base. */
const ascent = 0.96875;

/** Writes a text of any script at this place, in this face of Inter and this size. */
export function write(
  pdf: Pdf,
  face: string,
  size: number,
  text: string,
  at: { x: number; y: number; width: number },
): void {
  const runs = runsOf(text);
  const { x, width } = at;
  const y = at.y + ascent * size;
  if (runs.length === 0) runs.push({ face: null, text: '' });
  for (const [place, run] of runs.entries()) {
    pdf.font(run.face === null ? face : nameOf(pdf, run.face));
    const options = { width, continued: place < runs.length - 1, baseline: 'alphabetic' } as const;
    if (place === 0) pdf.text(run.text, x, y, options);
    else pdf.text(run.text, options);
  }
  pdf.font(face);
  pdf.y -= ascent * size;
}

function nameOf(pdf: Pdf, face: NonNullable<Run['face']>): string {
  const here = known.get(pdf) ?? new Set();
  known.set(pdf, here);
  if (here.has(face)) return face;
  const bytes = read.get(face) ?? readFileSync(join(folder, `${face}.ttf`));
  read.set(face, bytes);
  pdf.registerFont(face, bytes);
  here.add(face);
  return face;
}
