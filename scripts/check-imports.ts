// Who may import whom. The rules are those of docs/ARCHITECTURE.md; a line that cannot be imported is in the wrong file.
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

type Sources = ReadonlyMap<string, string>;

interface Place {
  readonly module: string;
  readonly kind: string;
}

// Read from left to right: each module may reach those before it.
const modules = [
  'accounts',
  'rooms',
  'files',
  'escrow',
  'projects',
  'market',
  'disputes',
  'reviews',
  'notifications',
  'insights',
  'departure',
  'integrations',
  'admin',
];

const inner = ['entity', 'present', 'access', 'service'];

const within: Record<string, readonly string[]> = {
  entity: [],
  present: ['entity'],
  access: ['entity'],
  service: ['entity', 'present', 'access'],
  reactions: inner,
  jobs: inner,
  route: ['service', 'present'],
  socket: ['service', 'present'],
};

/** What a file may use of an earlier module: never more than its own kind stands for. */
const acrossModules: Record<string, readonly string[]> = {
  entity: ['entity'],
  present: ['entity', 'present'],
  access: ['entity', 'access', 'service'],
  service: inner,
  reactions: inner,
  jobs: inner,
  route: ['service', 'present'],
  socket: ['service', 'present'],
};

const sharedMayUse = /^(zod|uuid|@internationalized\/date)(\/|$)/;
const knowsAllModules = /^server\/src\/(app|cli|demo)(\.ts|\/)/;

export function complaintsAbout(sources: Sources): string[] {
  const complaints: string[] = [];
  for (const [file, source] of sources) {
    const place = placeOf(file);
    if (place && !(place.kind in within)) complaints.push(`${file}: a module has no file of the kind "${place.kind}"`);
    if (place && !modules.includes(place.module))
      complaints.push(`${file}: "${place.module}" is not one of the modules`);
    for (const target of importsOf(file, source)) {
      const reason = objection(file, target);
      if (reason) complaints.push(`${file} may not import ${target}: ${reason}`);
    }
  }
  return [...complaints, ...circles(sources)];
}

function objection(file: string, target: string): string | undefined {
  if (file.startsWith('shared/')) return objectionInShared(target);
  if (file.startsWith('web/')) return objectionInWeb(target);
  if (file.startsWith('migrations/')) {
    return isOurs(target) && !target.startsWith('migrations/') ? 'a migration stands alone for ever' : undefined;
  }
  if (target.startsWith('web/')) return 'the server knows the built pages only';
  const theirs = placeOf(target);
  if (file.startsWith('server/src/kernel/')) return theirs ? 'the kernel knows no module' : objectionInKernel(target);
  const mine = placeOf(file);
  if (mine) return objectionInModule(mine, target, theirs);
  return theirs && !knowsAllModules.test(file)
    ? 'only app.ts, the command line and the demo know the modules'
    : undefined;
}

function objectionInShared(target: string): string | undefined {
  if (target.startsWith('shared/') || sharedMayUse.test(target)) return undefined;
  return 'shared code uses zod, uuid, @internationalized/date and itself';
}

function objectionInWeb(target: string): string | undefined {
  if (target.startsWith('server/') || target.startsWith('@safesend/server'))
    return 'pages know the server by its calls';
  return isOurs(target) && !/^(web|shared)\//.test(target) ? 'pages import shared code and themselves' : undefined;
}

function objectionInKernel(target: string): string | undefined {
  return isOurs(target) && !/^(server\/src\/kernel|shared|migrations)\//.test(target)
    ? 'it is above the kernel'
    : undefined;
}

function objectionInModule(mine: Place, target: string, theirs: Place | undefined): string | undefined {
  if (!theirs) return objectionInKernel(target) && 'a module uses the kernel, shared code and earlier modules';
  if (mine.module === theirs.module) {
    if (mine.kind === theirs.kind || within[mine.kind]?.includes(theirs.kind)) return undefined;
    return `${mine.kind} does not reach ${theirs.kind}`;
  }
  if (modules.indexOf(theirs.module) > modules.indexOf(mine.module))
    return `${theirs.module} comes after ${mine.module}`;
  return acrossModules[mine.kind]?.includes(theirs.kind)
    ? undefined
    : `${mine.kind} does not reach the ${theirs.kind} of another module`;
}

/** Where a file stands: `modules/rooms/service.ts` and `modules/rooms/service/messages.ts` are both rooms' service. */
function placeOf(file: string): Place | undefined {
  const [, module, kind] = /^server\/src\/modules\/([^/]+)\/([^/.]+)/.exec(file) ?? [];
  return module === undefined || kind === undefined ? undefined : { module, kind };
}

function isOurs(target: string): boolean {
  return /^(server|shared|web|migrations|scripts|e2e|\.\.)\b/.test(target);
}

function importsOf(file: string, source: string): string[] {
  const found = source.matchAll(/(?:\bfrom|^\s*import|\bimport\()\s*['"]([^'"]+)['"]/gm);
  return [...found].map(([, target = '']) => {
    if (target.startsWith('.')) return normalize(join(dirname(file), target));
    return target.replace(/^@safesend\/shared\//, 'shared/src/').replace(/^#lib\//, 'web/src/lib/');
  });
}

// Type-only imports are erased and cannot make a circle at run time, but they tie two files together all the same.
function circles(sources: Sources): string[] {
  const done = new Set<string>();
  const found: string[] = [];
  const visit = (file: string, path: readonly string[]) => {
    const start = path.indexOf(file);
    if (start >= 0) found.push(`a circle of imports: ${[...path.slice(start), file].join(' → ')}`);
    const source = sources.get(file);
    if (start >= 0 || done.has(file) || source === undefined) return;
    for (const target of importsOf(file, source)) visit(target, [...path, file]);
    done.add(file);
  };
  for (const file of sources.keys()) if (!file.startsWith('web/')) visit(file, []);
  return found;
}

function readSources(root: string): Sources {
  const files = globSync('{server,shared,web}/src/**/*.{ts,svelte}', { cwd: root })
    .concat(globSync('migrations/*.ts', { cwd: root }))
    .filter((file) => !file.endsWith('.test.ts') && !file.includes('/paraglide/'));
  return new Map(files.sort().map((file) => [file, readFileSync(join(root, file), 'utf8')]));
}

if (import.meta.main) {
  const complaints = complaintsAbout(readSources(join(import.meta.dirname, '..')));
  for (const complaint of complaints) console.error(complaint);
  process.exitCode = complaints.length > 0 ? 1 : 0;
}
