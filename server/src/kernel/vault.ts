import { createCipheriv, createDecipheriv, createHmac, createSecretKey, hkdfSync, randomBytes } from 'node:crypto';
import type { InstallationKey } from './keys.ts';

/**
 * What the database keeps and must not be able to say: whoever has a copy of the database alone reads nothing of it and
 * guesses nothing of it. All processes with the same installation key understand each other.
 */
export interface Vault {
  /** A keyed digest, `<key id>:<HMAC-SHA256 in base64url>`. */
  fingerprint(text: string): string;
  /** Is this the fingerprint of that text? Null when another key made it, so that nobody here can tell. */
  matches(fingerprint: string, text: string): boolean | null;
  /** AES-256-GCM, `<key id>:<nonce, ciphertext and tag in base64url>`; it opens in the same context only. */
  seal(text: string, context: string): string;
  /** Null when another key sealed it. Throws when it was tampered with or belongs to another context. */
  open(sealed: string, context: string): string | null;
}

const nonceBytes = 12;
const tagBytes = 16;

export function openVault({ id, privateKey }: InstallationKey): Vault {
  const seed = Buffer.from(String(privateKey.export({ format: 'jwk' }).d), 'base64url');
  // As key objects: a key in bytes is taken in anew at every use, which costs more than the digest.
  const derive = (purpose: string) =>
    createSecretKey(Buffer.from(hkdfSync('sha256', seed, '', `safesend ${purpose}`, 32)));
  const printKey = derive('fingerprint');
  const sealKey = derive('seal');
  const ownPart = (kept: string) => (kept.startsWith(`${id}:`) ? kept.slice(id.length + 1) : null);
  const fingerprint = (text: string) => `${id}:${createHmac('sha256', printKey).update(text).digest('base64url')}`;
  return {
    fingerprint,
    matches: (kept, text) => (ownPart(kept) === null ? null : kept === fingerprint(text)),
    seal(text, context) {
      const nonce = randomBytes(nonceBytes);
      const cipher = createCipheriv('aes-256-gcm', sealKey, nonce).setAAD(Buffer.from(context));
      const parts = [nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()];
      return `${id}:${Buffer.concat(parts).toString('base64url')}`;
    },
    open(sealed, context) {
      const own = ownPart(sealed);
      if (own === null) return null;
      const bytes = Buffer.from(own, 'base64url');
      const decipher = createDecipheriv('aes-256-gcm', sealKey, bytes.subarray(0, nonceBytes), {
        authTagLength: tagBytes,
      });
      decipher.setAAD(Buffer.from(context)).setAuthTag(bytes.subarray(-tagBytes));
      return decipher.update(bytes.subarray(nonceBytes, -tagBytes), undefined, 'utf8') + decipher.final('utf8');
    },
  };
}
