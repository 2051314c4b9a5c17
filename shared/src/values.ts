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
const blank = /[\p{Cc}\p{Cf}\p{Z}\p{M}\u115f\u1160\u3164\uffa0\u2800]/gu;

/** What is seen of a text: two that look alike, but for marks on their letters, have it in common. */
export function visible(text: string): string {
  return text.normalize('NFKD').replace(blank, '');
}

/** Nothing that turns the writing beside it, and something to be seen where it is not left out. */
function seen(text: z.ZodString) {
  return text
    .refine((it) => !turning.test(it), 'Leave out the characters that turn the direction of writing.')
    .refine((it) => it === '' || visible(it) !== '', 'Use something that can be seen.');
}

/** One line of text: trimmed, no control characters, and something to be seen. */
export function line(min: number, max: number) {
  const oneLine = /^[^\p{Cc}\u2028\u2029]*$/u;
  return seen(z.string().trim().min(min).max(max).regex(oneLine, 'Use a single line without control characters.'));
}

/** Text of several lines, with every sign that word processors and web pages break them by. */
export function prose(min: number, max: number) {
  const lines = /^[\t\n\v\f\r\u0085\P{Cc}]*$/u;
  return seen(
    z.string().trim().min(min).max(max).regex(lines, 'Leave out control characters; line breaks are welcome.'),
  );
}
