import { migrate, pendingMigrations } from '../kernel/database.ts';
import type { Verb } from './verb.ts';

export const migrateVerb: Verb = {
  usage: 'migrate [--dry-run]',
  summary: 'bring the database up to this version, or list what would be done',
  options: { 'dry-run': { type: 'boolean' } },
  run: async (desk, { options }) => {
    const url = await desk.databaseUrl();
    const pending = await pendingMigrations(url);
    if (options['dry-run']) return { text: listed('To be applied', pending), value: { pending } };
    await migrate(url);
    return { text: listed('Applied', pending), value: { applied: pending } };
  },
};

function listed(title: string, names: readonly string[]): string {
  if (names.length === 0) return 'The database is up to date.';
  return [`${title}:`, ...names.map((name) => `  ${name}`)].join('\n');
}
