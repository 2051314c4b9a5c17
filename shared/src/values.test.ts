import { expect, test } from 'vitest';
import { line, prose, visible } from './values.ts';

const refusalOf = (text: string) => prose(1, 4_000).safeParse(text).error?.issues[0]?.message;

test.each(['\u200b', '\u2800', '\u3164', '\u115f\n\u1160', '\u00ad\u034f', '\u2060\n\t\u2060'])(
  'T-B32 what is agreed on can be seen: not %j alone',
  (text) => expect(refusalOf(text)).toBe('Use something that can be seen.'),
);

test.each(['pay \u202e001 EUR', '\u2067x', 'a\u202db'])('T-B32 no text turns what follows it: not %j', (text) =>
  expect(refusalOf(text)).toBe('Leave out the characters that turn the direction of writing.'),
);

test.each(['\u001b[31mred', 'a\u0000b', 'bell\u0007', 'x\u009by'])(
  'T-B32 a text holds no control characters: not %j',
  (text) => expect(refusalOf(text)).toBe('Leave out control characters; line breaks are welcome.'),
);

test.each([
  'First\nsecond\r\nthird\n\n\tindented',
  'from a\u000bword processor\u2028or a\u2029web page',
  'a family: 👩‍👩‍👧, 🏴󠁧󠁢󠁥󠁮󠁧󠁿, ❤️',
  'علی\u200cرضا می\u200cخواهد',
  'שלום\u200f (3)',
  'नमस्ते',
  '⠓⠑⠇⠇⠕⠀⠺⠕⠗⠇⠙',
])('T-B32 what people write stays as it is: %j', (text) => expect(prose(1, 4_000).parse(text)).toBe(text));

test('T-B32 a text that may be left out may be empty', () => {
  expect(prose(0, 10).parse(' \n ')).toBe('');
  expect(line(0, 10).parse('  ')).toBe('');
});

test.each([
  ['caf\u00e9', 'cafe'],
  ['a\u0301gree\u200bd', 'agreed'],
  ['e\u0323\u0302 \u{1f98a}', 'e\u{1f98a}'],
])('T-B32 marks on letters do not tell two texts apart, however they are written: %j', (text, seen) =>
  expect(visible(text)).toBe(seen),
);
