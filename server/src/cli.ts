import { parseArgs } from 'node:util';
import { acceptDifferenceVerb } from './cli/accept.ts';
import { createAdminVerb, grantRoleVerb, registrationVerb, resetPasswordVerb } from './cli/accounts.ts';
import { backupVerb, restoreVerb } from './cli/backup.ts';
import { creditPaidVerb, creditsVerb } from './cli/credits.ts';
import { doctorVerb } from './cli/doctor.ts';
import { openDesk } from './cli/desk.ts';
import { migrateVerb } from './cli/migrate.ts';
import { reconcileVerb } from './cli/reconcile.ts';
import { seedVerb } from './cli/seed.ts';
import { CliError, exitCodes, type Outcome, type Verb } from './cli/verb.ts';
import { readEnv } from './kernel/env.ts';
import { StartupError } from './kernel/startup.ts';

const verbs: Record<string, Verb> = {
  'create-admin': createAdminVerb,
  'grant-role': grantRoleVerb,
  'reset-password': resetPasswordVerb,
  registration: registrationVerb,
  seed: seedVerb,
  doctor: doctorVerb,
  migrate: migrateVerb,
  backup: backupVerb,
  restore: restoreVerb,
  reconcile: reconcileVerb,
  'accept-difference': acceptDifferenceVerb,
  credits: creditsVerb,
  'credit-paid': creditPaidVerb,
};

const [name = 'help', ...rest] = process.argv.slice(2);
const asJson = rest.includes('--json');
process.exitCode = await main();

async function main(): Promise<number> {
  if (['help', '--help', '-h'].includes(name)) return print(help());
  try {
    const verb = Object.hasOwn(verbs, name) ? verbs[name] : undefined;
    if (!verb) throw new CliError(exitCodes.usage, `There is no verb "${name}". Try: npm run cli -- help`);
    if (rest.includes('--help')) return print(`Usage: npm run cli -- ${verb.usage}\n${verb.summary}`);
    const { text, value, exitCode = exitCodes.done } = await perform(verb);
    print(asJson ? JSON.stringify(value, null, 2) : text);
    return exitCode;
  } catch (error) {
    return complain(error);
  }
}

async function perform(verb: Verb): Promise<Outcome> {
  const request = parse(verb);
  const desk = openDesk(readEnv(process.env), (line) => process.stderr.write(`${line}\n`));
  try {
    return await verb.run(desk, request);
  } finally {
    await desk.close();
  }
}

function parse(verb: Verb): { options: Record<string, string | boolean | undefined>; words: string[] } {
  try {
    const options = { ...verb.options, json: { type: 'boolean' } } as const;
    const { values, positionals } = parseArgs({ args: rest, options, allowPositionals: true });
    return {
      options: Object.fromEntries(Object.entries(values).map(([key, value]) => [key, single(value)])),
      words: positionals,
    };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CliError(exitCodes.usage, `${reason}\nUsage: npm run cli -- ${verb.usage}`);
  }
}

function single(value: unknown): string | boolean | undefined {
  return typeof value === 'string' || typeof value === 'boolean' ? value : undefined;
}

function complain(error: unknown): number {
  const isExpected = error instanceof CliError || error instanceof StartupError;
  const message = error instanceof Error ? error.message : String(error);
  const exitCode = error instanceof CliError ? error.exitCode : exitCodes.failed;
  if (asJson) print(JSON.stringify({ error: message, exitCode }, null, 2));
  else process.stderr.write(`${isExpected || !(error instanceof Error) ? message : (error.stack ?? message)}\n`);
  return exitCode;
}

function help(): string {
  return [
    'Usage: npm run cli -- <verb> [options]',
    '',
    ...Object.values(verbs).flatMap(({ usage, summary }) => [`  ${usage}`, `      ${summary}`]),
    '',
    '--json prints the answer for programs.',
    'Exit codes: 0 done, 1 failed, 2 wrong usage, 3 not found, 4 conflict, 5 unhealthy.',
  ].join('\n');
}

function print(text: string): number {
  process.stdout.write(`${text}\n`);
  return exitCodes.done;
}
