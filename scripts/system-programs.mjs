// The tests drive a real browser and a real Redis. Both come from the system, not from npm.
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { runOrExit, say } from './process.mjs';

const chromiumNames = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];
/** Without a window, and without the pages it would keep for the way back: stories run in two thirds of the time. */
const shellName = 'chromium-headless-shell';

/** Makes sure both are there and returns what the tests need to know about them, as environment variables. */
export async function findSystemPrograms() {
  const missing = missingPackages();
  if (missing.length > 0) await installOrExit(inPath(shellName) ? missing : [...missing, shellName]);
  return { CHROMIUM_PATH: chromium() ?? '', CHROMIUM_SHELL_PATH: inPath(shellName) ?? '' };
}

function missingPackages() {
  const missing = [];
  if (!chromium()) missing.push('chromium');
  if (!process.env.REDIS_URL && !inPath('redis-server')) missing.push('redis-server');
  return missing;
}

async function installOrExit(packages) {
  if (!isDebian() || process.getuid?.() !== 0) {
    say(`The tests need ${packages.join(' and ')}: install ${packages.length > 1 ? 'them' : 'it'} and try again.`);
    process.exit(1);
  }
  say(`Installing ${packages.join(' and ')}`);
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  await runOrExit('apt-get', ['-q', 'update'], { env });
  await runOrExit('apt-get', ['-q', 'install', '-y', '--no-install-recommends', ...packages], { env });
  const still = missingPackages();
  if (still.length === 0) return;
  say(`${still.join(' and ')} did not appear after the installation.`);
  process.exit(1);
}

function chromium() {
  const given = process.env.CHROMIUM_PATH;
  if (given) return existsSync(given) ? given : undefined;
  return chromiumNames.map(inPath).find((path) => path !== undefined);
}

function inPath(program) {
  const places = [...(process.env.PATH ?? '').split(delimiter), '/usr/bin', '/usr/local/bin'];
  return places.map((place) => join(place, program)).find((path) => existsSync(path));
}

// Ubuntu's package of that name only points to a snap, which a container cannot run.
function isDebian() {
  return existsSync('/etc/os-release') && /^ID=debian$/m.test(readFileSync('/etc/os-release', 'utf8'));
}
