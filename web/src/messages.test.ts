import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');
const settings = JSON.parse(readFileSync(join(root, 'project.inlang/settings.json'), 'utf8')) as {
  locales: string[];
  'plugin.inlang.messageFormat': { pathPattern: string[] };
};
const patterns = settings['plugin.inlang.messageFormat'].pathPattern;

function keysOf(locale: string): string[] {
  return patterns.flatMap((pattern) => {
    const file = join(root, pattern.replace('{locale}', locale));
    return Object.keys(JSON.parse(readFileSync(file, 'utf8')) as object).filter((key) => !key.startsWith('$'));
  });
}

function usedKeys(): Set<string> {
  const source = join(root, 'src');
  const used = new Set<string>();
  for (const file of readdirSync(source, { recursive: true, encoding: 'utf8' })) {
    if (!/\.(svelte|ts)$/.test(file) || file.endsWith('.test.ts') || file.includes('paraglide')) continue;
    for (const [, key] of readFileSync(join(source, file), 'utf8').matchAll(/(?<![\w./])m\.([a-z0-9_]+)\b/g))
      used.add(key ?? '');
  }
  return used;
}

describe('UX 59 every text is a message', () => {
  const used = usedKeys();

  it.each(settings.locales)('UX 59 nothing used is missing in %s', (locale) => {
    const known = new Set(keysOf(locale));
    expect([...used].filter((key) => !known.has(key))).toEqual([]);
  });

  it.each(settings.locales)('UX 59 nothing in %s is unused or said twice', (locale) => {
    const keys = keysOf(locale);
    expect(keys.filter((key) => !used.has(key))).toEqual([]);
    expect(keys.filter((key, index) => keys.indexOf(key) !== index)).toEqual([]);
  });

  it('UX 59 every message file is read', () => {
    for (const locale of settings.locales) {
      const files = readdirSync(join(root, 'messages', locale)).map((file) => `./messages/{locale}/${file}`);
      expect(files.toSorted()).toEqual(patterns.toSorted());
    }
  });
});
