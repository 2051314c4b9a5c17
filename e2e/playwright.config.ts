import { defineConfig } from '@playwright/test';

/** The whole browser; where there is one without a window, only what that lacks is told in it. */
export const wholeBrowser = process.env['CHROMIUM_PATH'] || '/usr/bin/chromium';
const executablePath = process.env['CHROMIUM_SHELL_PATH'] || wholeBrowser;

export default defineConfig({
  testDir: './stories',
  testMatch: '*.story.ts',
  globalSetup: './global-setup.ts',
  outputDir: '../test-results',
  // Pages mostly wait: two at once take little more than half the time, each with a server of its own.
  workers: 2,
  // Told as flaky when the second try passes: a story, or a product, to mend.
  retries: process.env['CI'] ? 1 : 0,
  timeout: 240_000,
  expect: { timeout: 30_000 },
  use: {
    browserName: 'chromium',
    locale: 'en-GB',
    timezoneId: 'Europe/Berlin',
    viewport: { width: 1280, height: 800 },
    trace: 'off',
    // What a page asks through a worker, stories could not hold up or cut; those of the worker let it in.
    serviceWorkers: 'block',
    launchOptions: {
      executablePath,
      args: [
        ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
});
