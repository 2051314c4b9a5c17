// SafeSend needs a newer Node than many machines have. This file runs on the old one: it fetches the right one into
// .toolchain and runs the same script again under it. Nothing outside the project folder is touched.
import { spawnSync } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { root, run, say } from './process.mjs';

const wanted = '24.21.0';
const oldest = [24, 12];

const system = process.platform === 'win32' ? 'win' : process.platform;
const packageName = `node-${system}-${process.arch}`;
const folder = join(root, '.toolchain');
const binary = join(folder, 'node_modules', packageName, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');

/** Returns under a Node that is new enough; under an older one it never returns but exits with the second run's code. */
export async function useToolchain() {
  if (isNewEnough(process.versions.node)) return;
  if (versionOf(binary) !== wanted) await install();
  const path = `${dirname(binary)}${delimiter}${process.env.PATH ?? ''}`;
  const code = await run(binary, process.argv.slice(1), {
    cwd: process.cwd(),
    env: { PATH: path, npm_execpath: npmCli() },
  });
  process.exit(code);
}

/** npm's own program, to be run by whichever Node runs us: `npm` itself would run under the Node it finds first. */
export function npmCli() {
  const candidates = [
    process.env.npm_execpath,
    join(dirname(process.execPath), '..', 'lib', 'node_modules', 'npm', 'bin', 'npm-cli.js'),
    join(dirname(process.execPath), 'node_modules', 'npm', 'bin', 'npm-cli.js'),
    ...(process.env.PATH ?? '').split(delimiter).map((place) => resolved(join(place, 'npm'))),
    '/usr/share/nodejs/npm/bin/npm-cli.js',
  ];
  const found = candidates.find((path) => path !== undefined && path.endsWith('npm-cli.js') && existsSync(path));
  if (found) return found;
  say('npm was not found. Install npm 10 or newer and try again.');
  process.exit(1);
}

function isNewEnough(version) {
  const [major, minor] = version.split('.').map(Number);
  return major > oldest[0] || (major === oldest[0] && minor >= oldest[1]);
}

async function install() {
  say(
    `This is Node ${process.versions.node}; SafeSend runs on Node ${wanted}. Fetching it into .toolchain (about 50 MB, once)`,
  );
  const flags = ['--no-audit', '--no-fund', '--no-package-lock', '--no-save', '--loglevel=error'];
  const code = await run(process.execPath, [
    npmCli(),
    'install',
    '--prefix',
    folder,
    ...flags,
    `${packageName}@${wanted}`,
  ]);
  if (code !== 0) process.exit(code);
  if (versionOf(binary) === wanted) return;
  say(
    `Node ${wanted} could not be set up for ${process.platform} ${process.arch}. Install Node 24.12 or newer yourself and try again.`,
  );
  process.exit(1);
}

function versionOf(node) {
  const { status, stdout } = spawnSync(node, ['--version'], { encoding: 'utf8' });
  return status === 0 ? stdout.trim().replace(/^v/, '') : undefined;
}

function resolved(path) {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}
