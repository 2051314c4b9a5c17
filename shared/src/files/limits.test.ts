import { expect, test } from 'vitest';
import { fileNameOf, programExtensionOf, refusalOf } from './limits.ts';

test('T-B17 a program is known by what Windows makes of its name', () => {
  const programs = [
    'a.exe',
    'A.EXE',
    'a.pdf.hta',
    'a.hta.',
    'a.hta . .',
    '.hta',
    '..hta',
    `${'a'.repeat(250)}.hta.${'b'.repeat(30)}`,
  ];
  for (const name of programs) {
    expect(programExtensionOf(fileNameOf(name)), name).not.toBeNull();
    expect(refusalOf(name, 1, { maxFileBytes: 10, leftBytes: 10 }), name).toBe('type');
  }
  for (const name of ['a.exe.txt', 'exe', 'hta.', 'a.js', 'notes', 'v1.', '.env'])
    expect(programExtensionOf(name), name).toBeNull();
});

test('T-B14 marks that turn the reading direction leave no trace in a name', () => {
  for (const mark of ['\u061c', '\u200e', '\u202e', '\u2066']) expect(fileNameOf(`a${mark}gpj.txt`)).toBe('agpj.txt');
});

test('T-B14 a name is the same in the page and in the database, which keeps whole letters alone', () => {
  expect(fileNameOf('a\ud800.txt')).toBe('a\ufffd.txt');
  expect(fileNameOf('u\u0308bung.txt')).toBe('\u00fcbung.txt');
});
