// What must be there before anything can run: the dependencies of the lockfile and a web build of today's sources.
import { createHash } from 'node:crypto';
// Named imports that an older Node lacks would end the script before it can say so.
import fs from 'node:fs';
import { join } from 'node:path';
import { root, runOrExit, say } from './process.mjs';
import { npmCli } from './toolchain.mjs';

const lockfile = join(root, 'package-lock.json');
const installed = join(root, 'node_modules', '.package-lock.json');
const installStamp = join(root, 'node_modules', '.safesend-install');
const buildStamp = join(root, 'web', 'build', '.safesend-inputs');
const buildInputs = [
  'web/{src,messages,static}/**/*',
  'web/{package.json,tsconfig.json,vite.config.ts,bare-calls.ts,project.inlang/settings.json}',
  'shared/src/**/*',
  'package-lock.json',
];
const notInputs = /\/paraglide\/|\.test\.ts$/;

export async function installDependencies() {
  if (!dependenciesAreStale()) return;
  say('Installing the dependencies (a minute or two, only when they change)');
  await npm('ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error');
  fs.writeFileSync(installStamp, installKey());
}

export async function buildWeb() {
  const key = buildKey();
  if (readIfThere(buildStamp) === key) return;
  say('Building the web application (only when it changes)');
  // The builders praise themselves and propose commands that are not ours; what they said matters when they failed.
  const args = ['run', 'build', '--silent', '--workspace', 'web', '--', '--logLevel=warn'];
  await runOrExit(process.execPath, [npmCli(), ...args], { isQuiet: true });
  fs.writeFileSync(buildStamp, key);
}

function npm(...args) {
  return runOrExit(process.execPath, [npmCli(), ...args]);
}

// npm writes its own copy of the lockfile last, so without it an install was never finished. A copy that is younger than
// the lockfile comes from an install by hand.
function dependenciesAreStale() {
  if (!fs.existsSync(installed)) return true;
  return readIfThere(installStamp) !== installKey() && fs.statSync(installed).mtimeMs < fs.statSync(lockfile).mtimeMs;
}

function installKey() {
  return hashOf([lockfile], `${process.platform} ${process.arch}`);
}

function buildKey() {
  const files = fs
    .globSync(buildInputs, { cwd: root, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => !notInputs.test(file));
  return hashOf(files.sort(), '');
}

function hashOf(files, seed) {
  const hash = createHash('sha256').update(seed);
  for (const file of files) hash.update(`\0${file.slice(root.length)}\0`).update(fs.readFileSync(file));
  return hash.digest('hex');
}

function readIfThere(path) {
  return fs.existsSync(path) ? fs.readFileSync(path, 'utf8') : undefined;
}
