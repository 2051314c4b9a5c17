// npm run build: the web application, when its sources have changed since the last time.
import { buildWeb, installDependencies } from './prepare.mjs';
import { useToolchain } from './toolchain.mjs';

await useToolchain();
await installDependencies();
await buildWeb();
