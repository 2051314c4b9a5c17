import { createHash, generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';
import { reauthenticate } from '@safesend/shared/accounts/calls.ts';
import type { Assertion, CreationOptions, NewCredential, RequestOptions } from '@safesend/shared/accounts/passkey.ts';
import {
  addPasskey,
  beginPasskey,
  beginPasskeySignIn,
  beginReauthentication,
} from '@safesend/shared/accounts/passkey-calls.ts';
import { send, type Person } from './harness.ts';

const sha256 = (data: string | Buffer): Buffer => createHash('sha256').update(data).digest();

// As much of CBOR as a key and an attestation need, each length in its shortest spelling.
function head(major: number, length: number): Buffer {
  if (length < 24) return Buffer.from([(major << 5) | length]);
  if (length < 256) return Buffer.from([(major << 5) | 24, length]);
  return Buffer.from([(major << 5) | 25, length >> 8, length & 255]);
}
const int = (value: number): Buffer => (value < 0 ? head(1, -1 - value) : head(0, value));
const bytes = (value: Buffer): Buffer => Buffer.concat([head(2, value.length), value]);
const text = (value: string): Buffer => Buffer.concat([head(3, value.length), Buffer.from(value)]);
const map = (...pairs: (readonly [Buffer, Buffer])[]): Buffer =>
  Buffer.concat([head(5, pairs.length), ...pairs.flat()]);

const present = 0x01;
const verified = 0x04;
const withKey = 0x40;

/** What somebody who tampers with it changes. */
export interface Tampering {
  readonly origin?: string;
  readonly rpId?: string;
  readonly challenge?: string;
  readonly counter?: number;
  readonly isVerified?: boolean;
  readonly userHandle?: string;
  /** It says who made it, and proves it badly. */
  readonly isAttested?: boolean;
}

/** A device that keeps one passkey, in software: real keys and real signatures, and nobody to touch it. */
export class Authenticator {
  readonly id: string;
  readonly #key: KeyObject;
  readonly #point: { x: Buffer; y: Buffer };
  /** Where its browser has the product open. */
  readonly #origin: string;
  #userHandle = '';
  #counter = 0;

  constructor(origin: string, id = randomBytes(32)) {
    this.id = id.toString('base64url');
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
    this.#key = privateKey;
    this.#point = { x: Buffer.from(x, 'base64url'), y: Buffer.from(y, 'base64url') };
    this.#origin = origin;
  }

  create({ rp, user, challenge }: CreationOptions, tampering: Tampering = {}): NewCredential {
    this.#userHandle = user.id;
    const clientData = this.#clientData('webauthn.create', challenge, tampering);
    const authData = this.#authData(rp.id, withKey, tampering, this.#attested());
    const statement = tampering.isAttested ? map([text('sig'), bytes(randomBytes(70))]) : map();
    const attestation = map(
      [text('fmt'), text(tampering.isAttested ? 'packed' : 'none')],
      [text('attStmt'), statement],
      [text('authData'), bytes(authData)],
    );
    return {
      ...this.#identity(),
      response: {
        clientDataJSON: clientData.toString('base64url'),
        attestationObject: attestation.toString('base64url'),
        transports: ['internal'],
      },
    };
  }

  get({ rpId, challenge }: RequestOptions, tampering: Tampering = {}): Assertion {
    this.#counter++;
    const clientData = this.#clientData('webauthn.get', challenge, tampering);
    const authData = this.#authData(rpId, 0, tampering);
    const userHandle = tampering.userHandle ?? this.#userHandle;
    const signature = sign('sha256', Buffer.concat([authData, sha256(clientData)]), this.#key);
    return {
      ...this.#identity(),
      response: {
        clientDataJSON: clientData.toString('base64url'),
        authenticatorData: authData.toString('base64url'),
        signature: signature.toString('base64url'),
        ...(userHandle !== '' && { userHandle }),
      },
    };
  }

  #identity() {
    return { id: this.id, rawId: this.id, type: 'public-key' as const, clientExtensionResults: {} };
  }

  #clientData(type: string, asked: string, { origin = this.#origin, challenge = asked }: Tampering): Buffer {
    return Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: false }));
  }

  #authData(
    asked: string,
    flags: number,
    { rpId = asked, counter = this.#counter, isVerified = true }: Tampering,
    rest: Buffer = Buffer.alloc(0),
  ): Buffer {
    const fixed = Buffer.alloc(5);
    fixed.writeUInt8(flags | present | (isVerified ? verified : 0), 0);
    fixed.writeUInt32BE(counter, 1);
    return Buffer.concat([sha256(rpId), fixed, rest]);
  }

  #attested(): Buffer {
    const id = Buffer.from(this.id, 'base64url');
    const cose = map(
      [int(1), int(2)],
      [int(3), int(-7)],
      [int(-1), int(1)],
      [int(-2), bytes(this.#point.x)],
      [int(-3), bytes(this.#point.y)],
    );
    return Buffer.concat([Buffer.alloc(16), Buffer.from([id.length >> 8, id.length & 255]), id, cose]);
  }
}

/** Without an Origin the product takes its own address for where it is open. */
export function originOf({ base }: Pick<Person, 'base'>): string {
  return base.replace('127.0.0.1', 'localhost');
}

export const password = 'correct horse battery staple';

/** A passkey in somebody's account, and the device that has it. */
export async function enrol(person: Person, name?: string): Promise<{ device: Authenticator; passkeyId: string }> {
  const device = new Authenticator(originOf(person));
  const body = { ...(await toEnrol(person, device)), ...(name !== undefined && { name }) };
  const { passkey } = await person.must(addPasskey, { body });
  return { device, passkeyId: passkey.id };
}

/** What his page sends to add this device. */
export async function toEnrol(person: Person, device = new Authenticator(originOf(person))) {
  await person.must(reauthenticate, { body: { password } });
  const { attempt, options } = await person.must(beginPasskey);
  return { attempt, response: device.create(options) };
}

/** What a page sends to sign in with this device. */
export async function toSignIn(base: string, device: Authenticator, tampering: Tampering = {}) {
  const { attempt, options } = (await send(base, beginPasskeySignIn, {})).body;
  return { attempt, response: device.get(options, tampering) };
}

/** What the page of somebody who is signed in sends to confirm a step. */
export async function toConfirm(person: Person, device: Authenticator, tampering: Tampering = {}) {
  const { attempt, options } = await person.must(beginReauthentication);
  return { attempt, response: device.get(options, tampering) };
}
