import type { Wallet } from '@safesend/shared/escrow/wallet.ts';
import { getContext, setContext } from 'svelte';
import type { Latest } from '#lib/api/latest.svelte.ts';

/** One wallet for all the pages of payments, as it stands now: what one of them has heard the others know. */
export type LiveWallet = Pick<Latest<Wallet>, 'current' | 'refresh'>;

const key = Symbol('wallet');

export const setWallet = (wallet: LiveWallet): LiveWallet => setContext(key, wallet);
export const useWallet = (): LiveWallet => getContext(key);
