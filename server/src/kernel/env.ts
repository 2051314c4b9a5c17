import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { defaultFeeTerms } from '@safesend/shared/escrow/fees.ts';
import { mostFeeBps } from '@safesend/shared/escrow/terms.ts';
import { defaultLimits } from '@safesend/shared/files/limits.ts';
import ipaddr from 'ipaddr.js';
import { z } from 'zod';
import { unknownFaults } from './faults.ts';
import { StartupError } from './startup.ts';

const text = z.string().optional();
const webUrl = z.url({ protocol: /^https?$/, error: 'must be an http(s) address' }).optional();
const bytes = z.coerce.number('must be a number of bytes').int().positive().max(Number.MAX_SAFE_INTEGER);
const feeBps = z.coerce.number('must be a number of hundredths of a per cent').int().min(0).max(mostFeeBps);
const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

const redisUrl = z.url({ protocol: /^rediss?$/ });
const isRedisUrl = (address: string) => redisUrl.safeParse(address).success;

/** Every variable the product reads; nothing else in the code looks at the environment. */
export const envSchema = z.object({
  NODE_ENV: z.enum(['development', 'production', 'test']).default('development'),
  PORT: z.coerce.number('must be a port number').int().min(0).max(65_535).default(3000),
  HOST: text,
  PUBLIC_URL: webUrl,
  DATABASE_URL: z
    .url({ protocol: /^postgres(ql)?$/, error: 'must look like postgres://user:password@host:5432/name' })
    .optional(),
  DATABASE_WAIT_SECONDS: z.coerce.number('must be a number of seconds').int().min(0).max(3_600).default(30),
  REDIS_URL: z
    .string()
    .refine((list) => list.split(',').every(isRedisUrl), 'must look like redis://host:6379, or several for a cluster')
    .optional(),
  SAFESEND_DATA_DIR: z.string().default('./.data'),
  ROLES: z
    .string()
    .regex(/^(web|worker)(,(web|worker))*$/, 'must be web, worker or web,worker')
    .default('web,worker'),
  STORAGE_DRIVER: z.enum(['fs', 's3']).default('fs'),
  S3_ENDPOINT: webUrl,
  S3_REGION: text,
  S3_BUCKET: text,
  S3_ACCESS_KEY_ID: text,
  S3_SECRET_ACCESS_KEY: text,
  S3_FORCE_PATH_STYLE: z.enum(['true', 'false']).default('false'),
  MAX_FILE_BYTES: bytes.default(defaultLimits.maxFileBytes),
  PERSON_STORAGE_BYTES: bytes.default(defaultLimits.personBytes),
  PROJECT_STORAGE_BYTES: bytes.default(defaultLimits.roomBytes),
  SCANNER_URL: z.url({ protocol: /^(tcp|unix)$/, error: 'must look like tcp://host:3310 or unix:///path' }).optional(),
  SMTP_URL: z.url({ protocol: /^smtps?$/, error: 'must look like smtp://user:password@host:587' }).optional(),
  MAIL_FROM: text,
  STRIPE_SECRET_KEY: text,
  STRIPE_PUBLISHABLE_KEY: text,
  STRIPE_WEBHOOK_SECRET: text,
  STRIPE_CONNECT_WEBHOOK_SECRET: text,
  STRIPE_THIN_WEBHOOK_SECRET: text,
  STRIPE_API_BASE: webUrl,
  PLATFORM_FEE_BPS: feeBps.default(defaultFeeTerms.platformFeeBps),
  SERVICE_FEE_BPS: feeBps.default(defaultFeeTerms.serviceFeeBps),
  SMS_WEBHOOK_URL: webUrl,
  TURN_URLS: text,
  TURN_SECRET: text,
  LOG_LEVEL: z.enum(logLevels).optional(),
  METRICS_TOKEN: text,
  TRUST_PROXY: text,
  RATE_LIMITS: z.enum(['on', 'off']).default('on'),
  SAFESEND_TEST_CLOCK: z.literal('1', 'must be 1 or absent').optional(),
  SAFESEND_FAULTS: text,
});

/** What S3 takes in one request. */
const s3PutBytes = 5 * 1024 ** 3;

type Values = z.infer<typeof envSchema>;

export interface Env extends Omit<
  Values,
  'HOST' | 'MAIL_FROM' | 'PUBLIC_URL' | 'ROLES' | 'RATE_LIMITS' | 'SAFESEND_TEST_CLOCK' | 'TRUST_PROXY'
> {
  readonly isProduction: boolean;
  readonly host: string;
  readonly port: number;
  readonly publicUrl: URL | undefined;
  readonly dataDir: string;
  readonly mailFrom: string;
  readonly roles: { readonly web: boolean; readonly worker: boolean };
  readonly rateLimits: boolean;
  readonly testClock: boolean;
  /** Addresses and ranges whose `X-Forwarded-For` counts. */
  readonly trustProxy: readonly string[];
}

