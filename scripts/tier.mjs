// npm run test:unit, test:faults and test:soak: the same tests with more and more trials (see server/test/tier.ts).
import { buildWeb, installDependencies } from './prepare.mjs';
import { run } from './process.mjs';
import { findSystemPrograms } from './system-programs.mjs';
import { useToolchain } from './toolchain.mjs';

await useToolchain();
await installDependencies();
const programs = await findSystemPrograms();
await buildWeb();

const [tier = 'fast', ...rest] = process.argv.slice(2);
process.exitCode = await run(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', ...rest], {
  env: { ...programs, NODE_ENV: 'test', TEST_TIER: tier },
});
