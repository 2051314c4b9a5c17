import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findOrMakeKey } from './keys.ts';
import { openVault, type Vault } from './vault.ts';

let folders: string[];
let vault: Vault;
let foreign: Vault;
beforeAll(async () => {
  folders = await Promise.all([1, 2].map(() => mkdtemp(join(tmpdir(), 'safesend-vault-'))));
  const [own = '', other = ''] = folders;
  vault = openVault(await findOrMakeKey(own));
  foreign = openVault(await findOrMakeKey(other));
});
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))));

test('L5 what is sealed opens in its own context only, and not after a change of one bit', () => {
  const sealed = vault.seal('the token', 'ana 1');
  expect(sealed).not.toContain('token');
  expect(vault.seal('the token', 'ana 1')).not.toBe(sealed);
  expect(vault.open(sealed, 'ana 1')).toBe('the token');
  expect(() => vault.open(sealed, 'ben 1')).toThrow();
  const turned = sealed.replace(/.{20}$/, (end) => end.replace(/[A-Za-z]/, (it) => (it === 'A' ? 'B' : 'A')));
  expect(() => vault.open(turned, 'ana 1')).toThrow();
  expect(foreign.open(sealed, 'ana 1')).toBeNull();
});

test('X9 a fingerprint is told apart by its own installation and guessed by nobody without the key', () => {
  const print = vault.fingerprint('yes');
  expect([vault.matches(print, 'yes'), vault.matches(print, 'no'), foreign.matches(print, 'yes')]).toEqual([
    true,
    false,
    null,
  ]);
  const hash = createHash('sha256').update('yes');
  expect([hash.copy().digest('hex'), hash.copy().digest('base64url')]).not.toContain(print.split(':')[1]);
});

test('L5 processes that start at the same moment share one key', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'safesend-vault-'));
  folders.push(folder);
  const keys = await Promise.all(Array.from({ length: 8 }, () => findOrMakeKey(folder)));
  expect(new Set(keys.map(({ id }) => id)).size).toBe(1);
});
