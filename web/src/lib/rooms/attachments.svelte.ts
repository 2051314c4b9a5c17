import type { Chosen } from '#lib/files/upload-queue.svelte.ts';
import type { Upload } from '#lib/files/upload.svelte.ts';
import type { Written } from '#lib/live/outbox.ts';

/** Chosen or pasted, and on this machine alone until the message is sent. */
export interface Waiting extends Chosen {
  readonly id: number;
  /** Its name and size were looked at; off the line that is done when it is sent. */
  readonly isJudged: boolean;
  /** The address of what it shows; null where it is no picture. */
  readonly picture: string | null;
}

/** What the sending of a message with files asks of its room. */
export interface Sender {
  /** Sends files. Answers those on their way; none where the person decided against it. */
  send(files: readonly Waiting[]): Promise<readonly Upload[]>;
  again(upload: Upload): void;
  post(written: Written): void;
}

let made = 0;

/** The files of the message that is being written in one room, also while another page is shown. */
export class Attachments {
  #waiting = $state.raw<readonly Waiting[]>([]);
  #uploads = $state.raw<readonly Upload[]>([]);
  #isGoing = $state(false);
  #gone = $state(0);
  #judging = new Set<Promise<void>>();

  get waiting(): readonly Waiting[] {
    return this.#waiting;
  }

  /** On their way, arrived, or refused; what was cancelled elsewhere is left out. */
  get uploads(): readonly Upload[] {
    return this.#uploads.filter(({ isOpen, dropped, problem }) => isOpen || dropped !== null || problem !== null);
  }

  get count(): number {
    return this.waiting.length + this.uploads.length;
  }

  get isEmpty(): boolean {
    return this.count === 0;
  }

  /** Sent, and not all of it arrived yet: the message waits. */
  get isGoing(): boolean {
    return this.#isGoing;
  }

  /** The server would not have some, so that the message stayed. */
  get isHeld(): boolean {
    return !this.#isGoing && this.uploads.some(isRefused);
  }

  /** How many messages went with files. */
  get gone(): number {
    return this.#gone;
  }

  /** Shows files at once, and leaves those out again that are refused or decided against; one that was begun before goes on. */
  add(files: readonly File[], judge: () => Promise<Judgement>): Promise<void> {
    const added = files.map((file) => ({
      id: ++made,
      file,
      fileId: null,
      isJudged: false,
      picture: pictureOf(file),
    }));
    this.#waiting = [...this.#waiting, ...added];
    const judging = judge().then(({ chosen, resumed }) => this.#judged(added, chosen, resumed));
    const told = judging.catch(() => undefined).finally(() => this.#judging.delete(told));
    this.#judging.add(told);
    return judging;
  }

  #judged(added: readonly Waiting[], chosen: readonly Chosen[], resumed: readonly Upload[]): void {
    const fileIds = new Map(chosen.map(({ file, fileId }) => [file, fileId]));
    const isAdded = (it: Waiting) => added.some(({ id }) => id === it.id);
    this.forget(this.#waiting.filter((it) => isAdded(it) && !fileIds.has(it.file)));
    this.#waiting = this.#waiting.map((it) =>
      isAdded(it) ? { ...it, fileId: fileIds.get(it.file) ?? null, isJudged: true } : it,
    );
    this.#uploads = [...this.#uploads, ...resumed];
  }

  forget(files: readonly Waiting[]): void {
    const ids = new Set(files.map(({ id }) => id));
    this.#waiting = this.#waiting.filter(({ id }) => !ids.has(id));
    for (const { picture } of files) if (picture !== null) URL.revokeObjectURL(picture);
  }

  leaveOut(upload: Upload): void {
    this.#uploads = this.#uploads.filter((it) => it !== upload);
  }

  /**
   * Sends the files, and what is written as soon as they have arrived. Where one is refused everything stays as it is, to be
   * sent again or without it; where one is taken back on its way, too.
   */
  async go(written: Omit<Written, 'files'>, { send, again, post }: Sender): Promise<void> {
    if (this.#isGoing) return;
    this.#isGoing = true;
    const meant = this.count;
    try {
      while (this.#judging.size > 0) await Promise.all(this.#judging);
      const sent = this.#waiting;
      if (sent.length > 0) {
        const uploads = await send(sent);
        if (uploads.length === 0) return;
        this.forget(sent);
        this.#uploads = [...this.uploads, ...uploads];
      }
      for (const upload of this.#uploads.filter(isRefused)) again(upload);
      // Without words they are lines of their own, and nothing waits for them.
      if (written.body !== '') {
        if (!(await this.#arrival())) return;
        // Words about a file that was taken back or refused meanwhile are for their writer to look at, and to send.
        if (this.uploads.length < meant) return;
        post({ ...written, files: this.uploads.flatMap(({ dropped }) => dropped ?? []) });
      }
      this.#uploads = [];
      this.#gone++;
    } finally {
      this.#isGoing = false;
    }
  }

  /** Answers whether all that were not left out meanwhile are there. */
  #arrival(): Promise<boolean> {
    return new Promise((resolve) => {
      const stop = $effect.root(() => {
        $effect(() => {
          if (this.uploads.some(({ isOpen }) => isOpen)) return;
          resolve(!this.uploads.some(isRefused));
          queueMicrotask(stop);
        });
      });
    });
  }
}

/** What of chosen files is to be sent with the message, and what of them an earlier page began to send. */
export interface Judgement {
  readonly chosen: readonly Chosen[];
  readonly resumed: readonly Upload[];
}

const isRefused = ({ isOpen, problem }: Upload) => !isOpen && problem !== null;

/** What browsers draw from their own memory; others have a sign. */
function pictureOf(file: File): string | null {
  return /^image\/(png|jpeg|gif|webp|avif)$/.test(file.type) ? URL.createObjectURL(file) : null;
}
