import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

const root = join(import.meta.dirname, '../../..');

/** Servers, databases and their wires, two benches at a time. */
export default defineConfig({
  root,
  test: {
    name: 'faults',
    environment: 'node',
    globalSetup: ['server/test/global-setup.ts'],
    // What else takes its number of trials from the tier, but for what wants the machine for itself (scripts/vitest.mjs).
    include: [
      'server/test/faults/**/*.fault.ts',
      'server/test/hostile/fuzz.test.ts',
      'server/test/counts.test.ts',
      'server/test/policy.test.ts',
      'server/src/modules/files/jobs.test.ts',
      'server/src/modules/projects/service/races.test.ts',
      'server/test/stripe/{volume,reconcile}.test.ts',
    ],
    maxWorkers: 2,
    // Whatever says nothing else of itself: as in the faster tier, and with a machine that is full.
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
