import { sign } from 'node:crypto';
import { canonicalJson } from '@safesend/shared/canonical.ts';
import type { Checkpoint } from '@safesend/shared/rooms/room.ts';
import type { InstallationKey } from './keys.ts';
import { query, type Em } from './sql.ts';

export interface Signer {
  sign(head: Pick<Checkpoint, 'roomId' | 'seq' | 'hash' | 'at'>): Checkpoint;
}

/**
 * Signs the heads of rooms with this installation's Ed25519 key: private in the data folder, public in the database, so
 * that every process can be checked against every other.
 */
export async function openSigner(em: Em, { id: keyId, privateKey, publicKey }: InstallationKey): Promise<Signer> {
  await query(em, 'insert into signing_keys (key_id, public_key) values ($1, $2) on conflict do nothing', [
    keyId,
    publicKey,
  ]);
  return {
    sign({ roomId, seq, hash, at }) {
      const text = canonicalJson({ roomId, seq, hash, at });
      const signature = sign(null, Buffer.from(text), privateKey).toString('base64url');
      return { roomId, seq, hash, at, keyId, signature };
    },
  };
}
