import { startApp } from '../app.ts';
import { describeLinks, makeDemo } from '../demo.ts';
import { migrate } from '../kernel/database.ts';
import { createLog } from '../kernel/log.ts';
import { CliError, exitCodes, type Verb } from './verb.ts';

export const seedVerb: Verb = {
  usage: 'seed',
  summary: 'make the demo workspace in an empty database, or print fresh sign-in links to the one that is there',
  run: async ({ env, databaseUrl }) => {
    if (env.isProduction) throw new CliError(exitCodes.conflict, 'The demo workspace is refused in production.');
    const url = await databaseUrl();
    await migrate(url);
    // A process of its own beside the one that may be running: its own port, and no jobs taken from the other.
    const aside = { ...env, host: '127.0.0.1', port: 0, roles: { web: true, worker: false } };
    const app = await startApp({ env: aside, log: createLog({ level: 'silent', pretty: false }), databaseUrl: url });
    try {
      const origin = env.publicUrl?.origin ?? `http://localhost:${env.port}`;
      const links = await makeDemo({ transact: app.transact, orm: app.orm, files: app.files, origin });
      if (links.length === 0) {
        const reason = 'There are accounts here already; the demo workspace is made in an empty database only.';
        throw new CliError(exitCodes.conflict, reason);
      }
      return { text: describeLinks(links).join('\n'), value: { people: links } };
    } finally {
      await app.close();
    }
  },
};
