import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';

interface Manifest {
  version: string;
  workspaces?: string[];
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
}

const root = join(import.meta.dirname, '..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');
const manifest = (folder: string): Manifest => JSON.parse(read(join(folder, 'package.json')));
const lock: { packages: Record<string, Manifest> } = JSON.parse(read('package-lock.json'));
const workspaces = ['', ...(manifest('').workspaces ?? [])];
const files = trackedFiles();

// A checkout without its history (an archive, an image) still has the documents.
function trackedFiles(): string[] {
  try {
    const listed = execFileSync('git', ['ls-files', '-z'], {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return listed.split('\0').filter((file) => file !== '' && existsSync(join(root, file)));
  } catch {
    return ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'package-lock.json'];
  }
}

test.each(workspaces)('T-S12 "%s" pins every dependency, and the lockfile agrees', (folder) => {
  const { dependencies = {}, devDependencies = {} } = manifest(folder);
  const locked = lock.packages[folder];
  expect({ ...locked?.dependencies, ...locked?.devDependencies }).toEqual({ ...dependencies, ...devDependencies });
  for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies })) {
    if (name.startsWith('@safesend/')) continue;
    expect(version, name).toMatch(/^(npm:[^@]+@)?\d+\.\d+\.\d+(-[\w.]+)?$/);
  }
});

test('T-S12 the lockfile names no host: it installs from whichever registry the machine uses', () => {
  expect(read('package-lock.json')).not.toMatch(/"resolved": "https?:/);
});

test('T07 no secret lies in the repository', () => {
  const secrets =
    /-----BEGIN [A-Z ]*PRIVATE KEY|\b(sk|rk)_live_\w{8}|\bAKIA[0-9A-Z]{16}\b|\bghp_\w{30}|\bxox[bp]-\d{8}|\bnpm_\w{36}\b/;
  const text = files.filter((file) => !/\.(png|jpe?g|webp|ico|woff2?)$/.test(file));
  expect(text.filter((file) => secrets.test(read(file)))).toEqual([]);
});

test.each(files.filter((file) => file.endsWith('.md')))('V10 every link of %s leads to a file that exists', (file) => {
  const links = [...read(file).matchAll(/\]\((?!https?:|mailto:|#)([^)#\s]+)/g)].map(([, link = '']) => link);
  expect(links.filter((link) => !existsSync(join(root, dirname(file), link)))).toEqual([]);
});

test('V10 the README is short enough to be read', () => {
  expect(read('README.md').split('\n').length).toBeLessThanOrEqual(200);
});
