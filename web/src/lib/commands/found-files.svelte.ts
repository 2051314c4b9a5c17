import { listFiles } from '@safesend/shared/files/calls.ts';
import type { ListedFile } from '@safesend/shared/files/file.ts';
import { send } from '#lib/api/send.ts';
import type { Files } from '#lib/files/files.svelte.ts';
import { kindIcons } from '#lib/files/kinds.ts';
import { m } from '#lib/paraglide/messages.js';
import type { Command } from './registry.svelte.ts';

const pause = 150;
const most = '8';

/** Files whose name has what is being typed: the server looks, because a page knows only the newest. */
export class FoundFiles {
  #items = $state.raw<readonly ListedFile[]>([]);
  #asked = 0;
  readonly commands: readonly Command[];

  constructor(files: Files) {
    this.commands = $derived(
      this.#items.map((file) => ({
        id: `file:${file.id}`,
        title: file.name,
        group: m.nav_files(),
        detail: files.titleOf(file.roomId),
        icon: kindIcons[file.current.kind],
        run: () => (files.viewing = { file, version: file.current, among: this.#items }),
      })),
    );
  }

  /** Call it with what is typed; the returned function gives the question up. */
  look(query: string): () => void {
    const q = query.trim().slice(0, 100);
    const turn = ++this.#asked;
    const timer = setTimeout(() => {
      if (q.length < 2) return void (this.#items = []);
      send(listFiles, { query: { q, limit: most } }).then(
        ({ items }) => turn === this.#asked && (this.#items = items),
        () => undefined,
      );
    }, pause);
    return () => clearTimeout(timer);
  }
}
