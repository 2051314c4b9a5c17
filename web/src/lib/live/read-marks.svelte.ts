import type { ReadMark } from '@safesend/shared/rooms/member.ts';

/** How far everybody has read. Marks are not facts: they arrive beside the log and may also move back. */
export class ReadMarks {
  #marks = $state.raw<ReadonlyMap<string, number>>(new Map());

  constructor(marks: readonly ReadMark[]) {
    this.replace(marks);
  }

  get all(): ReadonlyMap<string, number> {
    return this.#marks;
  }

  of(userId: string): number {
    return this.#marks.get(userId) ?? 0;
  }

  set(userId: string, seq: number): void {
    this.#marks = new Map(this.#marks).set(userId, seq);
  }

  /** Who posts has read what came before. */
  advance(userId: string, seq: number): void {
    if (seq > this.of(userId)) this.set(userId, seq);
  }

  replace(marks: readonly ReadMark[]): void {
    this.#marks = new Map(marks.map(({ userId, seq }) => [userId, seq]));
  }
}
