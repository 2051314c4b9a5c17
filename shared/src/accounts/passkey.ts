import { z } from 'zod';
import { id } from '../ids.ts';
import { line, moment } from '../values.ts';

export const passkeyLimits = { name: { max: 80 }, perAccount: 20 } as const;

/** One way to sign in without a password: a key that a device or a password manager keeps, and unlocks for its owner alone. */
export const passkey = z.strictObject({
  id,
  name: z.string(),
  createdAt: moment,
  lastUsedAt: moment.nullable(),
});
export type Passkey = z.infer<typeof passkey>;

export const passkeyName = line(1, passkeyLimits.name.max);

/** Bytes as WebAuthn writes them in JSON: base64url without padding. */
const bytes = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .regex(/^[\w-]+$/, 'Use base64url.');
const type = z.literal('public-key');
const descriptor = z.strictObject({ id: z.string(), type, transports: z.array(z.string()) });

/** What the browser is asked for to make a new passkey. */
export const creationOptions = z.strictObject({
  rp: z.strictObject({ id: z.string(), name: z.string() }),
  user: z.strictObject({ id: z.string(), name: z.string(), displayName: z.string() }),
  challenge: z.string(),
  pubKeyCredParams: z.array(z.strictObject({ type, alg: z.int() })),
  timeout: z.int(),
  excludeCredentials: z.array(descriptor),
  authenticatorSelection: z.strictObject({
    residentKey: z.literal('required'),
    requireResidentKey: z.literal(true),
    userVerification: z.literal('required'),
  }),
  attestation: z.literal('none'),
});
export type CreationOptions = z.infer<typeof creationOptions>;

/** What the browser is asked for to prove that somebody holds a passkey; whose it is says the passkey. */
export const requestOptions = z.strictObject({
  rpId: z.string(),
  challenge: z.string(),
  timeout: z.int(),
  userVerification: z.literal('required'),
  allowCredentials: z.array(descriptor),
});
export type RequestOptions = z.infer<typeof requestOptions>;

const credential = {
  id: bytes(1_400),
  rawId: bytes(1_400),
  type,
  authenticatorAttachment: z.string().max(40).optional(),
  clientExtensionResults: z.record(z.string(), z.unknown()).optional(),
};

/** What a browser answers when it made a passkey. Only what is looked at is kept. */
export const newCredential = z.strictObject({
  ...credential,
  response: z.strictObject({
    clientDataJSON: bytes(4_000),
    attestationObject: bytes(40_000),
    transports: z.array(z.string().max(40)).max(10).optional(),
    authenticatorData: bytes(20_000).optional(),
    publicKeyAlgorithm: z.int().optional(),
    publicKey: bytes(10_000).optional(),
  }),
});
export type NewCredential = z.infer<typeof newCredential>;

/** What it answers when somebody proved that he holds one. */
export const assertion = z.strictObject({
  ...credential,
  response: z.strictObject({
    clientDataJSON: bytes(4_000),
    authenticatorData: bytes(20_000),
    signature: bytes(8_000),
    userHandle: bytes(200).optional(),
  }),
});
export type Assertion = z.infer<typeof assertion>;

/** Names the challenge that is answered. Whoever was asked has it and nobody else; it works once. */
export const attempt = z.string().min(1).max(200);
