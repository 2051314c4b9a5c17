// npm run serve: the production process. It reads the environment and nothing else, and installs and builds nothing.
import { run } from './process.mjs';
import { useToolchain } from './toolchain.mjs';

await useToolchain();

process.exitCode = await run(process.execPath, ['server/src/main.ts'], {
  env: { NODE_ENV: process.env.NODE_ENV || 'production' },
});
