// npm test: everything that must hold, from a fresh clone, closing with one line that counts the tests. With `--faults`
// the fault suite as well, as in CI; what that runs with more trials is then left to it. With `--minutes=45` at its fast
// tier where the machine is so slow that the whole would take longer.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { checks } from './checks.mjs';
import { installDependencies } from './prepare.mjs';
import { interruptedBy, run, say } from './process.mjs';
import { findSystemPrograms } from './system-programs.mjs';
import { useToolchain } from './toolchain.mjs';
import { faultSuite, runVitest } from './vitest.mjs';

const { values: asked } = parseArgs({ options: { faults: { type: 'boolean' }, minutes: { type: 'string' } } });

await useToolchain();

const total = { passed: 0, failed: 0 };
const reports = mkdtempSync(join(tmpdir(), 'safesend-reports-'));
let finished = false;
// Said from here, so that it is said however the run ends.
process.on('exit', (code) => {
  rmSync(reports, { recursive: true, force: true });
  if (!finished && total.failed === 0) total.failed = 1;
  if (total.failed > 0 && code === 0) process.exitCode = 1;
  process.stdout.write(`${total.passed} passed, ${total.failed} failed\n`);
});

await installDependencies();
// Tests start the product some hundred times: what one has compiled the next need not.
const programs = { ...(await findSystemPrograms()), NODE_COMPILE_CACHE: join(reports, 'compiled') };
for (const check of checks) await stage(check.name, check.work);
await stage('unit and integration tests', () => runTests([], asked.faults ? { TEST_BESIDE_FAULTS: '1' } : {}));
await stage('browser stories', runPlaywright);
if (asked.faults) await stage('faults', runFaults);
finished = true;

/** At the slow tier they take half as long as all before them. */
function runFaults() {
  const minutesLeft = Number(asked.minutes ?? Infinity) - process.uptime() / 60;
  const isTooSlow = minutesLeft < (process.uptime() / 60) * 0.6;
  if (isTooSlow)
    say(`${minutesLeft.toFixed(0)} minutes are left on a slow machine: the faults run at their fast tier.`);
  return runTests(faultSuite, { TEST_TIER: isTooSlow ? 'fast' : 'slow' });
}

async function stage(name, work) {
  say(`— ${name}`);
  const startedAt = Date.now();
  const code = await work();
  if (interruptedBy()) process.exit(1);
  if (code !== 0) {
    say(`— ${name}: failed`);
    if (total.failed === 0) total.failed = 1;
    process.exit(1);
  }
  say(`— ${name}: ${((Date.now() - startedAt) / 1000).toFixed(1)} s`);
}

async function runTests(args, env) {
  const { code, passed, failed } = await runVitest(args, { ...programs, ...env });
  count(passed, failed);
  return code;
}

async function runPlaywright() {
  const report = join(reports, 'playwright.json');
  const env = { ...programs, PLAYWRIGHT_JSON_OUTPUT_FILE: report };
  const code = await run(
    process.execPath,
    ['../node_modules/@playwright/test/cli.js', 'test', '--reporter=list,json'],
    {
      cwd: join(import.meta.dirname, '../e2e'),
      env,
    },
  );
  const { expected = 0, flaky = 0, unexpected = 0 } = readReport(report).stats ?? {};
  count(expected + flaky, unexpected);
  return code;
}

function readReport(path) {
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : {};
}

function count(passed, failed) {
  total.passed += passed;
  total.failed += failed;
}
