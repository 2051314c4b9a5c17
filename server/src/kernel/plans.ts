import pg from 'pg';

const names = new Map<string, string>();
let statements = 0;

/** Statements that this process has sent to the database. */
export function countStatements(): number {
  return statements;
}

/** Statements that run many times a second: each connection plans them once. Only for texts of a fixed number. */
export function keepPlan(text: string): string {
  if (!names.has(text)) names.set(text, `safesend_${names.size}`);
  return text;
}

/** A connection that gives statements whose plan is kept the name under which Postgres finds it again. */
export class PlanKeepingClient extends pg.Client {
  override query = ((...asked: unknown[]) => {
    statements += 1;
    const [text, values, ...rest] = asked;
    const name = typeof text === 'string' ? names.get(text) : undefined;
    const run = super.query.bind(this) as (...it: unknown[]) => unknown;
    return name === undefined ? run(...asked) : run({ name, text, values }, ...rest);
  }) as pg.Client['query'];
}
