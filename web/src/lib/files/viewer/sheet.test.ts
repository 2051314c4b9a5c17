import { expect, test } from 'vitest';
import { mostColumns, mostRows, readSheet } from './sheet.ts';

test.each<[string, string, string[][]]>([
  [
    'commas',
    'a,b\n1,2\n',
    [
      ['a', 'b'],
      ['1', '2'],
    ],
  ],
  [
    'semicolons, as Excel writes them here',
    'a;b,c\r\n1;2\r\n',
    [
      ['a', 'b,c'],
      ['1', '2'],
    ],
  ],
  [
    'tabs',
    'a\tb\n1\t2',
    [
      ['a', 'b'],
      ['1', '2'],
    ],
  ],
  [
    'quotes with separators, quotes and lines in them',
    '"a, ""x""",b\n"1\n2",3',
    [
      ['a, "x"', 'b'],
      ['1\n2', '3'],
    ],
  ],
  [
    'rows of different lengths',
    'a\n1,2,\n',
    [
      ['a', '', ''],
      ['1', '2', ''],
    ],
  ],
  [
    'empty lines and cells',
    'a,b\n\n,1',
    [
      ['a', 'b'],
      ['', ''],
      ['', '1'],
    ],
  ],
  ['one column', 'a\nb', [['a'], ['b']]],
  [
    'words that look like formulas or markup',
    '=1+1,<img src=x onerror=alert(1)>',
    [['=1+1', '<img src=x onerror=alert(1)>']],
  ],
  ['something after the quote', '"a"b,c', [['ab', 'c']]],
  ['nothing', '', []],
])('UX 28 a table is read from %s', (_, text, rows) => {
  expect(readSheet(text, true)).toEqual({ rows, isCut: false });
});

test('UX 28 of the beginning of a file the last row, which may be half of one, is left out', () => {
  expect(readSheet('a,b\n1,2\n3,', false)).toEqual({
    rows: [
      ['a', 'b'],
      ['1', '2'],
    ],
    isCut: true,
  });
});

test('UX 28 whatever a table holds, it is read at once, and no more of it than can be drawn', () => {
  const hostile = [
    `"${'x'.repeat(500_000)}`,
    '"'.repeat(500_001),
    '""'.repeat(250_000),
    ','.repeat(500_000),
    '\n'.repeat(500_000),
    '\r'.repeat(500_000),
    '"a"\n'.repeat(100_000),
    `${'"",'.repeat(160_000)}\n`,
    '"\n,"'.repeat(120_000),
  ];
  const began = performance.now();
  for (const text of hostile) {
    const { rows } = readSheet(text, true);
    expect(rows.length).toBeLessThanOrEqual(mostRows);
    for (const cells of rows) expect(cells.length).toBeLessThanOrEqual(mostColumns);
    expect(rows.flat().every((cell) => cell.length <= 501)).toBe(true);
  }
  expect(performance.now() - began).toBeLessThan(5_000);
});
