// npm run test:e2e: the browser stories alone, against a fresh build. Arguments go to Playwright.
import { join } from 'node:path';
import { buildWeb, installDependencies } from './prepare.mjs';
import { root, run } from './process.mjs';
import { findSystemPrograms } from './system-programs.mjs';
import { useToolchain } from './toolchain.mjs';

await useToolchain();
await installDependencies();
const env = await findSystemPrograms();
await buildWeb();

const cli = '../node_modules/@playwright/test/cli.js';
process.exitCode = await run(process.execPath, [cli, 'test', ...process.argv.slice(2)], {
  cwd: join(root, 'e2e'),
  env,
});
