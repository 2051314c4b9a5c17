import type pg from 'pg';
import { isWithout } from './faults.ts';
import { LentClient } from './lent-client.ts';

const names = new Map<string, string>();
/** Those that were named by who wrote them. */
const brief = new Set<string>();
let statements = 0;

/** Statements that this process has sent to the database. */
export function countStatements(): number {
  return statements;
}

/** Statements that run many times a second: each connection plans them once. Only for texts of a fixed number. */
export function keepPlan(text: string): string {
  brief.add(text);
  if (!names.has(text)) names.set(text, `safesend_${names.size}`);
  return text;
}

/** How often a text came that nobody named. */
const uses = new Map<string, number>();
const often = 10;
/** Each connection keeps its own plans, some 30 KB for each text. */
const mostNames = 200;
const mostCounted = 5_000;

/** What is asked again and again is planned once as well, whoever wrote it: planning is most of a short statement. */
function nameOf(text: string): string | undefined {
  const name = names.get(text);
  if (name !== undefined || names.size >= mostNames) return name;
  const count = (uses.get(text) ?? 0) + 1;
  // A text that has a value written into it comes once; those must not be remembered for ever.
  if (uses.size >= mostCounted) uses.clear();
  uses.set(text, count);
  if (count < often) return undefined;
  uses.delete(text);
  const given = `safesend_${names.size}`;
  names.set(text, given);
  return given;
}

/** Longer than the 4 s that a statement may wait for a lock: one whose plan is kept does little else. */
const briefMs = 6_000;
/** Longer than the 15 s that Postgres itself lets any statement take. */
const anyMs = 17_000;

/** Connections that are open, to say goodbye to those that died with one that fell silent. */
const open = new Set<PlanKeepingClient>();

/**
 * A connection that gives statements whose plan is kept the name under which Postgres finds it again, and that is given up
 * when an answer is overdue: a network may drop what is said without a reset, and TCP would believe in it for minutes.
 */
export class PlanKeepingClient extends LentClient {
  /** How long each statement that is not answered may take, in the order of their asking. */
  readonly #limits: number[] = [];
  #alarm: NodeJS.Timeout | undefined;
  #heardAt = performance.now();

  constructor(config?: string | pg.ClientConfig) {
    super(config);
    open.add(this);
    this.once('end', () => open.delete(this));
  }

  override query = ((...asked: unknown[]) => {
    statements += 1;
    const [text, values, ...rest] = asked;
    const name = typeof text === 'string' && Array.isArray(values) ? nameOf(text) : undefined;
    const run = super.query.bind(this) as (...it: unknown[]) => unknown;
    const answer = name === undefined ? run(...asked) : run({ name, text, values }, ...rest);
    if (answer instanceof Promise) this.#await(answer, brief.has(text as string) ? briefMs : anyMs);
    return answer;
  }) as pg.Client['query'];

  #await(answer: Promise<unknown>, limit: number): void {
    this.#limits.push(limit);
    if (this.#limits.length === 1) this.#listen(limit);
    const heard = () => this.#heard();
    answer.then(heard, heard);
  }

  #heard(): void {
    this.#heardAt = performance.now();
    this.#limits.shift();
    clearTimeout(this.#alarm);
    const [next] = this.#limits;
    if (next !== undefined) this.#listen(next);
  }

  #listen(limit: number): void {
    if (isWithout('silence-limit')) return;
    this.#alarm = setTimeout(() => this.#giveUp(limit), limit);
  }

  /** What was idle all the while has most likely lost the same network, and nobody should have to find out by waiting. */
  #giveUp(limit: number): void {
    const silentSince = performance.now() - limit;
    this.#end();
    for (const other of open) if (other.#limits.length === 0 && other.#heardAt < silentSince) other.#end();
  }

  #end(): void {
    this.connection.stream.destroy(Object.assign(new Error('The database fell silent.'), { code: 'ETIMEDOUT' }));
  }
}
