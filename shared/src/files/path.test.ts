import { expect, test } from 'vitest';
import { extensionOf, programExtensionOf } from './limits.ts';
import { filePathOf, lastNameOf } from './path.ts';

test('UX 21 a file that came with its folder keeps the names of its folders', () => {
  expect(filePathOf('site/img/logo.png')).toBe('site/img/logo.png');
  expect(filePathOf('logo.png')).toBe('logo.png');
  expect(lastNameOf('site/img/logo.png')).toBe('logo.png');
  expect(extensionOf('site.v2/readme'), 'of the name and not of a folder').toBe('');
  expect(programExtensionOf('tools.exe/notes')).toBeNull();
  expect(programExtensionOf('tools/a.exe')).toBe('exe');
});

test('T-B14 a path leads nowhere else, and is as long as a name may be', () => {
  expect(filePathOf('../../etc/passwd')).toBe('etc/passwd');
  expect(filePathOf('/etc/./passwd')).toBe('etc/passwd');
  expect(filePathOf('..\\..\\windows\\win.ini')).toBe('windows/win.ini');
  expect(filePathOf('a/. . /b\u202e.txt')).toBe('a/b.txt');
  expect(filePathOf('a/..')).toBe('a/unnamed');
  const long = filePathOf(`${'far'.repeat(80)}/${'near'.repeat(20)}/${'ü'.repeat(60)}.txt`);
  expect(long).toBe(`${'near'.repeat(20)}/${'ü'.repeat(60)}.txt`);
  expect(new TextEncoder().encode(filePathOf(`a/${'x'.repeat(400)}.txt`)).length).toBeLessThanOrEqual(255);
});

test('T-B14 T-B32 the longest name anybody sends is shortened as quickly as a short one', () => {
  for (const letter of ['a', 'ü', '😀', 'ab/'])
    expect(new TextEncoder().encode(filePathOf(letter.repeat(20_000))).length, letter).toBeGreaterThan(250);
});
