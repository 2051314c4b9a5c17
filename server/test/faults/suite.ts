/** What else takes its number of trials from the tier, but for what wants the machine for itself (scripts/vitest.mjs). */
export const besideFaults: readonly string[] = [
  'server/test/hostile/{fuzz,sql}.test.ts',
  'server/test/counts.test.ts',
  'server/test/policy.test.ts',
  'server/src/modules/files/jobs.test.ts',
  'server/src/modules/projects/service/races.test.ts',
  'server/test/stripe/{volume,reconcile,walk}.test.ts',
];
