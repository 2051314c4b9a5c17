import { error, redirect } from '@sveltejs/kit';
import type { AnswerOf, CallShape } from '@safesend/shared/call.ts';
import { signInPath } from '#lib/session/next.ts';
import { turnedAway } from '#lib/session/session.ts';
import { problemText, requestIdOf } from './problem-text.ts';
import { ApiProblem } from './problem.ts';
import { addressOf, send, type SendInput } from './send.ts';
import { keep, kept } from './standing.ts';

interface LoadEvent {
  fetch: typeof globalThis.fetch;
  url: URL;
  untrack: <Value>(read: () => Value) => Value;
}

/** `send` for a `load`: without a session it leads to sign-in and back; a refusal becomes the error page. */
export async function load<Shape extends CallShape>(
  event: LoadEvent,
  call: Shape,
  input: Omit<SendInput<Shape>, 'fetch'>,
): Promise<AnswerOf<Shape>> {
  const ask = send as (call: Shape, input: unknown) => Promise<AnswerOf<Shape>>;
  const asked = ask(call, { ...input, fetch: event.fetch });
  return answered(event, typeof window === 'undefined' ? asked : standing(event, addressOf(call, input), asked));
}

async function standing<Answer>(event: LoadEvent, address: string, asked: Promise<Answer>): Promise<Answer> {
  // A page that was only asked where it is must not be read again when its query changes.
  const path = event.untrack(() => event.url.pathname);
  try {
    const answer = await asked;
    keep(path, address, answer);
    return answer;
  } catch (problem) {
    const answer = problem instanceof ApiProblem ? kept(path, address, problem) : undefined;
    if (answer === undefined) throw problem;
    return answer as Answer;
  }
}

/** What a `load` asks in another way than by one call, with the same ends. */
export async function answered<Answer>({ url }: Pick<LoadEvent, 'url'>, asked: Promise<Answer>): Promise<Answer> {
  try {
    return await asked;
  } catch (problem) {
    if (!(problem instanceof ApiProblem)) throw problem;
    if (problem.code === 'unauthenticated') return signIn(url);
    error(problem.status || 503, {
      message: problemText(problem),
      code: problem.code,
      requestId: requestIdOf(problem),
    });
  }
}

/**
 * A page that is open believes in the session it was drawn with: a redirect within it would be sent back by the sign-in page,
 * round and round. So it is left for a whole new one, and nothing of this load is ever shown.
 */
function signIn(url: URL): Promise<never> {
  if (typeof window === 'undefined') redirect(303, signInPath(url));
  turnedAway('signed_out', url);
  return new Promise(() => undefined);
}
