import { tick } from 'svelte';
import { newId } from '@safesend/shared/ids.ts';
import type { z } from 'zod';
import { ApiProblem, type ProblemCode } from '#lib/api/problem.ts';
import { problemText, requestIdOf } from '#lib/api/problem-text.ts';
import { issueText } from './issue-text.ts';

export interface FormOptions<Schema extends z.ZodType, Values extends object> {
  /** Unique on its page, the same on server and browser. */
  id: string;
  /** The schema the server enforces; it judges `toInput(values)`. */
  schema: Schema;
  initial: Values;
  /** From what the fields hold to what the schema reads, where the two differ. */
  toInput?: (values: Values) => unknown;
  /** The command id is the same for as long as the same thing is sent again, so that a retry is no second command. */
  submit: (output: z.output<Schema>, commandId: string) => Promise<void>;
  /** What a refusal means on this form, where that is more than its code says. */
  words?: Partial<Record<ProblemCode, () => string>>;
}

/** What a field needs to take part: spread it into the component, `{...form.field('email')}`. */
export interface FieldBinding {
  id: string;
  name: string;
  error: string | undefined;
  onblur: () => void;
  oninput: () => void;
}

/** What drawing a form needs, whatever it asks. */
export interface FormHandle {
  readonly id: string;
  readonly busy: boolean;
  readonly problem: { text: string; requestId: string | undefined } | null;
  submit: (event?: SubmitEvent) => Promise<void>;
}

/**
 * One form: its text, what is wrong with it, and its way to the server. A field is judged when it is left and, once it
 * was wrong, at every keystroke; a refusal by the server stands beside its field until the field changes.
 */
export class Form<Schema extends z.ZodType, Values extends object> implements FormHandle {
  values: Values;
  readonly id: string;

  readonly #options: FormOptions<Schema, Values>;
  /** What `changed` is measured by: what the form began with, or was last saved as. */
  #initial: Values;
  #left = $state<Record<string, boolean>>({});
  #refused = $state<Record<string, string>>({});
  #tried = $state(false);
  #busy = $state(false);
  #problem = $state.raw<unknown>(null);
  #wrong: Record<string, string>;
  #command = { of: '', id: '' };

  constructor(options: FormOptions<Schema, Values>) {
    this.#options = options;
    this.id = options.id;
    this.#initial = $state.raw(options.initial);
    this.values = $state(structuredClone(options.initial));
    this.#wrong = $derived(this.#judge());
  }

  get busy(): boolean {
    return this.#busy;
  }

  /** What the server said about the whole form, with no field to blame. */
  get problem(): { text: string; requestId: string | undefined } | null {
    const problem = this.#problem;
    if (!problem || this.#blamed(problem)) return null;
    if (!(problem instanceof ApiProblem)) return { text: problemText(problem), requestId: undefined };
    const text = this.#options.words?.[problem.code]?.() ?? problemText(problem);
    return { text, requestId: requestIdOf(problem) };
  }

  /** The refused fields in the order of the form, for the summary above it. */
  get errors(): { path: string; id: string; message: string }[] {
    return Object.entries({ ...this.#refused, ...(this.#tried ? this.#wrong : {}) }).map(([path, message]) => ({
      path,
      id: this.#idOf(path),
      message,
    }));
  }

  get changed(): boolean {
    return JSON.stringify(this.values) !== JSON.stringify(this.#initial);
  }

  field(path: string): FieldBinding {
    const shown = this.#tried || this.#left[path];
    return {
      id: this.#idOf(path),
      name: path,
      error: this.#refused[path] ?? (shown ? this.#wrong[path] : undefined),
      onblur: () => {
        if (!this.#isEmpty(path)) this.#left[path] = true;
      },
      oninput: () => {
        delete this.#refused[path];
      },
    };
  }

  /** Says of one field what the server would say, found out ahead of sending (a taken name). */
  refuse(path: string, message: string): void {
    this.#refused[path] = message;
  }

  isValid(path: string): boolean {
    return !(path in this.#wrong);
  }

  reset(values: Values = this.#initial): void {
    this.#initial = structuredClone(values);
    Object.assign(this.values, structuredClone(values));
    this.forgive();
  }

  /** Something else is asked from here on: what was wrong before is judged anew, as if nothing had been sent. */
  forgive(): void {
    this.#left = {};
    this.#refused = {};
    this.#tried = false;
    this.#problem = null;
  }

  submit = async (event?: SubmitEvent): Promise<void> => {
    event?.preventDefault();
    if (this.#busy) return;
    this.#tried = true;
    this.#problem = null;
    this.#refused = {};
    const judged = this.#options.schema.safeParse(this.#input());
    if (!judged.success) return this.#focusFirst();
    this.#busy = true;
    try {
      await this.#options.submit(judged.data, this.#commandFor(judged.data));
      // It is done: the same once more is meant once more.
      this.#command = { of: '', id: '' };
    } catch (problem) {
      this.#take(problem);
    } finally {
      this.#busy = false;
    }
    if (Object.keys(this.#refused).length > 0) await this.#focusFirst();
  };

  #commandFor(output: unknown): string {
    const of = JSON.stringify(output);
    if (this.#command.of !== of) this.#command = { of, id: newId() };
    return this.#command.id;
  }

  #take(problem: unknown): void {
    this.#problem = problem;
    if (!(problem instanceof ApiProblem)) return;
    for (const { path, message } of problem.errors) this.#refused[path] = message;
  }

  #blamed(problem: unknown): boolean {
    return (
      problem instanceof ApiProblem && problem.errors.some(({ path }) => document.getElementById(this.#idOf(path)))
    );
  }

  #input(): unknown {
    const values = $state.snapshot(this.values) as Values;
    return this.#options.toInput ? this.#options.toInput(values) : values;
  }

  #judge(): Record<string, string> {
    const judged = this.#options.schema.safeParse(this.#input());
    const wrong: Record<string, string> = {};
    for (const issue of judged.error?.issues ?? []) {
      const path = issue.path.join('.');
      wrong[path] ??= issueText(issue, this.#valueAt(path));
    }
    return wrong;
  }

  #isEmpty(path: string): boolean {
    const value = this.#valueAt(path);
    return value === '' || value === undefined || value === null;
  }

  #valueAt(path: string): unknown {
    return path
      .split('.')
      .reduce<unknown>((of, key) => (of as Record<string, unknown> | undefined)?.[key], this.values);
  }

  #idOf(path: string): string {
    return `${this.id}-${path.replaceAll('.', '-')}`;
  }

  async #focusFirst(): Promise<void> {
    await tick();
    const form = document.getElementById(this.id);
    form?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }
}
