// npm run dev: the server restarts and the pages reload as you type. Open the address Vite prints.
import { installDependencies } from './prepare.mjs';
import { readEnvFile, run } from './process.mjs';
import { useToolchain } from './toolchain.mjs';

await useToolchain();
readEnvFile();
await installDependencies();

const port = process.env.PORT || '3000';
const webPort = process.env.WEB_PORT || '5173';
process.exitCode = await run(
  process.execPath,
  [
    'node_modules/concurrently/dist/bin/index.js',
    '--kill-others',
    '--names',
    'server,web',
    'node --watch-path=server/src --watch-path=shared/src server/src/main.ts --demo',
    `npm exec --workspace web -- vite dev --host 127.0.0.1 --port ${webPort} --strictPort`,
  ],
  {
    env: {
      NODE_ENV: 'development',
      HOST: '127.0.0.1',
      PORT: port,
      PUBLIC_URL: process.env.PUBLIC_URL || `http://127.0.0.1:${webPort}`,
      SAFESEND_LOOPBACK: `http://127.0.0.1:${port}`,
    },
  },
);
