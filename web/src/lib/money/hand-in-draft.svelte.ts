import type { RoomFile } from '@safesend/shared/files/file.ts';
import { SvelteMap, SvelteSet } from 'svelte/reactivity';
import type { Upload } from '#lib/files/upload.svelte.ts';

/** What is being handed in for a milestone: it outlives its dialog, which is closed to look something up or to drop a file. */
export class HandInDraft {
  note = $state('');
  readonly chosen = new SvelteSet<string>();
  /** What was uploaded from the dialog, each file as it arrived. */
  readonly brought = new SvelteMap<string, RoomFile>();
  #uploads = $state.raw<readonly Upload[]>([]);

  /** What was handed in last is handed in again, each file in its newest version, unless the tick is taken away. */
  constructor(last: readonly { readonly fileId: string }[]) {
    for (const { fileId } of last) this.chosen.add(fileId);
  }

  /** On their way, or refused and not yet left out. */
  get uploads(): readonly Upload[] {
    return this.#uploads.filter(({ isOpen, dropped, problem }) => isOpen || dropped !== null || problem !== null);
  }

  get isWaiting(): boolean {
    return this.uploads.some(({ isOpen, dropped }) => isOpen || dropped !== null);
  }

  add(uploads: readonly Upload[]): void {
    this.#uploads = [...this.#uploads, ...uploads];
  }

  leaveOut(upload: Upload): void {
    this.#uploads = this.#uploads.filter((it) => it !== upload);
  }

  /** It is in the room now: handed in unless the tick is taken away. */
  arrived(upload: Upload, file: RoomFile): void {
    if (!this.#uploads.includes(upload)) return;
    this.leaveOut(upload);
    this.brought.set(file.id, file);
    this.chosen.add(file.id);
  }

  /** What may be handed in: what the room had, and what came since, each in its newest version. */
  offered(listed: readonly RoomFile[]): RoomFile[] {
    const all = new Map(this.brought);
    for (const file of listed) {
      const brought = all.get(file.id);
      if (!brought || brought.current.version <= file.current.version) all.set(file.id, file);
    }
    return [...all.values()].sort((a, b) => (a.id < b.id ? 1 : -1));
  }
}
