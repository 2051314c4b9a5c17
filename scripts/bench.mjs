// npm run bench: builds what is measured, then measures. Arguments go to server/bench/main.ts.
import { buildWeb, installDependencies } from './prepare.mjs';
import { run } from './process.mjs';
import { findSystemPrograms } from './system-programs.mjs';
import { useToolchain } from './toolchain.mjs';

await useToolchain();
await installDependencies();
const env = await findSystemPrograms();
await buildWeb();

process.exitCode = await run(process.execPath, ['server/bench/main.ts', ...process.argv.slice(2)], { env });
