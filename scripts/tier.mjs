// npm run test:unit, test:faults and test:soak. The tiers differ in the number of trials (see server/test/tier.ts).
import { parseArgs } from 'node:util';
import { buildWeb, installDependencies } from './prepare.mjs';
import { run } from './process.mjs';
import { findSystemPrograms } from './system-programs.mjs';
import { useToolchain } from './toolchain.mjs';
import { faultSuite, quietSuite, runVitest } from './vitest.mjs';

await useToolchain();
await installDependencies();
const programs = await findSystemPrograms();
const [tier = 'fast', ...rest] = process.argv.slice(2);
if (tier === 'fast') await runUnitTests();
else await runFaults();

async function runUnitTests() {
  await buildWeb();
  process.exitCode = await run(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', ...rest], {
    env: { ...programs, NODE_ENV: 'test', TEST_TIER: tier },
  });
}

async function runFaults() {
  const { values } = parseArgs({
    args: rest,
    options: {
      /** Tests whose title holds this: an id such as T-F3, or any regular expression. */
      only: { type: 'string' },
      /** The seed of an earlier run. */
      seed: { type: 'string' },
      /** How long the tests that run by the clock run. */
      minutes: { type: 'string' },
      /** Each test without the mechanism it guards, where it must fail. */
      prove: { type: 'boolean' },
    },
  });
  const env = {
    ...programs,
    TEST_TIER: values.prove ? 'fast' : tier,
    ...(values.seed !== undefined && { FAULTS_SEED: values.seed }),
    ...(values.minutes !== undefined && { FAULTS_SECONDS: String(Number(values.minutes) * 60) }),
    ...(values.prove && { FAULTS_PROVE: '1' }),
  };
  const only = values.only === undefined ? [] : ['-t', `${values.only}(?![0-9])`];
  const files = values.prove ? ['.fault.ts'] : [];
  const suites = tier === 'long' && !values.prove ? [faultSuite, quietSuite] : [faultSuite];
  const total = { code: 0, passed: 0, failed: 0 };
  for (const suite of suites) {
    const { code, passed, failed } = await runVitest([...suite, ...files, ...only], env);
    total.code ||= code;
    total.passed += passed;
    total.failed += failed;
  }
  process.stdout.write(`${total.passed} passed, ${total.failed} failed\n`);
  process.exitCode = total.code;
}
