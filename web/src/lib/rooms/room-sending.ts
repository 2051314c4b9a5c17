import type { Files } from '#lib/files/files.svelte.ts';
import type { Destination } from '#lib/files/intake.ts';
import type { Upload } from '#lib/files/upload.svelte.ts';
import { toastProblem } from '#lib/ui/toast.ts';
import type { Attachments, Waiting } from './attachments.svelte.ts';

/** How files go into one room: by themselves, or with the message that is being written. */
export class RoomSending {
  readonly #files: Files;
  readonly #attachments: Attachments;
  readonly #to: () => Destination;
  readonly #onbrought: () => void;

  constructor(files: Files, attachments: Attachments, to: () => Destination, onbrought: () => void) {
    this.#files = files;
    this.#attachments = attachments;
    this.#to = to;
    this.#onbrought = onbrought;
  }

  /** Sends files to this room. Answers what is on its way. */
  upload(files: readonly File[], hidden = 0): Promise<readonly Upload[]> {
    return this.#files.bring(this.#to(), files, hidden);
  }

  /** Takes files into this room at once. */
  bring(files: readonly File[], hidden = 0): void {
    this.upload(files, hidden).then(
      (sent) => sent.length > 0 && this.#onbrought(),
      (problem: unknown) => toastProblem(problem, () => this.bring(files)),
    );
  }

  /** Puts files to the message that is being written: they are sent when it is. */
  attach(files: readonly File[], hidden = 0): void {
    this.#files.clean(files, hidden).then(
      (chosen) => {
        // Off the line they are judged when they are sent.
        this.#attachments.add(chosen, () => this.#files.judge(this.#to(), chosen)).catch(() => undefined);
      },
      (problem: unknown) => toastProblem(problem, () => this.attach(files)),
    );
  }

  /** Sends what was attached; what could not be looked at when it was chosen is looked at now. */
  async send(waiting: readonly Waiting[]): Promise<readonly Upload[]> {
    const late = waiting.filter(({ isJudged }) => !isJudged).map(({ file }) => file);
    const { chosen, resumed } = await this.#files.judge(this.#to(), late);
    if (late.length > 0 && chosen.length + resumed.length === 0) return [];
    const judged = waiting.filter(({ isJudged }) => isJudged);
    return [...resumed, ...(await this.#files.send(this.#to(), [...judged, ...chosen]))];
  }
}
