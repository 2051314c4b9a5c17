/**
 * The one spelling of a JSON value (RFC 8785, JCS): keys sorted by UTF-16 code units, no white space, numbers and
 * strings as ECMAScript writes them. Hashes are taken over this. Members that are `undefined` are left out.
 */
export function canonicalJson(value: unknown): string {
  // What is in order already is spelled by the language itself, several times as fast.
  return isInOrder(value) ? JSON.stringify(value) : spell(value);
}

function spell(value: unknown): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(spell).join(',')}]`;
  const members: string[] = [];
  for (const key of Object.keys(value).sort()) {
    const member: unknown = (value as Record<string, unknown>)[key];
    if (member !== undefined) members.push(`${JSON.stringify(key)}:${spell(member)}`);
  }
  return `{${members.join(',')}}`;
}

/** Values of the language's own kinds, every object's keys ascending. */
function isInOrder(value: unknown): boolean {
  if (value === null || typeof value !== 'object') return value !== undefined;
  if (Array.isArray(value)) return value.every(isInOrder);
  if ('toJSON' in value) return false;
  let last = '';
  for (const key of Object.keys(value)) {
    if (key < last) return false;
    last = key;
    const member: unknown = (value as Record<string, unknown>)[key];
    if (member !== undefined && !isInOrder(member)) return false;
  }
  return true;
}
