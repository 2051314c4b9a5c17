import { configDefaults, defineConfig } from 'vitest/config';
import { besideFaults } from './server/test/faults/suite.ts';

const components = 'src/**/*.svelte.test.ts';
/**
 * Each in a process of its own: the built pages belong to the first server of a process, a full volume cuts connections, and
 * what a test takes away of the product is missing until its process ends.
 */
const apart = [
  'server/test/late.test.ts',
  'server/test/hostile/headers.test.ts',
  'server/test/web-security.test.ts',
  'server/src/modules/files/route/full-volume.test.ts',
];

/** Where the fault suite follows, it runs these with more trials; Vitest's own `--exclude` does not reach a project that has one. */
const leftToFaults = process.env['TEST_BESIDE_FAULTS'] ? besideFaults : [];

/** What is awaited is awaited by what it says, not by how fast a busy machine says it. */
const patience = { poll: { timeout: 15_000 } };
/** Whether a test hangs is what these tell; how fast it is, they leave to the bench. */
const limits = { testTimeout: 120_000, hookTimeout: 120_000 };

export default defineConfig({
  test: {
    maxWorkers: 2,
    projects: [
      {
        test: {
          name: 'node',
          environment: 'node',
          globalSetup: ['server/test/global-setup.ts'],
          include: ['{shared,server,scripts}/**/*.test.ts'],
          exclude: [...configDefaults.exclude, ...apart, ...leftToFaults],
          // Each file starts and stops the product itself; with all of it loaded anew for each they take twice as long.
          isolate: false,
          ...limits,
          expect: patience,
        },
      },
      {
        test: {
          name: 'apart',
          environment: 'node',
          globalSetup: ['server/test/global-setup.ts'],
          include: apart,
          ...limits,
          expect: patience,
        },
      },
      {
        extends: './web/vite.config.ts',
        root: './web',
        test: {
          name: 'web',
          environment: 'node',
          include: ['src/**/*.test.ts'],
          exclude: [...configDefaults.exclude, components],
          ...limits,
          expect: patience,
        },
      },
      {
        extends: './web/vite.config.ts',
        root: './web',
        // Svelte's server build is what Node would pick; components under test live in a browser.
        resolve: { conditions: ['browser'] },
        test: { name: 'components', environment: 'happy-dom', include: [components], ...limits, expect: patience },
      },
    ],
  },
});
