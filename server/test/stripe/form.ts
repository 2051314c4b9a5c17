/** `a[b][0]=c` as nested objects and lists, the way Stripe reads forms and addresses. */
export function decodeForm(text: string): Record<string, unknown> {
  const root: Record<string, unknown> = {};
  for (const [name, value] of new URLSearchParams(text))
    put(
      root,
      name.split(/[[\]]+/).filter((it, at) => at === 0 || it !== ''),
      value,
      name,
    );
  return lists(root) as Record<string, unknown>;
}

function put(into: Record<string, unknown>, path: readonly string[], value: string, name: string): void {
  const [key = '', ...rest] =
    name.endsWith('[]') && path.length === 1 ? [...path, String(countOf(into[path[0] ?? '']))] : path;
  if (rest.length === 0) into[key] = value;
  else put((into[key] ??= {}) as Record<string, unknown>, rest, value, '');
}

function countOf(list: unknown): number {
  return list !== null && typeof list === 'object' ? Object.keys(list).length : 0;
}

/** Objects whose keys are 0, 1, 2… are lists. */
function lists(value: unknown): unknown {
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).map(([key, inner]) => [key, lists(inner)] as const);
  const isList = entries.length > 0 && entries.every(([key], at) => key === String(at));
  return isList ? entries.map(([, inner]) => inner) : Object.fromEntries(entries);
}
