import type { Client } from 'pg';

export interface Table {
  readonly name: string;
  readonly columns: string[];
}

interface Row extends Table {
  /** Tables that must be loaded before: those a foreign key points to that is checked at once. */
  readonly needs: string[];
}

/**
 * The tables whose rows survive a crash, each after those it needs. What is unlogged is worth nothing elsewhere, and the
 * list of migrations is written by the migrations themselves. Generated columns are left out: they are computed again.
 */
export async function findTables(client: Client): Promise<Table[]> {
  const { rows } = await client.query<Row>(
    `select c.relname as name,
       array(select a.attname::text from pg_attribute a
             where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '' order by a.attnum) as columns,
       array(select r.relname::text from pg_constraint k join pg_class r on r.oid = k.confrelid
             where k.conrelid = c.oid and k.contype = 'f' and not k.condeferrable and k.confrelid <> c.oid) as needs
     from pg_class c
     where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and c.relpersistence = 'p' and c.relname <> 'migrations'
     order by c.relname`,
  );
  return inOrder(rows).map(({ name, columns }) => ({ name, columns }));
}

export async function findMigrations(client: Client): Promise<string[]> {
  const { rows: found } = await client.query<{ is: string | null }>(`select to_regclass('public.migrations') as is`);
  if (!found[0]?.is) return [];
  const { rows } = await client.query<{ name: string }>('select name from public.migrations order by id');
  return rows.map(({ name }) => name);
}

export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function inOrder(tables: readonly Row[]): Row[] {
  const placed = new Map<string, Row>();
  const place = (table: Row, above: readonly string[]) => {
    if (placed.has(table.name)) return;
    if (above.includes(table.name)) throw new Error(`foreign keys in a circle: ${[...above, table.name].join(', ')}`);
    const needed = tables.filter(({ name }) => table.needs.includes(name));
    for (const other of needed) place(other, [...above, table.name]);
    placed.set(table.name, table);
  };
  for (const table of tables) place(table, []);
  return [...placed.values()];
}
