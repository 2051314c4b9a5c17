import { join } from 'node:path';
import { startApp } from './app.ts';
import { settleFolders } from './kernel/backup/folders.ts';
import { advice, readEnv } from './kernel/env.ts';
import { armFaults } from './kernel/faults.ts';
import { migrate } from './kernel/database.ts';
import { logFor } from './kernel/log.ts';
import { startPostgres } from './kernel/postgres.ts';
import { patienceOf, StartupError } from './kernel/startup.ts';
import { seedDemo } from './demo.ts';

const isDemo = process.argv.includes('--demo');
const say = (line: string) => void process.stdout.write(`${line}\n`);

async function main(): Promise<void> {
  const env = readEnv(process.env);
  const log = logFor(env);
  for (const words of advice(env)) log.warn(words);
  const postgres =
    env.DATABASE_URL === undefined ? await startPostgres({ dataDir: env.dataDir, onProgress: say }) : null;
  const databaseUrl = env.DATABASE_URL ?? postgres?.url ?? '';
  let stop = async (): Promise<void> => {
    await postgres?.stop();
  };
  try {
    if (env.SAFESEND_FAULTS !== undefined) armFaults(env.SAFESEND_FAULTS);
    const patiently = patienceOf(env.DATABASE_WAIT_SECONDS, say);
    await patiently(() => migrate(databaseUrl));
    await patiently(() => settleFolders(env.dataDir, databaseUrl));
    const app = await startApp({ env, log, databaseUrl, patiently });
    stop = once(async () => {
      await app.close();
      await postgres?.stop();
    });
    process.on('SIGINT', () => void stop().then(() => process.exit(0)));
    // An orchestrator stops us while others serve on: people are sent elsewhere before their sockets close.
    process.on(
      'SIGTERM',
      () =>
        void app
          .drain()
          .then(stop)
          .then(() => process.exit(0)),
    );
    process.on('unhandledRejection', (error) => {
      log.fatal({ err: error }, 'a fault nobody caught; stopping');
      void stop().finally(() => process.exit(1));
    });
    if (env.SAFESEND_FAULTS !== undefined) obeyTests();
    process.send?.('ready');
    say(`SafeSend is running at ${app.url}`);
    if (isDemo && !env.isProduction) for (const line of await seedDemo(app, env)) say(line);
    if (isDemo && env.SMTP_URL === undefined) say(`Mails are not sent but kept in ${join(env.dataDir, 'outbox')}`);
    if (isDemo) say('Ctrl-C stops everything.');
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The tests that started this process arm faults while it runs. */
function obeyTests(): void {
  process.on('message', (orders) => {
    armFaults(String(orders));
    process.send?.('armed');
  });
  process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'));
}

function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => (done ??= work());
}

main().catch((error: unknown) => {
  // A refused start is one sentence; anything else is a fault of ours and keeps its stack.
  process.stderr.write(
    `${error instanceof StartupError ? error.message : ((error as Error).stack ?? String(error))}\n`,
  );
  process.exit(1);
});
