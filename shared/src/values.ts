import { z } from 'zod';

/** What the database and its readers write in four digits: there is no year 0, and an offset leads beyond either end. */
const isWritten = (text: string) => /^(?!0000)\d{4}-/.test(text);

/** A moment: ISO 8601 in UTC with milliseconds. */
export const moment = z.iso.datetime({ precision: 3 }).refine(isWritten);

/** A moment as people and programs write it, with any offset and precision (RFC 3339); becomes a `moment`. */
export const instant = z.iso
  .datetime({ offset: true, error: 'Use a date and time with its offset, for example 2030-01-31T12:00:00Z.' })
  .transform((text) => new Date(text).toISOString())
  .refine(isWritten, 'Use a year from 1 to 9999.');

/** A whole number in a query string, in its one canonical spelling (`0`, `17`; never `+1`, `01`, `0x1`). */
export function wholeNumber(min: number, max: number) {
  return z
    .string()
    .regex(/^(0|[1-9]\d{0,15})$/, 'Use a whole number.')
    .transform(Number)
    .pipe(z.int().min(min).max(max));
}

export const pageQuery = { limit: wholeNumber(1, 500).optional(), cursor: z.string().min(1).max(200).optional() };

export function page<Item extends z.ZodType>(item: Item) {
  return z.strictObject({ items: z.array(item), nextCursor: z.string().nullable() });
}

/** They turn the direction of what follows, and make one name look like another. */
const turning = /[\u202a-\u202e\u2066-\u2069]/;
/** Hangul fillers and the empty cell of Braille count as letters and signs, and show nothing. */
const blank = /[\p{Cf}\p{Z}\p{M}\u115f\u1160\u3164\uffa0\u2800]/gu;

/** One line of text: trimmed, no control characters, and something to be seen. */
export function line(min: number, max: number) {
  return z
    .string()
    .trim()
    .min(min)
    .max(max)
    .regex(/^[^\p{Cc}\u2028\u2029]*$/u, 'Use a single line without control characters.')
    .refine((text) => !turning.test(text), 'Leave out the characters that turn the direction of writing.')
    .refine((text) => text === '' || text.replace(blank, '') !== '', 'Use something that can be seen.');
}

/** Text of several lines. */
export function prose(min: number, max: number) {
  return z.string().trim().min(min).max(max);
}
