import type { FileCitation } from '@safesend/shared/rooms/message.ts';
import type { Upload } from '#lib/files/upload.svelte.ts';

/** The files that the message being written will name. They are in the room by themselves as soon as they have arrived. */
export class Attachments {
  #uploads = $state.raw<readonly Upload[]>([]);
  readonly items: readonly Upload[];
  readonly citations: readonly FileCitation[];
  /** Some are still on their way: the message would not name them. */
  readonly isWaiting: boolean;

  constructor() {
    this.items = $derived(this.#uploads.filter(({ isOpen, dropped }) => isOpen || dropped !== null));
    this.citations = $derived(this.items.flatMap(({ dropped }) => dropped ?? []));
    this.isWaiting = $derived(this.items.some(({ dropped }) => dropped === null));
  }

  add(uploads: readonly Upload[]): void {
    this.#uploads = [...this.#uploads, ...uploads];
  }

  remove(upload: Upload): void {
    this.#uploads = this.#uploads.filter((it) => it !== upload);
  }

  /** Hands the citations to the message that goes out now. */
  take(): readonly FileCitation[] {
    const { citations } = this;
    this.#uploads = [];
    return citations;
  }
}
