import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import faults from '../server/test/faults/vitest.config.ts';

const root = join(import.meta.dirname, '..');

test('every test that takes its number of trials from the tier is run above the fast one', () => {
  const asking = globSync('{server,shared,scripts}/**/*.test.ts', {
    cwd: root,
    exclude: (it) => it.includes('node_modules'),
  }).filter((file) => /from '[./]+tier\.ts'|test\/tier\.ts'/.test(readFileSync(join(root, file), 'utf8')));
  const include = faults.test?.include ?? [];
  const [beside, alone] = [
    new Set(globSync(include, { cwd: root })),
    readFileSync(join(root, 'scripts/vitest.mjs'), 'utf8'),
  ];
  expect(asking.length).toBeGreaterThan(3);
  expect(asking.filter((file) => !beside.has(file) && !alone.includes(`'${file}'`))).toEqual([]);
});
