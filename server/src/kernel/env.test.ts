import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { advice, envSchema, readEnv } from './env.ts';

const production = {
  NODE_ENV: 'production',
  DATABASE_URL: 'postgres://u:p@db/safesend',
  PUBLIC_URL: 'https://safe.example',
};

test('V03 nothing is needed for a first start', () => {
  expect(readEnv({})).toMatchObject({
    isProduction: false,
    host: '127.0.0.1',
    port: 3000,
    rateLimits: true,
    testClock: false,
    roles: { web: true, worker: true },
    publicUrl: undefined,
    trustProxy: [],
  });
});

test('V03 every complaint comes in one sentence, each naming its variable', () => {
  expect(() => readEnv({ PORT: 'often', REDIS_URL: 'http://nope', ROLES: 'king' })).toThrow(
    /^The environment is refused: PORT.*; REDIS_URL.*; ROLES.*\.$/,
  );
});

test('V03 production runs with nothing set, and says what that means; with everything set it has no advice', () => {
  expect(advice(readEnv({ NODE_ENV: 'production' })).join()).toMatch(/DATABASE_URL is not set.*PUBLIC_URL is not set/);
  expect(advice(readEnv(production))).toEqual([]);
  expect(advice(readEnv({}))).toEqual([]);
  expect(readEnv(production)).toMatchObject({
    isProduction: true,
    host: '0.0.0.0',
    mailFrom: 'SafeSend <no-reply@safe.example>',
  });
});

test('an empty value means the variable is not set', () => {
  expect(readEnv({ PUBLIC_URL: '', LOG_LEVEL: ' ' }).publicUrl).toBeUndefined();
});

test.each([
  ['RATE_LIMITS=off beyond loopback', { RATE_LIMITS: 'off', HOST: '0.0.0.0' }, /RATE_LIMITS=off is refused/],
  ['the test clock in production', { ...production, SAFESEND_TEST_CLOCK: '1' }, /SAFESEND_TEST_CLOCK is refused/],
  ['faults outside tests', { SAFESEND_FAULTS: 'without:head-poll' }, /SAFESEND_FAULTS is refused/],
  ['faults in production', { ...production, SAFESEND_FAULTS: 'exit:committed' }, /SAFESEND_FAULTS is refused/],
  ['unknown faults', { NODE_ENV: 'test', SAFESEND_FAULTS: 'without:gravity' }, /does not know without:gravity/],
  ['a foreign Stripe in production', { ...production, STRIPE_API_BASE: 'https://stripe.example' }, /STRIPE_API_BASE/],
  ['Stripe in the open in production', { ...production, STRIPE_API_BASE: 'http://api.stripe.com' }, /STRIPE_API_BASE/],
  ['a Stripe without browsers', { STRIPE_SECRET_KEY: 'sk_test_a' }, /STRIPE_PUBLISHABLE_KEY is needed beside/],
  [
    'Stripe by its address without browsers',
    { STRIPE_SECRET_KEY: 'sk_test_a', STRIPE_API_BASE: 'https://api.stripe.com' },
    /STRIPE_PUBLISHABLE_KEY is needed beside/,
  ],
  [
    'keys of two modes',
    { ...production, STRIPE_SECRET_KEY: 'sk_live_a', STRIPE_PUBLISHABLE_KEY: 'pk_test_a' },
    /both be for tests or both for real money/,
  ],
  [
    'a restricted key of another mode',
    { ...production, STRIPE_SECRET_KEY: 'rk_live_a', STRIPE_PUBLISHABLE_KEY: 'pk_test_a' },
    /both be for tests or both for real money/,
  ],
  ['a secret that pages would show', { STRIPE_PUBLISHABLE_KEY: 'sk_test_a' }, /STRIPE_PUBLISHABLE_KEY begins with/],
  ['real money in development', { STRIPE_SECRET_KEY: 'sk_live_a' }, /real money is refused outside production/],
  ['a restricted key in development', { STRIPE_SECRET_KEY: 'rk_live_a' }, /real money is refused outside production/],
  ['a proxy that is no address', { TRUST_PROXY: '10.0.0.0/8,everybody' }, /not everybody/],
  ['a short metrics token in production', { ...production, METRICS_TOKEN: 'short' }, /METRICS_TOKEN must be at least/],
  ['S3 without a bucket', { STORAGE_DRIVER: 's3' }, /S3_BUCKET is needed/],
])('refused: %s', (_what, source, complaint) => {
  expect(() => readEnv(source)).toThrow(complaint);
});

test.each(['127.0.0.1', 'localhost', '::1'])('RATE_LIMITS=off is allowed on %s', (HOST) => {
  expect(readEnv({ RATE_LIMITS: 'off', HOST }).rateLimits).toBe(false);
});

test.each(['https://api.stripe.com', 'http://127.0.0.1:12111'])('STRIPE_API_BASE in production may be %s', (base) => {
  expect(readEnv({ ...production, STRIPE_API_BASE: base }).STRIPE_API_BASE).toBe(base);
});

test('keys for tests and for real money go with their own kind, and a Stripe of one’s own needs none for browsers', () => {
  const [secret, publishable] = ['STRIPE_SECRET_KEY', 'STRIPE_PUBLISHABLE_KEY'];
  expect(readEnv({ [secret]: 'rk_test_a', [publishable]: 'pk_test_a' })).toMatchObject({ [publishable]: 'pk_test_a' });
  const real = { ...production, [secret]: 'sk_live_a', [publishable]: 'pk_live_a' };
  expect(readEnv(real)).toMatchObject({ [secret]: 'sk_live_a' });
  const own = { [secret]: 'sk_test_a', STRIPE_API_BASE: 'http://127.0.0.1:12111' };
  expect(readEnv(own).STRIPE_PUBLISHABLE_KEY).toBeUndefined();
});

test('V03 the example lists exactly the variables of the schema', () => {
  const example = readFileSync(new URL('../../../.env.example', import.meta.url), 'utf8');
  const listed = [...example.matchAll(/^#? ?([A-Z][A-Z0-9_]*)=/gm)].map(([, name]) => name);
  expect(listed.toSorted()).toEqual(Object.keys(envSchema.shape).toSorted());
});
