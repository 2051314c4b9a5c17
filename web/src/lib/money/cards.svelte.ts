import { addPaymentMethod, getWallet, listPaymentMethods } from '@safesend/shared/escrow/calls.ts';
import type { PaymentMethod, Wallet } from '@safesend/shared/escrow/wallet.ts';
import { newId } from '@safesend/shared/ids.ts';
import { send } from '#lib/api/send.ts';
import { m } from '#lib/paraglide/messages.js';

/** The named test cards, and what becomes of a payment made with one. */
export function testCards() {
  return [
    { value: 'tm_card_ok', label: m.money_card_ok() },
    { value: 'tm_card_slow', label: m.money_card_slow() },
    { value: 'tm_card_declined', label: m.money_card_declined() },
    { value: 'tm_card_challenge', label: m.money_card_challenge() },
  ] as const;
}

export function cardName({ brand, last4, isTest }: PaymentMethod): string {
  return isTest ? m.money_card_test({ last4 }) : m.money_card({ brand, last4 });
}

/** My saved cards, and which processor takes them. */
export class Cards {
  items = $state.raw<readonly PaymentMethod[]>([]);
  processor = $state.raw<Wallet['processor'] | undefined>(undefined);

  async read(): Promise<void> {
    this.processor = (await send(getWallet)).processor;
    this.items = (await send(listPaymentMethods)).items;
  }

  /** Saves a test card; answers its id. */
  async addTestCard(testCard: string): Promise<string | undefined> {
    const known = new Set(this.items.map(({ id }) => id));
    await send(addPaymentMethod, { body: { testCard, commandId: newId() } });
    this.items = (await send(listPaymentMethods)).items;
    return this.items.find(({ id }) => !known.has(id))?.id;
  }
}
