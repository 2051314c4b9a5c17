import type { Wallet } from '@safesend/shared/escrow/wallet.ts';
import { getContext, setContext } from 'svelte';

/** One wallet for all the pages of payments, as it stands now: what one of them has heard the others know. */
export interface LiveWallet {
  readonly current: Wallet;
  /** Without an answer the figures stay as they are: the next news or the next link asks again. */
  refresh(): Promise<void>;
}

const key = Symbol('wallet');

export const setWallet = (wallet: LiveWallet): LiveWallet => setContext(key, wallet);
export const useWallet = (): LiveWallet => getContext(key);
