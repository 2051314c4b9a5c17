import { hash as digestOf, randomFillSync } from 'node:crypto';
import { canonicalJson } from '@safesend/shared/canonical.ts';
import type { Envelope } from '@safesend/shared/rooms/event.ts';

export const genesisHash = '0'.repeat(64);

export interface Seal {
  /** The payload in its one spelling: what is sealed is what is kept. */
  readonly data: string;
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
  const text = canonicalJson(data);
  const salt = newSalt();
  const digest = sha256(salt + text);
  return { data: text, salt, digest, prevHash, hash: chainHash(envelope, digest, prevHash) };
}

const saltBytes = 16;
const chance = Buffer.alloc(256 * saltBytes);
let used = chance.length;

/** Chance is fetched for many facts at once: asking for it cost more than the digest. */
function newSalt(): string {
  if (used === chance.length) {
    randomFillSync(chance);
    used = 0;
  }
  return chance.toString('hex', used, (used += saltBytes));
}

export function chainHash({ actorId, at, id, roomId, seq, type }: Envelope, digest: string, prevHash: string): string {
  return sha256(prevHash + canonicalJson({ actorId, at, id, roomId, seq, type }) + digest);
}

/** Whether a payload is the one a digest was made of. */
export function isSealed(digest: string, salt: string, data: unknown): boolean {
  return digest === sha256(salt + canonicalJson(data));
}

export function sha256(text: string): string {
  return digestOf('sha256', text);
}
