import type { RoomFile } from '@safesend/shared/files/file.ts';
import type { RoomEvent } from '@safesend/shared/rooms/event.ts';
import { SvelteMap } from 'svelte/reactivity';

/** The files that a room's facts speak of, each as the newest of them leaves it. */
export class RoomFiles {
  #known = new SvelteMap<string, { readonly seq: number; readonly file: RoomFile }>();
  #wanted = new Set<string>();

  of(fileId: string): RoomFile | undefined {
    return this.#known.get(fileId)?.file;
  }

  /** Another file of the same name that is still there, dropped before this one. */
  elderOf(file: RoomFile): RoomFile | null {
    for (const { file: other } of this.#known.values()) {
      const isTwin = other.name === file.name && other.removedAt === null && other.id < file.id;
      if (isTwin) return other;
    }
    return null;
  }

  /** What is still there of what is known, in the order of dropping. */
  get present(): RoomFile[] {
    const files = [...this.#known.values()].map(({ file }) => file);
    return files.filter(({ removedAt }) => removedAt === null).sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  learn(files: readonly RoomFile[], seq: number): void {
    for (const file of files) this.#add(file, seq);
  }

  learnFrom(events: readonly RoomEvent[]): void {
    for (const event of events) {
      if (event.type === 'file.dropped' || event.type === 'file.versioned' || event.type === 'file.removed') {
        this.#add(event.data, event.seq);
      }
    }
  }

  /** A message may cite a file from before everything that was read. */
  want(fileId: string): void {
    if (this.#known.has(fileId) || this.#wanted.has(fileId)) return;
    this.#wanted.add(fileId);
    import('#lib/files/verbs.ts')
      .then(({ findFile }) => findFile(fileId))
      .then(
        ({ file }) => this.#add(file, 0),
        () => this.#wanted.delete(fileId),
      );
  }

  #add(file: RoomFile, seq: number): void {
    const known = this.#known.get(file.id);
    if (!known || known.seq < seq) this.#known.set(file.id, { seq, file });
  }
}
