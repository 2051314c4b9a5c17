import { reauthenticate } from '@safesend/shared/accounts/calls.ts';
import { ApiProblem } from '#lib/api/problem.ts';
import { send } from '#lib/api/send.ts';

/** Some steps ask who one is when that was said too long ago. It is asked when it is needed, and the step is taken then. */
export class Proof {
  isAsked = $state(false);
  password = $state('');
  /** Said with a passkey: nothing is to be typed. */
  isGiven = $state(false);

  /** The step waits for what is not typed yet. */
  get isMissing(): boolean {
    return this.isAsked && !this.isGiven && this.password === '';
  }

  async take<Result>(step: () => Promise<Result>): Promise<Result> {
    if (this.isAsked && !this.isGiven) await send(reauthenticate, { body: { password: this.password } });
    try {
      return await step();
    } catch (refusal) {
      if (isAsking(refusal)) Object.assign(this, { isAsked: true, isGiven: false, password: '' });
      throw refusal;
    }
  }
}

/** Nothing failed: something is asked. */
export function isAsking(problem: unknown): boolean {
  return problem instanceof ApiProblem && problem.code === 'reauthentication_required';
}
