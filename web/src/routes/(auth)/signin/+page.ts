import { guestsOnly } from '#lib/session/guest.ts';

export const load = guestsOnly;
