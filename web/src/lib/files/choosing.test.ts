import { expect, test } from 'vitest';
import { cleaned, pathOf } from './choosing.ts';

function inFolder(path: string): File {
  const file = new File([], path.split('/').at(-1) ?? '');
  return Object.defineProperty(file, 'webkitRelativePath', { value: path });
}

test('UX 21 what a folder holds goes in the order of its names, without what file managers leave behind', () => {
  const paths = ['site/page 10.txt', 'site/.DS_Store', 'site/page 9.txt', 'site/img/b.txt', 'site/img/a.txt'];
  expect(cleaned(paths.map(inFolder)).files.map(pathOf)).toEqual([
    'site/img/a.txt',
    'site/img/b.txt',
    'site/page 9.txt',
    'site/page 10.txt',
  ]);
});

test('UX 21 files that were chosen one by one stay in that order', () => {
  const files = ['b.txt', 'a.txt'].map((name) => new File([], name));
  expect(cleaned(files)).toEqual({ files, hidden: 0 });
});

test('UX 21 what is hidden in a folder is left out and counted, a hidden folder as one; a hidden file chosen by itself is meant', () => {
  const paths = [
    'site/.git/HEAD',
    'site/.git/refs/a',
    'site/.env',
    'site/a.txt',
    'site/__MACOSX/a.txt',
    'site/v.1/b..c',
  ];
  const { files, hidden } = cleaned(paths.map(inFolder));
  expect([files.map(pathOf), hidden]).toEqual([['site/a.txt', 'site/v.1/b..c'], 3]);
  const chosen = [new File([], '.env'), new File([], '.DS_Store')];
  expect(cleaned(chosen)).toEqual({ files: [chosen[0]], hidden: 1 });
});
