import { sessionKey } from '#lib/session/session.ts';
import { askAgain } from './ask-again.ts';
import { isGatewaysOwn } from './reach.ts';

/**
 * Where Kit cannot ask for what its layouts know, it leaves for the page as a whole, and a browser off the line puts a page of
 * its own there: what stands on the screen, typed words included, is lost. So it is told that nothing is new, goes on with
 * what it knew, and asks again when the line is back. A page that needs more than that says so in its own words.
 */
export function keepWhatIsKnown(): void {
  const ask = globalThis.fetch;
  globalThis.fetch = async (input, init) => {
    const address = pageDataOf(input);
    if (!address) return ask(input, init);
    const answer = await wholeAnswer(ask(input, init));
    if (answer && !isGatewaysOwn(answer) && !(await failed(answer))) return answer;
    askAgain(sessionKey);
    return nothingNew(address);
  };
}

/** Of an answer that broke off there is nothing. */
async function wholeAnswer(asked: Promise<Response>): Promise<Response | null> {
  try {
    const answer = await asked;
    return new Response(await answer.text(), answer);
  } catch {
    return null;
  }
}

/** A layout that failed to learn what it knows says so inside an answer that is well. */
async function failed(answer: Response): Promise<boolean> {
  const first = (await answer.clone().text()).split('\n', 1)[0] ?? '';
  if (!answer.ok || !first.startsWith('{')) return false;
  const { nodes = [] } = JSON.parse(first) as { nodes?: ({ type: string; error?: { status?: number } } | null)[] };
  return nodes.some((node) => node?.type === 'error' && (node.error?.status ?? 500) >= 500);
}

function pageDataOf(input: RequestInfo | URL): URL | null {
  if (typeof input !== 'string') return null;
  const address = new URL(input, location.href);
  return address.origin === location.origin && /__data[.]json$/.test(address.pathname) ? address : null;
}

/** One word for each layout that was asked about. */
function nothingNew(address: URL): Response {
  const asked = address.searchParams.get('x-sveltekit-invalidated') ?? '1';
  const nodes = [...asked].map(() => ({ type: 'skip' }));
  return new Response(`${JSON.stringify({ type: 'data', nodes })}\n`);
}
