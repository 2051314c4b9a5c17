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

/** Everything that was dropped, the files inside folders too. */
export async function filesIn(transfer: DataTransfer): Promise<File[]> {
  // Entries can be taken only while the event lasts, before anything is waited for.
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry()).filter((it) => it !== null);
  const loose = [...transfer.files];
  const found = entries.length > 0 ? (await Promise.all(entries.map(filesUnder))).flat() : loose;
  return found;
}

/** What is meant to be shared, under names that tell it apart; a folder in the order of its names, as people look at one. */
export function cleaned(files: readonly File[], now = new Date()): File[] {
  const meant = files.filter(({ name }) => !litter.has(name)).map((file) => namedByMoment(file, now));
  const { compare } = new Intl.Collator(undefined, { numeric: true });
  return meant.some((it) => pathOf(it).includes('/')) ? meant.sort((a, b) => compare(pathOf(a), pathOf(b))) : meant;
}

async function filesUnder(entry: FileSystemEntry): Promise<File[]> {
  if (isFile(entry)) {
    const file = await new Promise<File>((resolve, reject) => entry.file(resolve, reject));
    paths.set(file, entry.fullPath.replace(/^\//, ''));
    return [file];
  }
  if (!isFolder(entry)) return [];
  const inside = await entriesOf(entry);
  return (await Promise.all(inside.map(filesUnder))).flat();
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
