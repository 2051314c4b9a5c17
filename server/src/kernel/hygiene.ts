import { Failure } from '@safesend/shared/failure.ts';

export const maxDepth = 32;
const forbiddenKeys = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * Refuses a parsed JSON value that is nested deeper than 32 levels, holds NUL or half a surrogate pair, or names a key
 * that reaches into prototypes. Walks without recursion: the depth is the attack.
 */
export function refuseHostile(root: unknown): void {
  const stack: { value: unknown; depth: number }[] = [{ value: root, depth: 0 }];
  for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
    const { value, depth } = at;
    if (typeof value === 'string') refuseText(value);
    if (value === null || typeof value !== 'object') continue;
    if (depth >= maxDepth) throw new Failure('malformed', `The input is nested deeper than ${maxDepth} levels.`);
    for (const key of Object.keys(value)) {
      if (forbiddenKeys.has(key)) throw new Failure('malformed', 'The input has a key that is not allowed.');
      refuseText(key);
      stack.push({ value: (value as Record<string, unknown>)[key], depth: depth + 1 });
    }
  }
}

/** Text that Postgres or another reader could not keep as it is. */
export function refuseText(text: string): void {
  if (text.includes('\u0000') || !text.isWellFormed()) {
    throw new Failure('malformed', 'The input has characters that cannot be stored.');
  }
}

/** Parses JSON text; depth is checked on the text first, so that no parser or copier meets a tower. */
export function parseJson(text: string): unknown {
  refuseDeepText(text);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Failure('malformed', 'The body is not JSON.');
  }
  refuseHostile(value);
  return value;
}

function refuseDeepText(text: string): void {
  let depth = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (quoted) {
      if (char === '\\') at++;
      else if (char === '"') quoted = false;
    } else if (char === '"') quoted = true;
    else if (char === '{' || char === '[') depth++;
    else if (char === '}' || char === ']') depth--;
    if (depth > maxDepth) throw new Failure('malformed', `The input is nested deeper than ${maxDepth} levels.`);
  }
}
