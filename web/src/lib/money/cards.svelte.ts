import { addPaymentMethod, getCardSetup, getWallet, listPaymentMethods } from '@safesend/shared/escrow/calls.ts';
import type { PaymentMethod, Wallet } from '@safesend/shared/escrow/wallet.ts';
import { newId } from '@safesend/shared/ids.ts';
import { ApiProblem } from '#lib/api/problem.ts';
import { send } from '#lib/api/send.ts';
import { m } from '#lib/paraglide/messages.js';

/** The named cards of test money, and what becomes of a payment made with one. */
function cardsOfTestMoney() {
  return [
    { value: 'tm_card_ok', label: m.money_card_ok() },
    { value: 'tm_card_slow', label: m.money_card_slow() },
    { value: 'tm_card_declined', label: m.money_card_declined() },
    { value: 'tm_card_challenge', label: m.money_card_challenge() },
  ] as const;
}

/** Processors write brands in their own way. */
const brands: Readonly<Record<string, string>> = {
  amex: 'American Express',
  cartes_bancaires: 'Cartes Bancaires',
  diners: 'Diners Club',
  eftpos_au: 'eftpos',
  jcb: 'JCB',
  unionpay: 'UnionPay',
};

export function cardName({ brand, last4, isTest }: PaymentMethod): string {
  const name = brands[brand] ?? brand.charAt(0).toUpperCase() + brand.slice(1);
  return isTest ? m.money_card_test({ last4 }) : m.money_card({ brand: name, last4 });
}

/** What a payment is made with, by what was chosen: a saved card, a new test card, or none of them. */
export function cardOf(choice: string): { paymentMethodId?: string; testCard?: string } {
  if (choice.startsWith('new:')) return { testCard: choice.slice(4) };
  return choice === '' || choice === 'card' || choice === 'none' ? {} : { paymentMethodId: choice };
}

/** A card that is kept only if that is wished. */
export function isNewCard(choice: string): boolean {
  return choice === 'card' || choice.startsWith('new:');
}

/** My saved cards, and which processor takes them. */
export class Cards {
  items = $state.raw<readonly PaymentMethod[]>([]);
  processor = $state.raw<Wallet['processor'] | undefined>(undefined);
  /** A new card can be entered in this browser. */
  areTaken = $state(false);
  /** Cards to try things out with, where there are such. */
  testCards = $state.raw<readonly { readonly value: string; readonly label: string }[]>([]);

  async read(): Promise<void> {
    const { processor, publishableKey, testMethods } = await send(getWallet);
    const named = testMethods.map(({ methodId, label }) => ({ value: methodId, label }));
    try {
      this.items = (await send(listPaymentMethods)).items;
    } finally {
      // Shown at once: whoever chooses among some would not see those that come after.
      this.processor = processor;
      this.areTaken = publishableKey !== null;
      this.testCards = processor === 'test-money' ? cardsOfTestMoney() : named;
    }
  }

  /** Saves a test card; answers its id. */
  async addTestCard(testCard: string): Promise<string | undefined> {
    const known = new Set(this.items.map(({ id }) => id));
    const { id: setupId } = (await send(addPaymentMethod, { body: { testCard, commandId: newId() } })).setup;
    const { setup } = await send(getCardSetup, { params: { setupId } });
    if (setup.status === 'failed') throw new ApiProblem({ status: 402, code: 'conflict', detail: setup.message ?? '' });
    this.items = (await send(listPaymentMethods)).items;
    return this.items.find(({ id }) => !known.has(id))?.id;
  }
}
