import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const source = import.meta.dirname;
/** Where colours are given their names, and the drawings that are the same on every ground. */
const palette = new Set(['styles/colors.css', 'styles/theme.css', 'styles/avatars.css', 'lib/shell/Brand.svelte']);
/** What the browser paints around the page: it knows no token. */
const outside = new Set(['routes/+layout.svelte']);

const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter(
  (file) =>
    /\.(svelte|css|ts)$/.test(file) && !/\.test\.|paraglide/.test(file) && !palette.has(file) && !outside.has(file),
);

function found(pattern: RegExp): string[] {
  return files.flatMap((file) =>
    readFileSync(join(source, file), 'utf8')
      .split('\n')
      .flatMap((line, at) => (pattern.test(line) ? [`${file}:${at + 1} ${line.trim().slice(0, 100)}`] : [])),
  );
}

it('S11 every colour has a name: none is written out where it is used', () => {
  expect(files.length).toBeGreaterThan(200);
  expect(found(/(?<![\w&.])#(?:[0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})\b(?=["';\s)])/i)).toEqual([]);
  expect(found(/\b(?:rgba?|hsla?|hwb|oklch|oklab|lab|lch)\((?!var|from)/)).toEqual([]);
});

it('S11 no colour of the framework stands beside ours', () => {
  const hues =
    'red|orange|amber|yellow|lime|green|emerald|teal|cyan|sky|blue|indigo|violet|purple|fuchsia|pink|rose|slate|gray|zinc|neutral|stone';
  expect(
    found(new RegExp(`\\b(?:bg|text|border|ring|fill|stroke|outline|from|via|to|shadow)-(?:${hues})-\\d`)),
  ).toEqual([]);
});

it('S11 every colour has its value for both themes', () => {
  const text = readFileSync(join(source, 'styles/colors.css'), 'utf8');
  const blocks = [...text.matchAll(/\{([^{}]*)\}/g)].map(([, body = '']) =>
    [...body.matchAll(/(--[\w-]+):/g)].map(([, name]) => name ?? ''),
  );
  const [light = [], dark = []] = blocks.filter((names) => names.length > 5).map((names) => names.toSorted());
  expect(light.length).toBeGreaterThan(15);
  expect(dark).toEqual(light);
});
