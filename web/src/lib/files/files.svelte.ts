import type { FileVersion, RoomFile } from '@safesend/shared/files/file.ts';
import { getContext, setContext } from 'svelte';
import type { Live } from '#lib/live/live.svelte.ts';
import { m } from '#lib/paraglide/messages.js';
import { Attachments, type Judgement } from '#lib/rooms/attachments.svelte.ts';
import { roomTitle } from '#lib/rooms/room-title.ts';
import type { Destination, Intake } from './intake.ts';
import { hasKeptUploads } from './kept-mark.ts';
import type { Chosen, RoomName, UploadQueue } from './upload-queue.svelte.ts';
import type { Upload } from './upload.svelte.ts';

/** Files that raise a question before they are sent: refused ones, and names that are taken. */
export interface Deciding {
  readonly intake: Intake;
  readonly to: Destination;
  readonly decide: (chosen: readonly Chosen[]) => void;
}

/** One version that is looked at, among those one may go on to. */
export interface Viewing {
  readonly file: RoomFile;
  readonly version: FileVersion;
  readonly among: readonly RoomFile[];
}

/** What of files goes on beside the page that is shown: the queue, its questions, previews. */
export class Files {
  readonly live: Live;
  /** Fetched when the first file is chosen, or when something is left from before. */
  queue = $state.raw<UploadQueue | null>(null);
  deciding = $state.raw<Deciding | null>(null);
  viewing = $state.raw<Viewing | null>(null);
  /** Whose versions are shown. */
  inHand = $state.raw<RoomFile | null>(null);
  /** What lies under the file or the versions that are shown, and is led back to. */
  #under: (() => void)[] = [];
  /** Where the focus was before anything of this was shown. */
  opener: Element | null = null;
  removing = $state.raw<RoomFile | null>(null);
  sharing = $state.raw<RoomFile | null>(null);
  #attachments = new Map<string, Attachments>();
  #asked: Promise<UploadQueue> | null = null;

  constructor(live: Live) {
    this.live = live;
  }

  /** Takes up what an earlier page left, and stops with this one. */
  open(): () => void {
    if (hasKeptUploads(this.live.myId)) void this.uploads().catch(() => undefined);
    const { connection } = this.live;
    const stops = [
      connection.on('room.removed', ({ roomId }) => this.#putAway((file) => file.roomId === roomId)),
      connection.on('room.events', ({ events }) => {
        for (const { type, data } of events) {
          if (type === 'file.removed') this.#putAway(({ id }) => id === data.id);
        }
      }),
    ];
    return () => {
      for (const stop of stops) stop();
      this.queue?.close();
    };
  }

  /** What nobody may look at any more is not looked at any more: its place was above the page, which knows nothing of it. */
  #putAway(isGone: (file: RoomFile) => boolean): void {
    const shown = this.viewing?.file ?? this.inHand;
    if (shown && isGone(shown)) {
      this.#under = [];
      [this.viewing, this.inHand] = [null, null];
    }
    if (this.sharing && isGone(this.sharing)) this.sharing = null;
    if (this.removing && isGone(this.removing)) this.removing = null;
  }

  /** From a file to its versions. */
  openVersions(file: RoomFile): void {
    const { viewing } = this;
    this.#under.push(() => (this.viewing = viewing));
    [this.viewing, this.inHand] = [null, file];
  }

  /** From the versions of a file to one of them. */
  openVersion(file: RoomFile, version: FileVersion): void {
    const { inHand } = this;
    this.#under.push(() => (this.inHand = inHand));
    [this.inHand, this.viewing] = [null, { file, version, among: [] }];
  }

  /** One level: a version leads back to the versions it was opened from, and they to the file. */
  closeOne(): void {
    [this.viewing, this.inHand] = [null, null];
    this.#under.pop()?.();
  }

  /** Nothing lies under what is shown. */
  get isTop(): boolean {
    return this.#under.length === 0;
  }

