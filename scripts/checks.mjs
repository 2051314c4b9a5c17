// What is checked without running the product, in the order in which a mistake is cheapest to find.
import { buildWeb } from './prepare.mjs';
import { run } from './process.mjs';
import { npmCli } from './toolchain.mjs';

const node = process.execPath;
const tsc = 'node_modules/@typescript/native/bin/tsc';

async function build() {
  await buildWeb();
  return 0;
}

function program(...args) {
  return () => run(node, args);
}

export const checks = [
  { name: 'imports', work: program('scripts/check-imports.ts') },
  { name: 'types', work: program(tsc, '-p', 'tsconfig.json') },
  // Stories hand functions to the browser, so only there do types know its document.
  { name: 'types of the stories', work: program(tsc, '-p', 'e2e/tsconfig.json') },
  // The build also writes the typed texts that the pages import.
  { name: 'build', work: build },
  { name: 'types of the pages', work: program(npmCli(), 'run', 'check', '--silent', '--workspace', 'web') },
  { name: 'types of the service worker', work: program(tsc, '-p', 'web/src/service-worker/tsconfig.json') },
  { name: 'lint', work: program('node_modules/eslint/bin/eslint.js', '.', '--max-warnings=0') },
  { name: 'format', work: program('node_modules/prettier/bin/prettier.cjs', '--check', '--log-level=warn', '.') },
];
