import { writeFile } from 'node:fs/promises';
import type { App } from '../app.ts';
import { queryOne, type Em } from '../kernel/sql.ts';
import type { Outcome, Tx } from '../kernel/transact.ts';
import { finishUpload, type Dropped } from '../modules/files/service/ingest.ts';
import { stagedPath } from '../modules/files/service/staged.ts';
import { openUpload } from '../modules/files/service/uploads.ts';
import type { Paper } from './papers.ts';
import { people, type PersonName } from './people.ts';

/** What the demo needs of the running product: its verbs, and where its links lead. */
export interface Theatre extends Pick<App, 'transact' | 'orm' | 'files'> {
  readonly origin: string;
}

/** One step of a scene. `step` names it for ever. */
export type Act = (stage: Stage, step: string) => Promise<void>;

export interface Scene {
  readonly name: string;
  readonly acts: readonly Act[];
}

interface Said {
  readonly id: string;
  readonly seq: number;
}

/** What a scene has made so far: its room, and the things later acts refer to. */
export class Stage {
  readonly theatre: Theatre;
  readonly #scene: string;
  readonly #said = new Map<string, Said>();
  readonly invitations = new Map<string, string>();
  readonly milestones = new Map<string, string>();
  projectId = '';
  roomId = '';

  constructor(theatre: Theatre, scene: string) {
    this.theatre = theatre;
    this.#scene = scene;
  }

  /**
   * Changes something as this person, once for ever: the step is a command id. A workspace whose making was interrupted
   * is made again from the top; what was there answers what it answered, and the rest follows.
   */
  async once<Result, Answer>(
    by: PersonName,
    step: string,
    work: (tx: Tx) => Promise<Result>,
    answer: (outcome: Outcome<Result>) => Answer,
  ): Promise<Answer> {
    const command = { id: commandIdOf(this.#scene, step), verb: 'demo', input: null };
    const done = await this.theatre.transact.command({ id: people[by].id }, command, work, (outcome) => ({
      status: 201,
      answer: answer(outcome),
    }));
    return done.answer;
  }

  /** Drops a file as a page would, once for ever as well. */
  async drop(by: PersonName, step: string, { name: filename, content }: Paper): Promise<Dropped> {
    const { transact, files } = this.theatre;
    const bytes = await content();
    const metadata = { roomId: this.roomId, filename, commandId: commandIdOf(this.#scene, `${step}/file`) };
    const { result: upload } = await transact({ id: people[by].id }, (tx) =>
      openUpload(tx, { metadata, size: bytes.length }, files.limits, files.ownsRoom),
    );
    if (upload.status === 'open') await writeFile(stagedPath(files.staging, upload.id), bytes, { mode: 0o600 });
    return finishUpload(files, upload.id);
  }

  /** The same, named as it is handed in: by its bytes. */
  async dropHashed(by: PersonName, step: string, paper: Paper) {
    const { fileId, version } = await this.drop(by, step, paper);
    const text = 'select sha256 from file_versions where file_id = $1 and version = $2';
    const found = await queryOne<{ sha256: string }>(this.em, text, [fileId, version]);
    return { fileId, version, sha256: found?.sha256 ?? '' };
  }

  get em(): Em {
    return this.theatre.orm.em.fork();
  }

  remember(name: string, said: Said): void {
    this.#said.set(name, said);
  }

  recall(name: string): Said {
    const said = this.#said.get(name);
    if (!said) throw new Error(`nobody said "${name}" in the scene "${this.#scene}"`);
    return said;
  }
}

export function commandIdOf(scene: string, step: string): string {
  return `demo/${scene}/${step}`;
}

export async function play(theatre: Theatre, { name, acts }: Scene): Promise<void> {
  const stage = new Stage(theatre, name);
  for (const [at, act] of acts.entries()) await act(stage, String(at + 1));
}
