import { expect, test } from 'vitest';
import { readWords } from './writing.ts';

const bytesOf = (hex: string) => Uint8Array.from(hex.match(/../g) ?? [], (it) => parseInt(it, 16)).buffer;

test.each([
  ['UTF-8', '4772c3bcc39f65', 'en-GB', 'Grüße', null],
  ['UTF-8 with a mark', 'efbbbf4772c3bcc39f65', 'en-GB', 'Grüße', null],
  ['UTF-8 whose last letter is cut off', '4772c3bcc3', 'en-GB', 'Grü', null],
  ['UTF-16', 'fffe4700fc00e565', 'en-GB', 'Gü日', null],
  ['UTF-16 the other way round', 'feff004700fc65e5', 'en-GB', 'Gü日', null],
  ['one byte a letter', '4772fcdf652080', 'en-GB', 'Grüße €', 'windows-1252'],
  ['one byte a letter where Cyrillic is read', 'cff0e8e2e5f2', 'ru', 'Привет', 'windows-1251'],
  ['two bytes a letter where Japanese is read', '93fa967b8cea', 'ja-JP', '日本語', 'shift_jis'],
  ['nothing', '', 'en-GB', '', null],
])('UX 28 words in %s are read', (_, hex, language, text, guess) => {
  expect(readWords(bytesOf(hex), language)).toEqual({ text, guess });
});
