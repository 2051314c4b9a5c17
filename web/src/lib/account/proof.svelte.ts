import { reauthenticate } from '@safesend/shared/accounts/calls.ts';
import { ApiProblem } from '#lib/api/problem.ts';
import { problemText } from '#lib/api/problem-text.ts';
import { send } from '#lib/api/send.ts';

/** Some steps ask who one is when that was said too long ago. It is asked when it is needed, and the step is taken then. */
export class Proof {
  isAsked = $state(false);
  password = $state('');
  /** Why what was typed was not taken, in words; it stands at its field until that changes. */
  error = $state('');
  /** Said with a passkey: nothing is to be typed. */
  isGiven = $state(false);

  /** The step waits for what is not typed yet. */
  get isMissing(): boolean {
    return this.isAsked && !this.isGiven && this.password === '';
  }

  async take<Result>(step: () => Promise<Result>): Promise<Result> {
    if (this.isAsked && !this.isGiven) await this.#prove();
    try {
      return await step();
    } catch (refusal) {
      if (isAsking(refusal)) Object.assign(this, { isAsked: true, isGiven: false, password: '' });
      throw refusal;
    }
  }

  /** A password that is not taken is asked for again. The step was not sent: that says nothing of a try before it. */
  async #prove(): Promise<void> {
    this.error = '';
    try {
      await send(reauthenticate, { body: { password: this.password } });
    } catch (refusal) {
      if (!(refusal instanceof ApiProblem) || !isOfPassword(refusal)) throw refusal;
      this.error = refusal.errors.find(({ path }) => path === 'password')?.message ?? problemText(refusal);
      throw new ApiProblem({ status: 401, code: 'reauthentication_required', detail: this.error });
    }
  }
}

const isOfPassword = ({ code }: ApiProblem) => code === 'invalid' || code === 'throttled';

/** Nothing failed: something is asked. */
export function isAsking(problem: unknown): boolean {
  return problem instanceof ApiProblem && problem.code === 'reauthentication_required';
}
