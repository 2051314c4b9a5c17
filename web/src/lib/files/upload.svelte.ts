import { filePathOf, lastNameOf } from '@safesend/shared/files/path.ts';
import { newId } from '@safesend/shared/new-id.ts';
import { retryDelay } from '@safesend/shared/reconnect.ts';
import type { ApiProblem } from '#lib/api/problem.ts';
import type { KeptUpload } from './kept-uploads.ts';
import { beginSending, isForgotten, isPassing, sha256Of, type Dropped, type Sending } from './sending.ts';

/**
 * `absent`: known from before a reload, the file has to be chosen again. `checking`: all bytes are there, the server
 * hashes and looks at them.
 */
export type UploadStatus = 'waiting' | 'sending' | 'checking' | 'retrying' | 'paused' | 'absent' | 'refused' | 'done';

/** Told whenever what is kept of an upload changes, and when it rests or has ended. */
export interface UploadOwner {
  changed(upload: Upload): void;
  rested(upload: Upload): void;
}

/** How much of the newest second counts in the speed that is shown. */
const freshness = 0.3;

/** One file on its way. It tries until the server has it, says no for good, or the person does. */
export class Upload {
  #kept: KeptUpload;
  #file: File | null;
  #owner: UploadOwner;
  #status = $state<UploadStatus>('waiting');
  #sent = $state(0);
  /** Bytes a second, smoothed; 0 while nobody knows. */
  #rate = $state(0);
  #problem = $state.raw<ApiProblem | null>(null);
  #dropped = $state.raw<Dropped | null>(null);
  #sending: Sending | null = null;
  #attempt = 0;
  #mayReopen = true;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #measured = { at: 0, sent: 0 };

  constructor(kept: KeptUpload, file: File | null, owner: UploadOwner) {
    this.#kept = kept;
    this.#file = file;
    this.#owner = owner;
    this.#sent = kept.sent;
    if (!file) this.#status = 'absent';
  }

  get id(): string {
    return this.#kept.id;
  }
  get kept(): KeptUpload {
    return this.#kept;
  }
  get status(): UploadStatus {
    return this.#status;
  }
  get sent(): number {
    return this.#sent;
  }
  get rate(): number {
    return this.#status === 'sending' ? this.#rate : 0;
  }
  get problem(): ApiProblem | null {
    return this.#problem;
  }
  get dropped(): Dropped | null {
    return this.#dropped;
  }

  /** Bytes are moving, or will by themselves. */
  get isUnderWay(): boolean {
    return ['waiting', 'sending', 'checking', 'retrying'].includes(this.#status);
  }

  get isOpen(): boolean {
    return this.isUnderWay || this.#status === 'paused' || this.#status === 'absent';
  }

  /** Is this the file that an earlier page began to send? */
  fits({ name, size, lastModified }: File): boolean {
    const { kept } = this;
    // Chosen again by itself, it does not bring its folder.
    const isNamed = lastNameOf(kept.name) === lastNameOf(filePathOf(name));
    return this.#status === 'absent' && isNamed && kept.size === size && kept.lastModified === lastModified;
  }

  adopt(file: File): void {
    this.#file = file;
    this.#status = 'waiting';
  }

  start(): void {
    if (!this.#file || this.#sending) return;
    clearTimeout(this.#timer);
    this.#status = 'sending';
    this.#problem = null;
    void this.#send(this.#file);
  }

  pause(): void {
    this.#halt();
    this.#status = 'paused';
    this.#owner.changed(this);
    this.#owner.rested(this);
  }

  /** Waits for its turn again. */
  queue(): void {
    if (!this.#file || this.#sending) return;
    this.#attempt = 0;
    this.#status = 'waiting';
  }

  /** Without waiting for the next turn of the schedule. */
  hurry(): void {
    if (this.#status === 'retrying') this.start();
  }

  cancel(): void {
    this.#halt();
    this.#problem = null;
    this.#status = 'refused';
    this.#owner.rested(this);
  }

  #halt(): void {
    clearTimeout(this.#timer);
    this.#sending?.stop();
    this.#sending = null;
    this.#rate = 0;
  }

  async #send(file: File): Promise<void> {
    await this.#hash(file);
    // Paused or cancelled while it was hashed.
    if (this.#status !== 'sending' || this.#sending) return;
    this.#measured = { at: performance.now(), sent: this.#sent };
    const sending = beginSending(file, this.#kept, {
      opened: (url) => this.#keep({ url }),
      progress: (sent) => this.#progress(sent),
    });
    this.#sending = sending;
    try {
      this.#finish(await sending.ended);
    } catch (problem) {
      if (this.#sending === sending) this.#failed(problem as ApiProblem);
    }
  }

  async #hash(file: File): Promise<void> {
    if (this.#kept.url !== null || this.#kept.sha256 !== null) return;
    this.#keep({ sha256: await sha256Of(file).catch(() => null) });
  }

  #progress(sent: number): void {
    const now = performance.now();
    const seconds = (now - this.#measured.at) / 1_000;
    this.#sent = sent;
    if (sent >= this.#kept.size) this.#status = 'checking';
    if (seconds < 0.5) return;
    const rate = Math.max(0, sent - this.#measured.sent) / seconds;
    this.#rate = this.#rate === 0 ? rate : this.#rate + freshness * (rate - this.#rate);
    this.#measured = { at: now, sent };
    this.#attempt = 0;
    this.#keep({ sent });
  }

  #finish(dropped: Dropped): void {
    this.#sending = null;
    this.#sent = this.#kept.size;
    this.#dropped = dropped;
    this.#status = 'done';
    this.#owner.rested(this);
  }

  #failed(problem: ApiProblem): void {
    this.#sending = null;
    this.#rate = 0;
    const isOpen = this.#kept.url !== null;
    if (isOpen && isForgotten(problem) && this.#mayReopen) return this.#reopen();
    if (!isPassing(problem, isOpen)) {
      this.#problem = problem;
      this.#status = 'refused';
      return this.#owner.rested(this);
    }
    this.#problem = problem;
    this.#status = 'retrying';
    const wait = problem.retryAfterSeconds ? problem.retryAfterSeconds * 1_000 : retryDelay(this.#attempt++);
    this.#timer = setTimeout(() => this.start(), wait);
    this.#owner.changed(this);
  }

  /** Left alone for longer than the server waits: from the beginning, once, as a command of its own. */
  #reopen(): void {
    this.#mayReopen = false;
    this.#sent = 0;
    this.#keep({ commandId: newId(), url: null, sent: 0 });
    this.start();
  }

  #keep(change: Partial<KeptUpload>): void {
    this.#kept = { ...this.#kept, ...change };
    this.#owner.changed(this);
  }
}
