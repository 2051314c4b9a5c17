import type { ClientInit, HandleClientError } from '@sveltejs/kit/hooks';
import { keepWhatIsKnown } from '#lib/api/page-data.ts';
import { placeOf, readPlaceFrom } from '#lib/format/place.ts';
import { m } from '#lib/paraglide/messages.js';

export const init: ClientInit = () => {
  const place = placeOf(navigator.languages[0]);
  readPlaceFrom(() => place);
  return keepWhatIsKnown();
};

/** What browsers say when they cannot fetch a part of the program. */
const notFetched = /dynamically imported module|importing a module script failed/i;

/** A page whose program the line does not bring has not failed: it has not arrived. */
export const handleError: HandleClientError = (caught) => {
  if (caught.kind !== 'unknown') return;
  if (!(caught.error instanceof Error) || !notFetched.test(caught.error.message)) {
    reportError(caught.error);
    return { code: 'unexpected' };
  }
  return { code: 'offline', message: m.problem_offline() };
};