  /** What waits for the message that is written in a room: leaving its page forgets nothing. */
  attachmentsOf(roomId: string): Attachments {
    const kept = this.#attachments.get(roomId) ?? new Attachments();
    this.#attachments.set(roomId, kept);
    return kept;
  }

  /** Takes files into a room: at once, or after the question that they raise. Answers what is on its way. */
  async bring(to: Destination, files: readonly File[], hidden = 0): Promise<readonly Upload[]> {
    const { chosen, resumed } = await this.judge(to, await this.clean(files, hidden));
    return [...resumed, ...(await this.send(to, chosen))];
  }

  /** What is meant of what was chosen. Says what was left out, `hidden` of it before. */
  async clean(files: readonly File[], hidden = 0): Promise<readonly File[]> {
    const { cleanedAloud } = await import('./cleaning.ts');
    return cleanedAloud(files, hidden);
  }

  /** Files before they are sent: refused ones and taken names are asked about, what an earlier page began to send goes on. */
  async judge(to: Destination, files: readonly File[]): Promise<Judgement> {
    const [{ examine }, queue] = await Promise.all([import('./intake.ts'), this.uploads()]);
    const fresh = files.filter((file) => !queue.awaits(file, to.id));
    const intake = fresh.length > 0 ? await examine(to, fresh) : null;
    const resumed = queue.resume(files, to.id);
    if (!intake) return { chosen: [], resumed };
    const isPlain = intake.refused.length === 0 && intake.twins.length === 0;
    const chosen = isPlain ? intake.accepted.map((file) => ({ file, fileId: null })) : await this.#ask(to, intake);
    return { chosen, resumed };
  }

  async send(to: RoomName, chosen: readonly Chosen[]): Promise<readonly Upload[]> {
    return (await this.uploads()).add(to, chosen);
  }

  /** Tries once more what was refused. */
  again(upload: Upload): void {
    void this.uploads().then((queue) => queue.again(upload));
  }

  /** Makes a chosen file the newest version of one that is there. */
  async bringVersion(of: RoomFile, file: File): Promise<void> {
    const to = { id: of.roomId, title: this.titleOf(of.roomId), myId: this.live.myId, isOwner: false };
    const [{ examine, isSame }, queue] = await Promise.all([import('./intake.ts'), this.uploads()]);
    const intake = await examine(to, [file]);
    if (intake.refused.length > 0) await this.#ask(to, { ...intake, twins: [], accepted: [] });
    else if (await isSame(file, of)) {
      const twins = [{ file, present: of, isSame: true }];
      queue.add(to, await this.#ask(to, { ...intake, twins, accepted: [] }));
    } else queue.add(to, [{ file, fileId: of.id }]);
  }

  /** Everybody I share a room with has a name here. */
  nameOf = (userId: string | null): string => {
    const members = (this.live.rooms.items ?? []).flatMap((room) => room.members);
    return members.find((it) => it.userId === userId)?.displayName ?? m.room_former_member();
  };

  titleOf(roomId: string): string {
    const room = this.live.rooms.find(roomId);
    return room ? roomTitle(room.kind, room.title, room.members, this.live.myId) : '';
  }

  uploads(): Promise<UploadQueue> {
    this.#asked ??= this.#make().catch((problem: unknown) => {
      // On a lost line; the next file asks again.
      this.#asked = null;
      throw problem;
    });
    return this.#asked;
  }

  async #ask(to: Destination, intake: Intake): Promise<readonly Chosen[]> {
    const { promise, resolve } = Promise.withResolvers<readonly Chosen[]>();
    this.deciding = { to, intake, decide: resolve };
    const chosen = await promise;
    this.deciding = null;
    return chosen;
  }

  async #make(): Promise<UploadQueue> {
    const { UploadQueue } = await import('./upload-queue.svelte.ts');
    const queue = new UploadQueue(this.live);
    await queue.restore();
    return (this.queue = queue);
  }
}

const key = Symbol('files');

export function setFiles(files: Files): Files {
  return setContext(key, files);
}

export function getFiles(): Files {
  return getContext<Files>(key);
}
