import { addPaymentMethod, getCardSetup } from '@safesend/shared/escrow/calls.ts';
import { newId } from '@safesend/shared/ids.ts';
import type { Stripe, StripeError } from '@stripe/stripe-js';
import { send } from '#lib/api/send.ts';
import { saveCardHref } from '#lib/money/card/addresses.ts';
import { CardTaking } from '#lib/money/card/taking.svelte.ts';

/** A card that is saved without paying: the bank is asked now, so that it need not be later. */
export class Saving extends CardTaking {
  readonly #begun: (href: string) => void;
  #setupId: string | null;

  /** `begun` is told the address under which this very setup is found again. */
  constructor(publishableKey: string, setupId: string | null, begun: (href: string) => void) {
    super(publishableKey);
    this.#setupId = setupId;
    this.#begun = begun;
  }

  protected async prepare(): Promise<string | null> {
    const secret = this.#setupId === null ? null : await this.#read();
    if (secret !== null || this.phase !== 'reading') return secret;
    await this.#start();
    const begun = await this.#read();
    if (begun === null && this.phase === 'reading') this.phase = 'late';
    return begun;
  }

  async #start(): Promise<void> {
    const { setup } = await send(addPaymentMethod, { body: { commandId: newId() } });
    this.#setupId = setup.id;
    this.#begun(this.#href());
  }

  async #read(): Promise<string | null> {
    const { setup } = await send(getCardSetup, { params: { setupId: this.#setupId ?? '' } });
    if (setup.status === 'succeeded') this.phase = 'done';
    // A setup that was refused is over: the next card begins another one, beside the words about this one.
    if (this.isReturning && setup.status === 'failed') this.refusal ??= setup.message;
    return setup.clientSecret;
  }

  #href(): string {
    return `${saveCardHref}?setup=${this.#setupId ?? ''}`;
  }

  protected async look(stripe: Stripe, secret: string): Promise<void> {
    const { setupIntent, error } = await stripe.retrieveSetupIntent(secret);
    if (!setupIntent) return this.drawingFailed(error);
    const isOpen = setupIntent.status === 'requires_payment_method' || setupIntent.status === 'requires_confirmation';
    if (isOpen) this.phase = 'card';
    else if (setupIntent.status === 'requires_action') this.phase = 'challenge';
    else if (setupIntent.status === 'canceled') this.phase = 'over';
    else await this.follow();
  }

  protected async send(stripe: Stripe, clientSecret: string): Promise<StripeError | undefined> {
    if (this.phase === 'challenge') return (await stripe.handleNextAction({ clientSecret })).error;
    const { elements } = this;
    if (!elements) return;
    const back = new URL(this.#href(), location.href).href;
    const asked = { elements, redirect: 'if_required', confirmParams: { return_url: back } } as const;
    return (await stripe.confirmSetup(asked)).error;
  }

  protected async isHeard(): Promise<boolean> {
    await this.#read();
    return this.phase !== 'confirming';
  }
}
