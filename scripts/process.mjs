// Runs programs one after another and hands signals on, so that stopping a script stops everything it started.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..');

let child;
let caught;

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => stop(signal));

// npm that is killed outright hands nothing on; its going away is the only sign. (Its scripts start with `exec`, so that no
// shell stands between.)
if (process.env.npm_lifecycle_event) {
  const npm = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === npm) return;
    clearInterval(watch);
    stop('SIGTERM');
  }, 500);
  watch.unref();
}

function stop(signal) {
  // npm hands on what its whole group has got as well: the same signal again is not a second wish.
  if (caught === signal) return;
  caught = signal;
  if (!child) process.exit(exitCodeOf(signal));
  // A terminal gives Ctrl-C to the whole group: the child has it already.
  const isTerminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
  if (signal !== 'SIGINT' || !isTerminal) child.kill(signal);
}

/** The signal this script was asked to stop with, if any. */
export function interruptedBy() {
  return caught;
}

/**
 * Runs a program with our own input and output and resolves with its exit code. Of a quiet one only the errors are
 * shown, and the rest when it failed.
 */
export function run(command, args, { env = {}, cwd = root, isQuiet = false } = {}) {
  return new Promise((settle) => {
    const stdio = ['inherit', isQuiet ? 'pipe' : 'inherit', 'inherit'];
    child = spawn(command, args, { cwd, stdio, env: { ...process.env, ...env } });
    const said = [];
    child.stdout?.on('data', (chunk) => said.push(chunk));
    child.once('error', (error) => {
      say(`${command} could not be run: ${error.message}`);
      child = undefined;
      settle(127);
    });
    child.once(isQuiet ? 'close' : 'exit', (code, signal) => {
      child = undefined;
      if (code !== 0) process.stderr.write(Buffer.concat(said));
      if (signal && !caught)
        say(`It was ended from outside, by ${signal}. Start it again: it goes on from what is kept.`);
      settle(code ?? exitCodeOf(signal));
    });
  });
}

/** What `.env` of the project folder says, where the environment itself says nothing. */
export function readEnvFile() {
  const file = join(root, '.env');
  if (existsSync(file)) process.loadEnvFile(file);
}

export async function runOrExit(command, args, options) {
  const code = await run(command, args, options);
  if (code !== 0 || caught) process.exit(code || exitCodeOf(caught));
}

/** Progress goes to standard error: standard output belongs to whatever is being run. */
export function say(line) {
  process.stderr.write(`${line}\n`);
}

function exitCodeOf(signal) {
  return 128 + (constants.signals[signal] ?? 0);
}
