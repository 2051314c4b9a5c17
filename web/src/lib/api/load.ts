import { error, redirect } from '@sveltejs/kit';
import type { AnswerOf, CallShape } from '@safesend/shared/call.ts';
import { problemText } from './problem-text.ts';
import { ApiProblem } from './problem.ts';
import { send, type SendInput } from './send.ts';
import { signInPath } from '#lib/session/next.ts';

interface LoadEvent {
  fetch: typeof globalThis.fetch;
  url: URL;
}

/** `send` for a `load`: without a session it leads to sign-in and back; a refusal becomes the error page. */
export async function load<Shape extends CallShape>(
  event: LoadEvent,
  call: Shape,
  input: Omit<SendInput<Shape>, 'fetch'>,
): Promise<AnswerOf<Shape>> {
  try {
    return await (send as (call: Shape, input: unknown) => Promise<AnswerOf<Shape>>)(call, {
      ...input,
      fetch: event.fetch,
    });
  } catch (problem) {
    if (!(problem instanceof ApiProblem)) throw problem;
    if (problem.code === 'unauthenticated') redirect(303, signInPath(event.url));
    error(problem.status || 503, {
      message: problemText(problem),
      code: problem.code,
      requestId: problem.requestId,
    });
  }
}
