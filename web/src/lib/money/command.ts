import { newId } from '@safesend/shared/ids.ts';
import { isAsking } from '#lib/account/proof.svelte.ts';
import { ApiProblem } from '#lib/api/problem.ts';

interface Command {
  /** What is sent, and about what. */
  readonly of: string;
  readonly id: string;
  /** It was sent, and nobody knows whether it was done. */
  isInDoubt: boolean;
}

/** Of each room the commands that have no answer yet, by what they are for. */
const open = new WeakMap<object, Map<string, Command>>();

/**
 * The id under which something is sent. As long as it has no answer the same once more, about a milestone that has not changed,
 * is the same command, also from a panel that was closed and opened again: it is done once.
 */
export function commandFor(room: object, about: string, sends: unknown): string {
  const commands = open.get(room) ?? new Map<string, Command>();
  open.set(room, commands);
  const of = JSON.stringify(sends);
  const kept = commands.get(about);
  if (kept?.of === of) return kept.id;
  const id = newId();
  commands.set(about, { of, id, isInDoubt: false });
  return id;
}

/** It was done: the same once more is meant once more. */
export function answered(room: object, about: string): void {
  open.get(room)?.delete(about);
}

/** Hears why a try failed, and answers whether it is known now what became of the command: refused, it is over. */
export function isKnown(room: object, about: string, problem: unknown): boolean {
  const command = open.get(room)?.get(about);
  if (!tellsNothing(problem, command?.isInDoubt ?? false)) {
    answered(room, about);
    return true;
  }
  if (command) command.isInDoubt = true;
  return false;
}

/** Given by whoever stands before the command: after a try that may have done it, they say nothing of that one. */
const beforeIt = new Set([401, 429]);

/** No answer came, it broke off, or the server failed, and nobody can tell before or after its commit. */
function tellsNothing(problem: unknown, isInDoubt: boolean): boolean {
  if (!(problem instanceof ApiProblem)) return isInDoubt;
  if (problem.code === 'payments_not_configured') return false;
  return problem.status === 0 || problem.status >= 500 || (isInDoubt && beforeIt.has(problem.status));
}

const pausesMs = [700, 2_000];

/** Asks again while nobody knows, a few times: under its id it is done once. Who must say first who he is, is asked. */
export async function insist<Answer>(
  ask: () => Promise<Answer>,
  known: (problem: unknown) => boolean,
): Promise<Answer> {
  for (const pauseMs of pausesMs) {
    try {
      return await ask();
    } catch (problem) {
      if (known(problem) || isAsking(problem)) throw problem;
    }
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
  return ask();
}
