import type { SqlEntityManager } from '@mikro-orm/postgresql';
import { CompiledQuery } from 'kysely';
import { keepPlan } from './plans.ts';

export type Em = SqlEntityManager;

/** Runs SQL with real parameters (`$1`), inside the transaction of `em` when it is in one. */
export async function query<Row extends object>(
  em: Em,
  text: string,
  parameters: readonly unknown[] = [],
): Promise<Row[]> {
  const sent = parameters.map((it) => (Array.isArray(it) ? arrayLiteral(it) : it));
  const result = await em.getKysely<Record<string, never>>().executeQuery(CompiledQuery.raw(text, sent));
  return result.rows as Row[];
}

/**
 * A column of texts, numbers or truths as Postgres reads it, in a third of the driver's time; that was a tenth of what a
 * message costs. Whatever else a column holds is left to the driver.
 */
function arrayLiteral(values: readonly unknown[]): unknown {
  let text = '';
  for (const value of values) {
    if (value === null) text += ',NULL';
    else if (typeof value === 'string') text += `,${quoted(value)}`;
    else if (typeof value === 'number' || typeof value === 'boolean') text += `,${value}`;
    else return values;
  }
  return `{${text.slice(1)}}`;
}

const special = /["\\]/;
const control = /\p{Cc}/u;

function quoted(text: string): string {
  if (!special.test(text)) return `"${text}"`;
  // JSON and arrays escape quotes and backslashes alike, and JSON does it fastest; what else JSON escapes, arrays do not.
  if (!control.test(text) && text.isWellFormed()) return JSON.stringify(text);
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

export async function queryOne<Row extends object>(
  em: Em,
  text: string,
  parameters: readonly unknown[] = [],
): Promise<Row | null> {
  const [row] = await query<Row>(em, text, parameters);
  return row ?? null;
}

/** A named query with its own `$1…`; it may read from the parts before it. */
export interface Part {
  readonly name: string;
  readonly text: string;
  readonly parameters: readonly unknown[];
}

/**
 * Several writes in one round trip, all or none. They see the same moment, and none sees what another one writes.
 * `check` is what is selected at the end, over the parts before it; it may raise an error when they must not happen.
 */
export async function writeTogether<Row extends object>(
  em: Em,
  parts: readonly Part[],
  check: Omit<Part, 'name'>,
): Promise<Row[]> {
  const parameters: unknown[] = [];
  const placed = ({ text, parameters: own }: Omit<Part, 'name'>) => {
    const before = parameters.length;
    parameters.push(...own);
    return text.replace(/\$(\d+)/g, (_, place) => `$${before + Number(place)}`);
  };
  const named = parts.map((part) => `${part.name} as (${placed(part)})`);
  return query<Row>(em, keepPlan(`with ${named.join(',\n')} select ${placed(check)}`), parameters);
}

/** The SQLSTATE of a database error, wherever a wrapper keeps it. */
export function sqlState(error: unknown): string | null {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    if ('code' in at && typeof at.code === 'string') return at.code;
  }
  return null;
}
