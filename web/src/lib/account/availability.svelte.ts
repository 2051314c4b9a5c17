import { checkEmail, checkUsername } from '@safesend/shared/accounts/calls.ts';
import { ApiProblem } from '#lib/api/problem.ts';
import { send } from '#lib/api/send.ts';

/** How long a pause in typing means the name is meant. */
const pauseMilliseconds = 350;

type State = 'unknown' | 'checking' | 'free' | 'taken';

/**
 * Asks while somebody types whether a name is free. It only ever helps: when it cannot be asked, nothing is said and
 * the server decides on submit.
 */
export class Availability {
  state = $state<State>('unknown');
  #ask: (value: string, signal: AbortSignal) => Promise<boolean>;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #last = new AbortController();

  constructor(ask: (value: string, signal: AbortSignal) => Promise<boolean>) {
    this.#ask = ask;
  }

  check(value: string, isValid: boolean): void {
    clearTimeout(this.#timer);
    this.#last.abort();
    this.state = 'unknown';
    if (!isValid || !value) return;
    const last = (this.#last = new AbortController());
    this.#timer = setTimeout(() => void this.#run(value, last.signal), pauseMilliseconds);
  }

  /** The name is being taken: whoever asked from here on would hear so of himself. Sent in vain, the server says why. */
  rest(): void {
    clearTimeout(this.#timer);
    this.#last.abort();
    if (this.state === 'checking') this.state = 'unknown';
  }

  async #run(value: string, signal: AbortSignal): Promise<void> {
    this.state = 'checking';
    let answer: State;
    try {
      answer = (await this.#ask(value, signal)) ? 'free' : 'taken';
    } catch (problem) {
      if (!(problem instanceof ApiProblem) && !signal.aborted) throw problem;
      answer = 'unknown';
    }
    if (!signal.aborted) this.state = answer;
  }
}

export function emailAvailability(): Availability {
  return new Availability(async (email, signal) => (await send(checkEmail, { query: { email }, signal })).available);
}

export function usernameAvailability(): Availability {
  return new Availability(
    async (username, signal) => (await send(checkUsername, { query: { username }, signal })).available,
  );
}
