import { getWallet } from '@safesend/shared/escrow/calls.ts';
import { load as ask } from '#lib/api/load.ts';
import type { LayoutLoad } from './$types';

export const load: LayoutLoad = async (event) => ({
  publishableKey: (await ask(event, getWallet, {})).publishableKey,
});
