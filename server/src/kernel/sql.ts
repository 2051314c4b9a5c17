import type { SqlEntityManager } from '@mikro-orm/postgresql';
import { CompiledQuery } from 'kysely';

export type Em = SqlEntityManager;

/** Runs SQL with real parameters (`$1`), inside the transaction of `em` when it is in one. */
export async function query<Row extends object>(
  em: Em,
  text: string,
  parameters: readonly unknown[] = [],
): Promise<Row[]> {
  const result = await em.getKysely<Record<string, never>>().executeQuery(CompiledQuery.raw(text, [...parameters]));
  return result.rows as Row[];
}

export async function queryOne<Row extends object>(
  em: Em,
  text: string,
  parameters: readonly unknown[] = [],
): Promise<Row | null> {
  const [row] = await query<Row>(em, text, parameters);
  return row ?? null;
}

/** The SQLSTATE of a database error, wherever a wrapper keeps it. */
export function sqlState(error: unknown): string | null {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    if ('code' in at && typeof at.code === 'string') return at.code;
  }
  return null;
}
