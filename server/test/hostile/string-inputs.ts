import { newId } from '@safesend/shared/ids.ts';

/** As much of JSON Schema as the published document uses. */
export interface JsonSchema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly format?: string;
  readonly minLength?: number;
  readonly minimum?: number;
  readonly minItems?: number;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | JsonSchema;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly allOf?: readonly JsonSchema[];
}

export interface Place {
  readonly path: readonly (string | number)[];
  readonly format: string | undefined;
}

type Resolve = (reference: string) => JsonSchema;
const nowhere: Resolve = (reference) => {
  throw new Error(`${reference} leads nowhere`);
};
/** Deeper than any body of the product. */
const deepest = 8;

/** Every place of a value where this schema takes a text, each once. */
export function textPlaces(schema: JsonSchema, resolve: Resolve = nowhere): Place[] {
  const found = new Map<string, Place>();
  const visit = (at: JsonSchema, path: Place['path']) => {
    if (path.length > deepest) return;
    if (at.$ref) return visit(resolve(at.$ref), path);
    for (const variant of [...(at.anyOf ?? []), ...(at.oneOf ?? []), ...(at.allOf ?? [])]) visit(variant, path);
    for (const [key, member] of Object.entries(at.properties ?? {})) visit(member, [...path, key]);
    if (typeof at.additionalProperties === 'object') visit(at.additionalProperties, [...path, 'key']);
    if (at.items) visit(at.items, [...path, 0]);
    const isText = [at.type ?? []].flat().includes('string') || typeof at.const === 'string' || at.enum;
    if (isText) found.set(path.join('.'), { path, format: at.format });
  };
  visit(schema, []);
  return [...found.values()];
}

/** The least that this schema takes: what stands beside the place that is tried, at a door nobody has told us about. */
export function sampleOf(schema: JsonSchema, resolve: Resolve = nowhere): unknown {
  if (schema.$ref) return sampleOf(resolve(schema.$ref), resolve);
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return schema.enum[0];
  const [variant] = [...(schema.anyOf ?? []), ...(schema.oneOf ?? []), ...(schema.allOf ?? [])];
  if (variant) return sampleOf(variant, resolve);
  switch ([schema.type ?? 'object'].flat()[0]) {
    case 'string':
      return sampleText(schema);
    case 'integer':
    case 'number':
      return Math.max(schema.minimum ?? 1, 1);
    case 'boolean':
      return false;
    case 'null':
      return null;
    case 'array':
      return Array.from({ length: schema.minItems ?? 0 }, () => sampleOf(schema.items ?? {}, resolve));
    default:
      return Object.fromEntries(
        (schema.required ?? []).map((key) => [key, sampleOf(schema.properties?.[key] ?? {}, resolve)]),
      );
  }
}

function sampleText({ format, minLength = 1 }: JsonSchema): string {
  if (format === 'uuid') return newId();
  if (format === 'email') return 'somebody@example.com';
  if (format === 'date-time') return new Date(Date.now() + 3_600_000).toISOString();
  return 'x'.repeat(Math.max(minLength, 1));
}

/** The same value with something else in one place; what leads there is made where it is not. */
export function withAt(value: unknown, [key, ...rest]: Place['path'], text: string): unknown {
  if (key === undefined) return text;
  if (typeof key === 'number') {
    const list: unknown[] = Array.isArray(value) ? value : [];
    return list.length > 0 ? list.with(key, withAt(list[key], rest, text)) : [withAt(undefined, rest, text)];
  }
  const record = typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  return { ...record, [key]: withAt(record[key], rest, text) };
}
