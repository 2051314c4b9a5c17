// Runs one of our TypeScript programs under the right Node: node scripts/node.mjs <file> [arguments].
import { installDependencies } from './prepare.mjs';
import { readEnvFile, run } from './process.mjs';
import { useToolchain } from './toolchain.mjs';

await useToolchain();
readEnvFile();
await installDependencies();

process.exitCode = await run(process.execPath, [...process.argv.slice(2)]);
