import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');

function testFiles(folder: string): string[] {
  const entries = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' });
  return entries.filter((file) => /\.(test|fault)\.ts$/.test(file)).map((file) => join(root, folder, file));
}

test('every public promise names tests that exist', () => {
  const text = readFileSync(join(root, 'docs/FAULTS.md'), 'utf8');
  const rows = text.split('\n').filter((line) => /^\| G\d+ /.test(line));
  expect(rows.map((row) => /G\d+/.exec(row)?.[0])).toEqual([
    'G1',
    'G2',
    'G3',
    'G4',
    'G5',
    'G6',
    'G7',
    'G8',
    'G9',
    'G10',
    'G13',
    'G14',
  ]);
  const tests = testFiles('server')
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n');
  for (const row of rows) {
    const titles = [...(row.split('|')[2] ?? '').matchAll(/`([^`]+)`/g)].map(([, title = '']) => title);
    const known = titles.filter((title) => title !== 'npm run bench');
    expect(known.length, row).toBeGreaterThan(0);
    for (const title of known) expect(tests.includes(`'${title}`), title).toBe(true);
  }
});
