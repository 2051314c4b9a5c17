// What is checked without running the product, in the order in which a mistake is cheapest to find.
import { npmCli } from './toolchain.mjs';

const node = process.execPath;

export const checks = [
  { name: 'imports', command: node, args: ['scripts/check-imports.ts'] },
  {
    name: 'types',
    command: node,
    args: ['node_modules/@typescript/native/bin/tsc', '-p', 'tsconfig.json', '--noEmit'],
  },
  { name: 'types of the pages', command: node, args: [npmCli(), 'run', 'check', '--silent', '--workspace', 'web'] },
  { name: 'lint', command: node, args: ['node_modules/eslint/bin/eslint.js', '.', '--max-warnings=0'] },
  {
    name: 'format',
    command: node,
    args: ['node_modules/prettier/bin/prettier.cjs', '--check', '--log-level=warn', '.'],
  },
];
