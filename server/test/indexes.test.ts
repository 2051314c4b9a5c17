import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startTestApp } from './harness.ts';

test('V10 every index has a question that it answers, and the page that tells them names no other', async () => {
  const app = await startTestApp();
  try {
    const rows = await app.sql<{ name: string }>(
      `select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'public'
       join pg_index i on i.indexrelid = c.oid
       where not exists (select from pg_constraint k where k.conindid = c.oid and k.contype in ('p', 'u'))
         and not exists (select from pg_depend d where d.objid = i.indrelid and d.deptype = 'e')`,
    );
    const page = readFileSync(join(import.meta.dirname, '../../docs/ARCHITECTURE.md'), 'utf8');
    const [, section = ''] = page.split('## Indexes');
    const [table = ''] = section.split('\n## ');
    // Keys are written with their columns; what is made for a question has a name of its own.
    const named = [...table.matchAll(/`([a-z_]+)`/g)].map(([, name]) => name).filter((it) => it !== 'actor_id');
    const other = ['fact_payloads'];
    expect(named.filter((it) => !other.includes(it ?? '')).sort()).toEqual(rows.map(({ name }) => name).sort());
  } finally {
    await app.close();
  }
});
