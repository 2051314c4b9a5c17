import type { ParseArgsOptionsConfig } from 'node:util';
import type { z } from 'zod';
import type { Env } from '../kernel/env.ts';

/** What a verb is given. The database is found, or started, only when a verb asks for it. */
export interface Desk {
  readonly env: Env;
  databaseUrl(): Promise<string>;
  /** Everything piped in, without the line break at its end. */
  readInput(): Promise<string>;
}

export interface Request {
  readonly options: Readonly<Record<string, string | boolean | undefined>>;
  readonly words: readonly string[];
}

export interface Outcome {
  /** For people. */
  readonly text: string;
  /** For programs, with --json. */
  readonly value: object;
  readonly exitCode?: number;
}

export interface Verb {
  readonly usage: string;
  readonly summary: string;
  readonly options?: ParseArgsOptionsConfig;
  run(desk: Desk, request: Request): Promise<Outcome>;
}

/** Documented in `--help` and docs/OPERATIONS.md; scripts may rely on them. */
export const exitCodes = {
  done: 0,
  failed: 1,
  usage: 2,
  notFound: 3,
  conflict: 4,
  unhealthy: 5,
} as const;

/** A verb's way to end with one sentence and a code of its own. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly exitCode: number;

  constructor(exitCode: number, message: string) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** The value of an option that must be there. */
export function required({ options }: Request, name: string): string {
  const value = options[name];
  if (typeof value === 'string' && value !== '') return value;
  throw new CliError(exitCodes.usage, `--${name} is missing.`);
}

/** What the schema makes of an input; `what` names it for people where its path does not. */
export function read<Schema extends z.ZodType>(schema: Schema, input: unknown, what?: string): z.output<Schema> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new CliError(exitCodes.usage, [what ?? issue?.path.join('.'), issue?.message].filter(Boolean).join(': '));
}
