import type { App } from '../app.ts';
import type { Em } from '../kernel/sql.ts';
import type { Outcome, Tx } from '../kernel/transact.ts';
import { people, type PersonName } from './people.ts';

/** What the demo needs of the running product: its verbs, and where its links lead. */
export interface Theatre extends Pick<App, 'transact' | 'orm'> {
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
