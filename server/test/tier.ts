// One set of tests in three lengths: fast in every run, slow in CI and before a merge, long before a release.
const shares = { fast: 50, slow: 10, long: 1 } as const;
type Tier = keyof typeof shares;

function isTier(name: string): name is Tier {
  return Object.hasOwn(shares, name);
}

const named = process.env['TEST_TIER'] ?? 'fast';
if (!isTier(named)) throw new Error(`TEST_TIER must be one of ${Object.keys(shares).join(', ')}`);

export const tier: Tier = named;

/** How many of the full number of trials this run makes: a fiftieth, a tenth or all, and never none. */
export function trials(full: number): number {
  return Math.max(1, Math.ceil(full / shares[tier]));
}

/** Test time limits grow with the trials. */
export function patience(fastMs: number): number {
  return Math.ceil((fastMs * shares.fast) / shares[tier]);
}
