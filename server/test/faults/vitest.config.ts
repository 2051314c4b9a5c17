import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { besideFaults } from './suite.ts';

const root = join(import.meta.dirname, '../../..');

/** Servers, databases and their wires, two benches at a time. */
export default defineConfig({
  root,
  test: {
    name: 'faults',
    environment: 'node',
    globalSetup: ['server/test/global-setup.ts'],
    include: ['server/test/faults/**/*.fault.ts', ...besideFaults],
    maxWorkers: 2,
    // Whatever says nothing else of itself: as in the faster tier, and with a machine that is full.
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
