import { once } from 'node:events';
import type { Client } from 'pg';
import { from as copyFrom, type CopyStreamQuery } from 'pg-copy-streams';
import { migrateWithin } from '../database.ts';
import { restoredJobs } from '../jobs.ts';
import { damaged } from './archive.ts';
import { findTables, quoted } from './catalog.ts';
import type { ArchivedTable, Manifest } from './manifest.ts';
import { codeOf } from './problem.ts';

/** Everything SafeSend keeps in this database, whichever version made it: its tables, what stands on them, its queue. */
export async function dropEverything(client: Client): Promise<void> {
  await client.query(`
    do $$ declare it record; begin
      for it in select c.relname, c.relkind from pg_class c
                where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'S')
                  and not exists (select from pg_depend d where d.objid = c.oid and d.deptype in ('e', 'a', 'i'))
                order by c.relkind in ('v', 'm') loop
        execute format('drop %s if exists public.%I cascade',
          case it.relkind when 'v' then 'view' when 'm' then 'materialized view' when 'S' then 'sequence' else 'table' end, it.relname);
      end loop;
      for it in select p.oid::regprocedure as signature from pg_proc p
                where p.pronamespace = 'public'::regnamespace
                  and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e') loop
        execute format('drop routine if exists %s cascade', it.signature);
      end loop;
      for it in select t.typname from pg_type t
                where t.typnamespace = 'public'::regnamespace and t.typtype in ('e', 'd')
                  and not exists (select from pg_depend d where d.objid = t.oid and d.deptype = 'e') loop
        execute format('drop type if exists public.%I cascade', it.typname);
      end loop;
    end $$`);
  await client.query('drop schema if exists pgboss cascade');
}

interface OpenTable {
  readonly folder: string;
  readonly table: ArchivedTable;
  readonly rows: CopyStreamQuery;
  /** Rejects when the database refuses a row, whenever that is. */
  readonly failed: Promise<never>;
}

/**
 * Fills a database that was just emptied, in the caller's transaction: the schema as the archive knew it, its rows, then
 * the migrations it had not seen. Rules that guard against programs (append-only, versions of memberships) rest while
 * rows that obeyed them once are put back; keys, checks and foreign keys hold throughout.
 */
export class Loader {
  readonly #client: Client;
  readonly #url: string;
  readonly #manifest: Manifest;
  #open: OpenTable | null = null;
  #loaded = 0;

  constructor(client: Client, url: string, manifest: Manifest) {
    this.#client = client;
    this.#url = url;
    this.#manifest = manifest;
  }

  async begin(): Promise<void> {
    await migrateWithin(this.#client, this.#url, this.#manifest.migrations.at(-1) ?? '');
    const here = new Map((await findTables(this.#client)).map((table) => [table.name, table]));
    const { tables } = this.#manifest;
    if (here.size !== tables.length || tables.some(({ name, columns }) => !isSame(here.get(name)?.columns, columns)))
      throw damaged('its tables are not those of its migrations');
    const names = tables.map(({ name }) => `public.${quoted(name)}`);
    for (const name of names) await this.#client.query(`alter table ${name} disable trigger user`);
    // What migrations put into new tables is in the archive too.
    await this.#client.query(`truncate ${names.join(', ')}`);
    await this.#client.query(
      `create table ${restoredJobs} (id uuid primary key, name text not null, data jsonb, start_after timestamptz not null)`,
    );
    await this.#client.query('set constraints all deferred');
  }

  /** One part of a table; parts of one table come one after another. */
  async take(path: string, body: AsyncIterable<Buffer>): Promise<void> {
    const folder = path.slice(0, path.lastIndexOf('/'));
    if (this.#open?.folder !== folder) await this.#finish();
    const { rows, failed } = this.#open ?? (await this.#start(folder));
    for await (const chunk of body) {
      if (!rows.write(chunk)) await Promise.race([once(rows, 'drain'), failed]);
    }
  }

  async end(): Promise<void> {
    await this.#finish();
    const expected = [...this.#manifest.tables, this.#manifest.jobs].reduce((sum, { rows }) => sum + rows, 0);
    if (this.#loaded !== expected) throw damaged('it holds fewer rows than it says');
    await this.#client.query('set constraints all immediate');
    await this.#continueNumbers();
    for (const { name } of this.#manifest.tables)
      await this.#client.query(`alter table public.${quoted(name)} enable trigger user`);
    await migrateWithin(this.#client, this.#url);
  }

  async #start(folder: string): Promise<OpenTable> {
    const { tables, jobs } = this.#manifest;
    const table = folder === 'jobs' ? jobs : tables.find(({ name }) => `database/${name}` === folder);
    if (!table) throw damaged(`it holds rows of ${folder}, which is no table of its list`);
    const columns = table.columns.map(quoted).join(', ');
    const rows = this.#client.query(copyFrom(`copy public.${quoted(table.name)} (${columns}) from stdin`));
    const failed = once(rows, 'error').then(([error]) => Promise.reject<never>(error));
    failed.catch(() => undefined);
    return (this.#open = { folder, table, rows, failed });
  }

  async #finish(): Promise<void> {
    if (!this.#open) return;
    const { table, rows, failed } = this.#open;
    this.#open = null;
    const finished = Promise.race([once(rows, 'finish'), failed]);
    rows.end();
    await finished.catch((error: unknown) => {
      // Class 22 and 23: the rows themselves are wrong, not the database they go to.
      if (/^2[23]/.test(codeOf(error))) throw damaged(`rows of ${table.name} are not what the table takes`);
      throw error;
    });
    this.#loaded += rows.rowCount;
  }

  /** Identity columns count on from the highest number that was given. */
  async #continueNumbers(): Promise<void> {
    const { rows } = await this.#client.query<{ name: string; column: string }>(
      `select c.relname as name, a.attname as column from pg_attribute a join pg_class c on c.oid = a.attrelid
       where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and c.relname <> 'migrations'
         and pg_get_serial_sequence(quote_ident(c.relname), a.attname) is not null and a.attnum > 0 and not a.attisdropped`,
    );
    for (const { name, column } of rows) {
      const numbered = `select coalesce(max(${quoted(column)}), 0) + 1 from public.${quoted(name)}`;
      await this.#client.query(`select setval(pg_get_serial_sequence($1, $2), (${numbered}), false)`, [
        quoted(name),
        column,
      ]);
    }
  }
}

function isSame(mine: readonly string[] | undefined, theirs: readonly string[]): boolean {
  return mine !== undefined && mine.length === theirs.length && mine.every((name, at) => name === theirs[at]);
}
