import { newId } from '@safesend/shared/new-id.ts';
import { filePathOf } from '@safesend/shared/files/path.ts';
import type { Live } from '#lib/live/live.svelte.ts';
import { pathOf } from './choosing.ts';
import { markKeptUploads } from './kept-mark.ts';
import { keptUploads, type KeptUpload } from './kept-uploads.ts';
import { endUpload } from './sending.ts';
import { Upload } from './upload.svelte.ts';

/** A file that somebody chose for a room, and what it shall be there. */
export interface Chosen {
  readonly file: File;
  /** The file it becomes a new version of; null makes a file of its own. */
  readonly fileId: string | null;
}

export interface RoomName {
  readonly id: string;
  readonly title: string;
}

const atOnce = 3;

/** Everything this tab sends, in the order in which it was chosen, some at a time; what a reload interrupts is known again. */
export class UploadQueue {
  #live: Live;
  #items = $state.raw<readonly Upload[]>([]);
  #store = keptUploads();
  #releases = new Map<string, () => void>();
  #stops: (() => void)[];

  constructor(live: Live) {
    this.#live = live;
    const hurry = () => this.#items.forEach((it) => it.hurry());
    window.addEventListener('online', hurry);
    window.addEventListener('beforeunload', this.#leaving);
    this.#stops = [
      live.connection.onUp(hurry),
      () => window.removeEventListener('online', hurry),
      () => window.removeEventListener('beforeunload', this.#leaving),
    ];
  }

  close(): void {
    for (const stop of this.#stops) stop();
    for (const upload of this.#items) if (upload.isUnderWay) upload.pause();
    for (const release of this.#releases.values()) release();
  }

  get items(): readonly Upload[] {
    return this.#items;
  }

  find(id: string): Upload | undefined {
    return this.#items.find((it) => it.id === id);
  }

  /** What an earlier page left unfinished, and no other tab is sending. */
  async restore(): Promise<void> {
    const all = await (await this.#store).all(this.#live.myId);
    const elsewhere = await heldElsewhere();
    const known = new Set(this.#items.map(({ id }) => id));
    const left = all.filter(({ id }) => !known.has(id) && !elsewhere.has(lockOf(id)));
    this.#items = [...left.map((kept) => new Upload(kept, null, this)), ...this.#items];
    this.#mark();
  }

  add(room: RoomName, chosen: readonly Chosen[]): Upload[] {
    const uploads = chosen.map((it) => this.#opened(room, it));
    this.#pump();
    return uploads;
  }

  /** The upload that waits for this file again, in one room or in any. */
  awaits(file: File, roomId: string | null = null): Upload | undefined {
    return this.#items.find((it) => it.fits(file) && (roomId === null || it.kept.roomId === roomId));
  }

  /** Takes up what waits for its file again. Answers what goes on. */
  resume(files: readonly File[], roomId: string | null = null): Upload[] {
    const resumed = files.flatMap((file) => {
      const absent = this.awaits(file, roomId);
      if (absent) this.#adopt(absent, file);
      return absent ?? [];
    });
    this.#pump();
    return resumed;
  }

  pause(upload: Upload): void {
    upload.pause();
  }

  unpause(upload: Upload): void {
    upload.queue();
    this.#pump();
  }

  /** Tries once more what was refused, also when it was taken off the list meanwhile. */
  again(upload: Upload): void {
    if (!this.#items.includes(upload)) this.#items = [...this.#items, upload];
    this.unpause(upload);
  }

  cancel(upload: Upload): void {
    const { url } = upload.kept;
    const wasOpen = upload.isOpen;
    upload.cancel();
    if (url !== null && wasOpen) void endUpload(url);
    this.#drop(upload);
  }

  /** Takes what has ended off the list. */
  clear(): void {
    this.#items = this.#items.filter(({ isOpen }) => isOpen);
  }

  changed(upload: Upload): void {
    if (upload.isOpen) void this.#keep(upload.kept);
  }

  rested(upload: Upload): void {
    if (!upload.isOpen) this.#forget(upload);
    this.#pump();
  }

  #adopt(upload: Upload, file: File): void {
    upload.adopt(file);
    this.#hold(upload);
  }

  #opened(room: RoomName, { file, fileId }: Chosen): Upload {
    const { size, lastModified } = file;
    const name = filePathOf(pathOf(file));
    const id = newId();
    const kept: KeptUpload = {
      id,
      commandId: id,
      userId: this.#live.myId,
      roomId: room.id,
      roomTitle: room.title,
      name,
      size,
      lastModified,
      fileId,
      sha256: null,
      url: null,
      sent: 0,
    };
    const upload = new Upload(kept, file, this);
    this.#items = [...this.#items, upload];
    this.#hold(upload);
    void this.#keep(kept);
    this.#mark();
    return upload;
  }

  #pump(): void {
    const busy = this.#items.filter(({ status }) => ['sending', 'checking', 'retrying'].includes(status)).length;
    const waiting = this.#items.filter(({ status }) => status === 'waiting');
    for (const upload of waiting.slice(0, Math.max(0, atOnce - busy))) upload.start();
  }

  #drop(upload: Upload): void {
    this.#items = this.#items.filter((it) => it !== upload);
    this.#forget(upload);
    this.#pump();
  }

  #forget({ id }: Upload): void {
    this.#releases.get(id)?.();
    this.#releases.delete(id);
    void this.#store.then((store) => store.remove(id)).then(() => this.#mark());
  }

  async #keep(kept: KeptUpload): Promise<void> {
    const store = await this.#store;
    // It may have ended while the store was being opened.
    if (this.find(kept.id)?.isOpen) await store.put(kept);
  }

  #mark(): void {
    markKeptUploads(
      this.#live.myId,
      this.#items.some(({ isOpen }) => isOpen),
    );
  }

  /** While it is held, other tabs leave this upload alone. */
  #hold({ id }: Upload): void {
    if (!('locks' in navigator)) return;
    void navigator.locks.request(lockOf(id), () => new Promise<void>((release) => this.#releases.set(id, release)));
  }

  #leaving = (event: BeforeUnloadEvent): void => {
    if (this.#items.some(({ isUnderWay }) => isUnderWay)) event.preventDefault();
  };
}

const lockOf = (id: string) => `safesend-upload:${id}`;

async function heldElsewhere(): Promise<ReadonlySet<string | undefined>> {
  if (!('locks' in navigator)) return new Set();
  const { held = [] } = await navigator.locks.query();
  return new Set(held.map(({ name }) => name));
}
