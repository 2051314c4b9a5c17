// Runs Vitest and says how many tests passed and failed.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from './process.mjs';

/** @returns {Promise<{code: number, passed: number, failed: number}>} */
export async function runVitest(args, env) {
  const folder = mkdtempSync(join(tmpdir(), 'safesend-report-'));
  const report = join(folder, 'vitest.json');
  const flags = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  try {
    const code = await run(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', ...flags, ...args], {
      env: { NODE_ENV: 'test', ...env },
    });
    const { numPassedTests = 0, numFailedTests = 0 } = existsSync(report)
      ? JSON.parse(readFileSync(report, 'utf8'))
      : {};
    return { code, passed: numPassedTests, failed: numFailedTests };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The fault suite (docs/FAULTS.md): servers that are killed, wires that are cut, at the slow or the long tier. */
export const faultSuite = ['--config', 'server/test/faults/vitest.config.ts'];

/** What judges by the clock, at the long tier: it wants the machine for itself, so nothing runs beside it. */
export const quietSuite = ['--project', 'node', '--maxWorkers', '1', 'server/test/hostile/timing.test.ts'];
