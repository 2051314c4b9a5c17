import pg from 'pg';

/** A fault in the database: from now on it takes no such row. Answers how to mend it. */
export async function breakInserts(databaseUrl: string, table: string, when = 'true'): Promise<() => Promise<void>> {
  const database = new pg.Client({ connectionString: databaseUrl });
  await database.connect();
  await database.query(`
    create or replace function refuse_story() returns trigger language plpgsql as $$
      begin raise exception 'a fault made for a story'; end $$;
    create trigger refuse_story before insert on ${table} for each row when (${when}) execute function refuse_story();`);
  return async () => {
    await database.query(`drop trigger refuse_story on ${table}`);
    await database.end();
  };
}
