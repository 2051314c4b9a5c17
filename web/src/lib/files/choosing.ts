/** What file managers leave behind and nobody means to share. */
const litter: ReadonlySet<string> = new Set(['.DS_Store', 'Thumbs.db', 'desktop.ini']);

const paths = new WeakMap<File, string>();

/** Where a file lay in the folder that was chosen or dropped, its name at the end; its name alone where there was none. */
export function pathOf(file: File): string {
  return paths.get(file) ?? (file.webkitRelativePath || file.name);
}

export function carriesFiles(transfer: DataTransfer | null): boolean {
  return transfer?.types.includes('Files') ?? false;
}

/** What is meant to be shared of what was chosen or dropped. */
export interface Choice {
  readonly files: readonly File[];
  /** How many hidden files and folders were left out of it; a folder is one, whatever it holds. */
  readonly hidden: number;
}

/** The beginning of a path up to what is hidden in it (`.git`, `__MACOSX`); null where nothing is. */
function hiddenIn(path: string): string | null {
  return /^(?:.*?\/)?(?:\.[^/]*|__MACOSX)(?=\/|$)/.exec(path)?.[0] ?? null;
}

/** Everything that was dropped, the files inside folders too. Hidden folders are not looked into: `.git` holds thousands. */
export async function filesIn(transfer: DataTransfer): Promise<Choice> {
  // Entries can be taken only while the event lasts, before anything is waited for.
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry()).filter((it) => it !== null);
  const loose = [...transfer.files];
  if (entries.length === 0) return { files: loose, hidden: 0 };
  const hidden: string[] = [];
  const found = await Promise.all(entries.map((entry) => filesUnder(entry, hidden)));
  return { files: found.flat(), hidden: hidden.length };
}

/**
 * What is meant to be shared, under names that tell it apart; a folder in the order of its names, as people look at one, and
 * without what is hidden in it. A hidden file that was chosen by itself is meant.
 */
export function cleaned(files: readonly File[], now = new Date()): Choice {
  const left = new Set<string>();
  const meant = files.filter((file) => {
    const path = pathOf(file);
    const isInFolder = path.includes('/');
    const out = (isInFolder ? hiddenIn(path) : null) ?? (litter.has(file.name) ? path : null);
    if (out !== null) left.add(out);
    return out === null;
  });
  const named = meant.map((file) => namedByMoment(file, now));
  const { compare } = new Intl.Collator(undefined, { numeric: true });
  if (named.some((it) => pathOf(it).includes('/'))) named.sort((a, b) => compare(pathOf(a), pathOf(b)));
  return { files: named, hidden: left.size };
}

async function filesUnder(entry: FileSystemEntry, hidden: string[]): Promise<File[]> {
  const path = entry.fullPath.replace(/^\//, '');
  if (path.includes('/') && hiddenIn(path) !== null) {
    hidden.push(path);
    return [];
  }
  if (isFile(entry)) {
    const file = await new Promise<File>((resolve, reject) => entry.file(resolve, reject));
    paths.set(file, path);
    return [file];
  }
  if (!isFolder(entry)) return [];
  const inside = await entriesOf(entry);
  return (await Promise.all(inside.map((it) => filesUnder(it, hidden)))).flat();
}

/** A folder is told in parts, until a part is empty. */
async function entriesOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const all: FileSystemEntry[] = [];
  for (;;) {
    const part = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (part.length === 0) return all;
    all.push(...part);
  }
}

const isFile = (entry: FileSystemEntry): entry is FileSystemFileEntry => entry.isFile;
const isFolder = (entry: FileSystemEntry): entry is FileSystemDirectoryEntry => entry.isDirectory;

/** A picture from the clipboard is called `image.png` every time: the moment tells them apart. */
function namedByMoment(file: File, now: Date): File {
  if (!/^image\.\w+$/.test(pathOf(file))) return file;
  const moment = new Date(now.getTime() - now.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
  const extension = file.name.split('.').at(-1) ?? 'png';
  return new File([file], `Screenshot ${moment.replace('T', ' ').replaceAll(':', '.')}.${extension}`, {
    type: file.type,
    lastModified: file.lastModified,
  });
}
