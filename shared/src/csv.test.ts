import { expect, test } from 'vitest';
import { csvOf } from './csv.ts';

const cellOf = (text: string) =>
  csvOf([[text]])
    .slice(1)
    .trimEnd();

test('J07 a spreadsheet is told that it is UTF-8: a letter with an accent stays one', () => {
  const bytes = new TextEncoder().encode(csvOf([['café']]));
  expect([...bytes.slice(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
  expect(new TextDecoder().decode(bytes), 'once').toBe('café\r\n');
});

test('T-B31 what a spreadsheet would take for a formula is text, wherever it begins a cell', () => {
  for (const sign of ['=', '+', '-', '@', '\uff1d', '\uff0b', '\uff0d', '\uff20']) {
    expect(cellOf(`${sign}A1`)).toBe(`'${sign}A1`);
    expect(cellOf(`x; ${sign}A1`)).toBe(`"x;' ${sign}A1"`);
  }
  expect(cellOf('x;"=A1')).toBe(`"x;'""=A1"`);
});

test('T-B31 a cell is otherwise what it was', () => {
  for (const text of ['-12.50', '0', 'a = b', 'Ana-Maria', '']) expect(cellOf(text)).toBe(text);
  const rows = [
    ['a,b', 'say "hi"'],
    ['two\nlines', '1;2'],
  ];
  expect(csvOf(rows)).toBe('\ufeff"a,b","say ""hi"""\r\n"two\nlines","1;2"\r\n');
});
