import { getFile } from '@safesend/shared/files/calls.ts';
import type { PreviewState } from '@safesend/shared/files/file.ts';
import { SvelteMap } from 'svelte/reactivity';
import type { Connection } from '#lib/live/connection.svelte.ts';
import { send } from '#lib/api/send.ts';

/** A preview is made soon after the drop; who looks at a file that has none yet asks again, ever more rarely. */
const pauses = [1_000, 2_000, 4_000, 8_000, 16_000, 30_000];

/** Which versions have a picture, asked for by whatever shows them and known to the whole page. */
class Previews {
  #known = new SvelteMap<string, PreviewState>();
  #followed: Connection | null = null;
  #asking = new Map<string, Promise<void>>();

  of(fileId: string, version: number): PreviewState | undefined {
    return this.#known.get(keyOf(fileId, version));
  }

  learn(fileId: string, preview: PreviewState): void {
    this.#known.set(keyOf(fileId, preview.version), preview);
  }

  /** The rooms that are open tell when a picture is ready. */
  follow(connection: Connection): void {
    if (this.#followed === connection) return;
    this.#followed = connection;
    connection.on('room.preview', ({ fileId, preview }) => this.learn(fileId, preview));
  }

  /** Asks until there is an answer, or until the returned function is called. */
  watch(fileId: string, version: number): () => void {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isOver = false;
    const look = async (turn: number) => {
      if (this.#isSettled(fileId, version)) return;
      await this.#ask(fileId);
      const pause = pauses[turn];
      if (isOver || pause === undefined || this.#isSettled(fileId, version)) return;
      timer = setTimeout(() => void look(turn + 1), pause);
    };
    void look(0);
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }

  #isSettled(fileId: string, version: number): boolean {
    const status = this.#known.get(keyOf(fileId, version))?.status;
    return status === 'ready' || status === 'none';
  }

  /** Cards of several versions of one file share a question. */
  #ask(fileId: string): Promise<void> {
    const asked = this.#asking.get(fileId) ?? this.#read(fileId).finally(() => this.#asking.delete(fileId));
    this.#asking.set(fileId, asked);
    return asked;
  }

  async #read(fileId: string): Promise<void> {
    const answer = await send(getFile, { params: { fileId } }).catch(() => null);
    for (const preview of answer?.previews ?? []) this.learn(fileId, preview);
  }
}

const keyOf = (fileId: string, version: number) => `${fileId}:${version}`;

/** Written by what is on a page in a browser, never on the server. */
export const previews = new Previews();
