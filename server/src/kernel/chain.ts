import { hash as digestOf, randomBytes } from 'node:crypto';
import { canonicalJson } from '@safesend/shared/canonical.ts';
import type { Envelope } from '@safesend/shared/rooms/event.ts';

export const genesisHash = '0'.repeat(64);

export interface Seal {
  readonly salt: string;
  readonly digest: string;
  readonly prevHash: string;
  readonly hash: string;
}

/**
 * Seals one fact behind the one before it. `digest = sha256(salt ‖ JCS(data))` and
 * `hash = sha256(prevHash ‖ JCS(envelope) ‖ digest)`, every part as UTF-8 text, every hash in lower-case hex. The salt keeps a short
 * text from being guessed from its digest once the text is erased.
 */
export function seal(envelope: Envelope, data: unknown, prevHash: string): Seal {
  const salt = randomBytes(16).toString('hex');
  const digest = sha256(salt + canonicalJson(data));
  return { salt, digest, prevHash, hash: chainHash(envelope, digest, prevHash) };
}

export function chainHash({ roomId, seq, id, type, actorId, at }: Envelope, digest: string, prevHash: string): string {
  return sha256(prevHash + canonicalJson({ roomId, seq, id, type, actorId, at }) + digest);
}

/** Whether a payload is the one a digest was made of. */
export function isSealed(digest: string, salt: string, data: unknown): boolean {
  return digest === sha256(salt + canonicalJson(data));
}

export function sha256(text: string): string {
  return digestOf('sha256', text);
}
