import { getWallet } from '@safesend/shared/escrow/calls.ts';
import { answered, load as ask } from '#lib/api/load.ts';
import type { LayoutLoad } from './$types';
import { findPayment } from './found.ts';

export const load: LayoutLoad = async (event) => {
  const { paymentId } = event.params;
  const { publishableKey } = await ask(event, getWallet, {});
  // Where cards are taken its page reads it itself, with what the form needs, which is in no page as it is sent.
  const isRead = publishableKey === null && paymentId !== undefined;
  return { publishableKey, found: isRead ? await answered(event, findPayment(paymentId, event.fetch)) : null };
};
