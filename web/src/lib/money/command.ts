import { newId } from '@safesend/shared/ids.ts';
import { ApiProblem } from '#lib/api/problem.ts';

/** Of each room the commands that have no answer yet, by what they are for. */
const open = new WeakMap<object, Map<string, { readonly of: string; readonly id: string }>>();

/**
 * The id under which something is sent. As long as it has no answer the same once more, about a milestone that has not changed,
 * is the same command, also from a panel that was closed and opened again: it is done once.
 */
export function commandFor(room: object, about: string, of: unknown): string {
  const commands = open.get(room) ?? new Map<string, { readonly of: string; readonly id: string }>();
  open.set(room, commands);
  const text = JSON.stringify(of);
  const kept = commands.get(about);
  if (kept?.of === text) return kept.id;
  const id = newId();
  commands.set(about, { of: text, id });
  return id;
}

/** It was done, or refused: the same once more is meant once more. */
export function answered(room: object, about: string): void {
  open.get(room)?.delete(about);
}

/** Nobody knows whether it was done: no answer came, or one of whoever stands between. */
export function isInDoubt(problem: unknown): boolean {
  if (!(problem instanceof ApiProblem)) return false;
  return problem.code === 'offline' || (problem.status >= 500 && problem.requestId === undefined);
}

const pausesMs = [700, 2_000];

/** Asks again while nobody knows, a few times: under its id it is done once. */
export async function insist<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  for (const pauseMs of pausesMs) {
    try {
      return await ask();
    } catch (problem) {
      if (!isInDoubt(problem)) throw problem;
    }
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
  return ask();
}
