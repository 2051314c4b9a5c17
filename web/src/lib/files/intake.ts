import { getStorage, listRoomFiles } from '@safesend/shared/files/calls.ts';
import type { ListedFile, RoomFile, StorageState } from '@safesend/shared/files/file.ts';
import { programExtensionOf, refusalOf } from '@safesend/shared/files/limits.ts';
import { filePathOf } from '@safesend/shared/files/path.ts';
import { readAll } from '#lib/api/read-all.ts';
import { send } from '#lib/api/send.ts';
import { formatBytes } from '#lib/format/bytes.ts';
import { m } from '#lib/paraglide/messages.js';
import { pathOf } from './choosing.ts';
import type { RoomName } from './upload-queue.svelte.ts';

/** Where files are brought to, by whom. */
export interface Destination extends RoomName {
  readonly myId: string;
  /** The owner of the project may change every file, the others their own. */
  readonly isOwner: boolean;
}

export interface Refused {
  readonly name: string;
  readonly reason: string;
}

/** A chosen file with the one that has its name already. */
export interface Twin {
  readonly file: File;
  readonly present: RoomFile;
  /** Byte for byte what the room has: nothing would be new about it. */
  readonly isSame: boolean;
}

/** What was chosen, judged before a byte of it is sent. */
export interface Intake {
  readonly storage: StorageState;
  readonly refused: readonly Refused[];
  readonly twins: readonly Twin[];
  readonly accepted: readonly File[];
}

/** What it will be called in the room. */
export const shownNameOf = (file: File) => filePathOf(pathOf(file));

/** Fewer are looked up one by one, more by reading the list. */
const fewFiles = 5;
const listPages = 10;

export function leftIn({ mine, room }: StorageState): number {
  return Math.max(0, Math.min(mine.limitBytes - mine.usedBytes, room.limitBytes - room.usedBytes));
}

/** `Up to 5 GB each, 19 GB left here`: the limits, said before. */
export function limitWords(storage: StorageState): string {
  return m.files_limits({ each: formatBytes(storage.maxFileBytes), left: formatBytes(leftIn(storage)) });
}

export async function findStorage(roomId: string): Promise<StorageState> {
  return send(getStorage, { params: { roomId } });
}

export async function examine(to: Destination, files: readonly File[]): Promise<Intake> {
  const [storage, present] = await Promise.all([findStorage(to.id), findPresent(to, files)]);
  const refused: Refused[] = [];
  const twins: Twin[] = [];
  const accepted: File[] = [];
  let leftBytes = leftIn(storage);
  for (const file of files) {
    const refusal = refusalOf(file.name, file.size, { maxFileBytes: storage.maxFileBytes, leftBytes });
    if (refusal) {
      refused.push({ name: shownNameOf(file), reason: refusalWords(refusal, file, storage, leftBytes) });
      continue;
    }
    leftBytes -= file.size;
    const twin = present.get(shownNameOf(file));
    if (twin) twins.push({ file, present: twin, isSame: await isSame(file, twin) });
    else accepted.push(file);
  }
  return { storage, refused, twins, accepted };
}

/** Where nobody can tell (the file is large, or the page may not hash), it may be another one. */
export async function isSame(file: File, { current }: RoomFile): Promise<boolean> {
  if (file.size !== current.size) return false;
  const { sha256Of } = await import('./sending.ts');
  return (await sha256Of(file).catch(() => null)) === current.sha256;
}

function refusalWords(
  refusal: NonNullable<ReturnType<typeof refusalOf>>,
  { name, size }: File,
  { maxFileBytes }: StorageState,
  leftBytes: number,
): string {
  if (refusal === 'type') return m.files_refused_type({ extension: programExtensionOf(filePathOf(name)) ?? '' });
  if (refusal === 'size') return m.files_refused_size({ size: formatBytes(size), limit: formatBytes(maxFileBytes) });
  return m.files_refused_quota({ size: formatBytes(size), left: formatBytes(leftBytes) });
}

/** The files of the room that have one of these names and that the person may change, by name, the newest of each. */
async function findPresent({ id: roomId, myId, isOwner }: Destination, files: readonly File[]) {
  const names = new Set(files.map(shownNameOf));
  const found = names.size <= fewFiles ? await findNamed(roomId, names) : await findMany(roomId);
  const mine = found.filter(({ name, droppedBy }) => names.has(name) && (isOwner || droppedBy === myId));
  return new Map(mine.toReversed().map((file) => [file.name, file]));
}

async function findNamed(roomId: string, names: ReadonlySet<string>): Promise<ListedFile[]> {
  const pages = [...names].map((name) =>
    send(listRoomFiles, { params: { roomId }, query: { q: name.slice(0, 100), limit: '100' } }),
  );
  return (await Promise.all(pages)).flatMap(({ items }) => items);
}

function findMany(roomId: string): Promise<ListedFile[]> {
  return readAll((query) => send(listRoomFiles, { params: { roomId }, query }), listPages);
}
