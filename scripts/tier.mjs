// npm run test:faults and test:soak: the same tests with more trials (see server/test/tier.ts).
import { installDependencies } from './prepare.mjs';
import { run } from './process.mjs';
import { findSystemPrograms } from './system-programs.mjs';
import { useToolchain } from './toolchain.mjs';

await useToolchain();
await installDependencies();
const programs = await findSystemPrograms();

const [tier = 'slow', ...rest] = process.argv.slice(2);
process.exitCode = await run(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', ...rest], {
  env: { ...programs, NODE_ENV: 'test', TEST_TIER: tier },
});
