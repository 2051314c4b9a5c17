import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { canonicalJson } from '@safesend/shared/canonical.ts';
import type { Checkpoint } from '@safesend/shared/rooms/room.ts';
import { query, type Em } from './sql.ts';

export interface Signer {
  sign(head: Pick<Checkpoint, 'roomId' | 'seq' | 'hash' | 'at'>): Checkpoint;
}

/**
 * Signs the heads of rooms with this installation's Ed25519 key: private in the data folder, public in the database, so
 * that every process can be checked against every other.
 */
export async function openSigner(em: Em, dataDir: string): Promise<Signer> {
  const privateKey = await findOrMakeKey(join(dataDir, 'keys'));
  const publicKey = createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }).toString();
  const keyId = createHash('sha256').update(publicKey).digest('hex').slice(0, 16);
  await query(em, 'insert into signing_keys (key_id, public_key) values ($1, $2) on conflict do nothing', [
    keyId,
    publicKey,
  ]);
  return {
    sign({ roomId, seq, hash, at }) {
      const text = canonicalJson({ roomId, seq, hash, at });
      return {
        roomId,
        seq,
        hash,
        at,
        keyId,
        signature: sign(null, Buffer.from(text), privateKey).toString('base64url'),
      };
    },
  };
}

async function findOrMakeKey(folder: string): Promise<KeyObject> {
  const path = join(folder, 'checkpoint.pem');
  try {
    return createPrivateKey(await readFile(path));
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const pem = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' });
  try {
    await writeFile(path, pem, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    // Another process of this data folder made it first: its key is the key.
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
  return createPrivateKey(await readFile(path));
}
