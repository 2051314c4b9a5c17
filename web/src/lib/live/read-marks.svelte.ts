import type { ReadMark } from '@safesend/shared/rooms/member.ts';

/** How far everybody has read. Marks are not facts: they arrive beside the log and may also move back. */
export class ReadMarks {
  #marks = $state.raw<ReadonlyMap<string, number>>(new Map());
  /** For each answer that is on its way, what was told meanwhile. */
  #told = new Set<(() => void)[]>();

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
    this.#tell(() => {
      this.#marks = new Map(this.#marks).set(userId, seq);
    });
  }

  /** Who posts has read what came before. */
  advance(userId: string, seq: number): void {
    this.#tell(() => {
      if (seq > this.of(userId)) this.#marks = new Map(this.#marks).set(userId, seq);
    });
  }

  replace(marks: readonly ReadMark[]): void {
    this.#marks = new Map(marks.map(({ userId, seq }) => [userId, seq]));
  }

  /** By an answer that is on its way: what is told before it arrives may be newer, and is told again. Null: none came. */
  async replaceBy(answer: Promise<readonly ReadMark[] | null>): Promise<void> {
    const told: (() => void)[] = [];
    this.#told.add(told);
    const marks = await answer.finally(() => this.#told.delete(told));
    if (!marks) return;
    this.replace(marks);
    for (const again of told) again();
  }

  #tell(move: () => void): void {
    for (const told of this.#told) told.push(move);
    move();
  }
}