export function readEnv(source: NodeJS.ProcessEnv): Env {
  // `NAME=` in an env file means "not set", the same as a line that is commented out.
  const given = Object.fromEntries(
    Object.entries(source).filter(([, value]) => value !== undefined && value.trim() !== ''),
  );
  const parsed = envSchema.safeParse(given);
  const complaints = parsed.success
    ? unsafeSettings(parsed.data)
    : parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`);
  if (!parsed.success || complaints.length > 0) throw new StartupError(listed(complaints));
  return derive(parsed.data);
}

export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '');
  return bare === 'localhost' || (isIP(bare) !== 0 && ipaddr.process(bare).range() === 'loopback');
}

function derive(values: Values): Env {
  const { HOST: _host, MAIL_FROM, PUBLIC_URL, ROLES, RATE_LIMITS, SAFESEND_TEST_CLOCK, TRUST_PROXY, ...rest } = values;
  const roles = ROLES.split(',');
  const publicUrl = PUBLIC_URL === undefined ? undefined : new URL(PUBLIC_URL);
  return {
    ...rest,
    isProduction: values.NODE_ENV === 'production',
    host: hostOf(values),
    port: values.PORT,
    publicUrl,
    mailFrom: MAIL_FROM ?? `SafeSend <no-reply@${publicUrl?.hostname ?? 'localhost'}>`,
    dataDir: resolve(values.SAFESEND_DATA_DIR),
    roles: { web: roles.includes('web'), worker: roles.includes('worker') },
    rateLimits: RATE_LIMITS === 'on',
    testClock: SAFESEND_TEST_CLOCK === '1',
    trustProxy: proxiesOf(TRUST_PROXY),
  };
}

function hostOf({ HOST, NODE_ENV }: Values): string {
  return HOST ?? (NODE_ENV === 'production' ? '0.0.0.0' : '127.0.0.1');
}

function proxiesOf(list: string | undefined): string[] {
  return (list ?? '')
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '' && entry !== 'none');
}

/** What an operator should hear of although it works, in words. */
export function advice(env: Env): string[] {
  if (!env.isProduction) return [];
  const words: string[] = [];
  if (!env.DATABASE_URL)
    words.push(`DATABASE_URL is not set: everything lives in the embedded database under ${env.dataDir}; back it up`);
  if (!env.publicUrl)
    words.push('PUBLIC_URL is not set: only browsers on this machine get in, and links in mails lead to localhost');
  return words;
}

function unsafeSettings(values: Values): string[] {
  const complaints: string[] = [];
  const production = values.NODE_ENV === 'production';
  if (values.RATE_LIMITS === 'off' && !isLoopback(hostOf(values))) {
    complaints.push('RATE_LIMITS=off is refused unless HOST is a loopback address');
  }
  if (production && values.SAFESEND_TEST_CLOCK) complaints.push('SAFESEND_TEST_CLOCK is refused in production');
  if (values.SAFESEND_FAULTS !== undefined) {
    if (values.NODE_ENV !== 'test') complaints.push('SAFESEND_FAULTS is refused unless NODE_ENV is test');
    const unknown = unknownFaults(values.SAFESEND_FAULTS);
    if (unknown.length > 0) complaints.push(`SAFESEND_FAULTS does not know ${unknown.join(', ')}`);
  }
  if (production && values.STRIPE_API_BASE && !isStripeBase(values.STRIPE_API_BASE)) {
    complaints.push("STRIPE_API_BASE in production must be Stripe's own address or a loopback address");
  }
  if (!production && /^[sr]k_live_/.test(values.STRIPE_SECRET_KEY ?? '')) {
    complaints.push(
      'STRIPE_SECRET_KEY with real money is refused outside production: use one that begins with sk_test_',
    );
  }
  if (production && (values.METRICS_TOKEN?.length ?? 16) < 16)
    complaints.push('METRICS_TOKEN must be at least 16 characters in production');
  complaints.push(...unfitKeys(values));
  const strangers = proxiesOf(values.TRUST_PROXY).filter((entry) => !isAddressOrRange(entry));
  if (strangers.length > 0) complaints.push(`TRUST_PROXY takes IP addresses and ranges, not ${strangers.join(', ')}`);
  if (values.STORAGE_DRIVER === 's3') {
    for (const name of ['S3_REGION', 'S3_BUCKET', 'S3_ACCESS_KEY_ID', 'S3_SECRET_ACCESS_KEY'] as const) {
      if (!values[name]) complaints.push(`${name} is needed when STORAGE_DRIVER=s3`);
    }
    if (values.MAX_FILE_BYTES > s3PutBytes)
      complaints.push('MAX_FILE_BYTES is at most 5368709120 (5 GiB) when STORAGE_DRIVER=s3');
  }
  return complaints;
}

/** Browsers take cards with the one key, the server charges them with the other: of one account and one mode. */
function unfitKeys({
  STRIPE_SECRET_KEY: secret,
  STRIPE_PUBLISHABLE_KEY: publishable,
  STRIPE_API_BASE: base,
}: Values): string[] {
  if (publishable !== undefined && !/^pk_(test|live)_/.test(publishable))
    return ['STRIPE_PUBLISHABLE_KEY begins with pk_test_ or pk_live_: pages hand it to everybody'];
  if (secret === undefined) return [];
  if (publishable === undefined)
    return base === undefined || new URL(base).hostname === 'api.stripe.com'
      ? ['STRIPE_PUBLISHABLE_KEY is needed beside STRIPE_SECRET_KEY: browsers take cards with it']
      : [];
  const isLive = /^[sr]k_live_/.test(secret);
  if (isLive === publishable.startsWith('pk_live_')) return [];
  return ['STRIPE_PUBLISHABLE_KEY and STRIPE_SECRET_KEY must both be for tests or both for real money'];
}

function isStripeBase(address: string): boolean {
  const { hostname, protocol } = new URL(address);
  return isLoopback(hostname) || (protocol === 'https:' && hostname === 'api.stripe.com');
}

function isAddressOrRange(entry: string): boolean {
  return ipaddr.isValid(entry) || ipaddr.isValidCIDR(entry);
}

function listed(complaints: readonly string[]): string {
  return `The environment is refused: ${complaints.join('; ')}.`;
}
