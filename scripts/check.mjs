// npm run check: imports, types, build, lint and format, all of them even when one fails.
import { checks } from './checks.mjs';
import { installDependencies } from './prepare.mjs';
import { interruptedBy, say } from './process.mjs';
import { useToolchain } from './toolchain.mjs';

await useToolchain();
await installDependencies();

const failed = [];
for (const { name, work } of checks) {
  if (interruptedBy()) break;
  say(`— ${name}`);
  if ((await work()) !== 0) failed.push(name);
}
if (failed.length > 0) say(`Failed: ${failed.join(', ')}`);
process.exitCode = failed.length > 0 || interruptedBy() ? 1 : 0;
