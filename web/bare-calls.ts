import type { Plugin } from 'vite';

interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
}
interface Property extends Node {
  readonly key: Node & { readonly name?: string };
}
interface Statement extends Node {
  readonly source?: Node | null;
  readonly declaration?: { readonly declarations?: readonly Declared[] } | null;
}
interface Declared {
  readonly id: Node & { readonly name: string };
  readonly init?: Node & { readonly callee?: { readonly name?: string }; readonly arguments?: readonly Node[] };
}

/** What a page needs to make a call. The rest of a declaration is for the server and for types. */
const kept: ReadonlySet<string> = new Set(['method', 'path']);

/**
 * Of the files that declare calls a page is given the calls themselves, method and path, and what they pass on from
 * other files. The schemas of questions and answers stay behind: with them the whole of zod would travel to every page.
 * A form that judges its input imports the schema from the file that holds it.
 */
export function bareCalls(): Plugin {
  return {
    name: 'safesend:bare-calls',
    enforce: 'post',
    transform: {
      filter: { id: /\/shared\/src\/[^?]*\/calls\.ts$/ },
      handler(code) {
        const { body } = this.parse(code) as unknown as { body: readonly Statement[] };
        const bare = body.flatMap((statement) => bareStatement(statement, code));
        return { code: bare.join('\n'), map: null };
      },
    },
  };
}

function bareStatement(statement: Statement, code: string): string[] {
  if (statement.type.startsWith('Export') && statement.source) return [code.slice(statement.start, statement.end)];
  return (statement.declaration?.declarations ?? []).flatMap(({ id, init }) => {
    const [shape] = init?.callee?.name === 'call' ? (init.arguments ?? []) : [];
    if (!shape) return [];
    const { properties } = shape as Node & { properties: readonly Property[] };
    const fields = properties.filter(({ key }) => kept.has(key.name ?? ''));
    return [`export const ${id.name} = { ${fields.map(({ start, end }) => code.slice(start, end)).join(', ')} };`];
  });
}
