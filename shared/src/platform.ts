import type { z } from 'zod';
import { line, visible } from './values.ts';

/** What the platform is called on the papers it issues. */
export const platformName = 'SafeSend';

/** Letters that readers take for those of the name: of Greek, Cyrillic, Armenian, Cherokee, Lisu and phonetic writing. */
const lookAlikes = Object.entries({
  s: 'ѕꜱꓢ',
  a: 'аαɑᴀꓮ',
  f: 'ƒꜰꓝϝ',
  e: 'еεҽᴇꓰ',
  n: 'ոɴꓠνп',
  d: 'ԁɗᴅꭰꓓ',
}).flatMap(([letter, others]) => [...others].map((other) => [other, letter] as const));
const seenAs = new Map<string, string>(lookAlikes);

const spelt = (name: string) =>
  Array.from(
    visible(name)
      .replace(/[^\p{L}\p{N}]/gu, '')
      .toLowerCase(),
    (letter) => seenAs.get(letter) ?? letter,
  ).join('');

/** A name that people give; never what looks like the platform's, in any letters: papers tell issuers apart by their names. */
export function nameBesidePlatform(min: number, max: number): z.ZodString {
  return line(min, max).refine(
    (name) => spelt(name) !== spelt(platformName),
    'This is the name of the platform. Use another one.',
  );
}
