import { creditReference } from '@safesend/shared/escrow/hold.ts';
import { acceptDifference } from '../modules/escrow/service/stops.ts';
import { withProduct } from './product.ts';
import { CliError, exitCodes, read, required, type Verb } from './verb.ts';

export const acceptDifferenceVerb: Verb = {
  usage: 'accept-difference <object id> --note <text>',
  summary:
    'write down why something is at the processor alone, a refund made in its Dashboard for instance: it stops no release any more',
  options: { note: { type: 'string' } },
  run: async (desk, request) => {
    const [objectId = ''] = request.words;
    if (objectId === '') throw new CliError(exitCodes.usage, 'The object id is missing.');
    const note = read(creditReference, required(request, 'note'), '--note');
    await withProduct(desk, [], ({ em }) => acceptDifference(em, objectId, note));
    return { text: `${objectId} is accepted: it stops no release any more.`, value: { objectId, note } };
  },
};
