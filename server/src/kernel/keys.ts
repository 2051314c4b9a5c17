import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomUUID,
  type KeyObject,
} from 'node:crypto';
import { link, mkdir, readFile, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The one key of an installation: it signs checkpoints, and the vault's keys are derived from it. */
export interface InstallationKey {
  /** The first 16 hex digits of the public key's SHA-256. */
  readonly id: string;
  readonly privateKey: KeyObject;
  /** PEM. */
  readonly publicKey: string;
}

const keyFile = 'checkpoint.pem';

/** The id of the key in this data folder, or null where there is none. */
export async function findKeyId(dataDir: string): Promise<string | null> {
  const key = await findKey(join(dataDir, 'keys', keyFile));
  return key && described(key).id;
}

/** Reads the Ed25519 key in the data folder's `keys/`, which every process of the installation shares; makes it once. */
export async function findOrMakeKey(dataDir: string): Promise<InstallationKey> {
  const folder = join(dataDir, 'keys');
  const path = join(folder, keyFile);
  return described((await findKey(path)) ?? (await makeKey(folder, path)));
}

async function findKey(path: string): Promise<KeyObject | null> {
  try {
    return createPrivateKey(await readFile(path));
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
    return null;
  }
}

async function makeKey(folder: string, path: string): Promise<KeyObject> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const pem = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' });
  // Whole or not at all: a process that starts at the same moment must not read half a key.
  const draft = `${path}.${randomUUID()}`;
  await writeFile(draft, pem, { mode: 0o600 });
  try {
    await link(draft, path);
  } catch (error) {
    // Another process of this data folder made it first: its key is the key.
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  } finally {
    await unlink(draft);
  }
  return createPrivateKey(await readFile(path));
}

function described(privateKey: KeyObject): InstallationKey {
  const publicKey = createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }).toString();
  return { id: createHash('sha256').update(publicKey).digest('hex').slice(0, 16), privateKey, publicKey };
}
