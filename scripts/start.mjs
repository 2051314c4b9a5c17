// npm start: from a fresh clone to a running product.
import { buildWeb, installDependencies } from './prepare.mjs';
import { readEnvFile, run } from './process.mjs';
import { useToolchain } from './toolchain.mjs';

await useToolchain();
readEnvFile();
await installDependencies();
await buildWeb();

const env = { NODE_ENV: process.env.NODE_ENV || 'development', HOST: process.env.HOST || '127.0.0.1' };
process.exitCode = await run(process.execPath, ['server/src/main.ts', '--demo', ...process.argv.slice(2)], { env });
