import { getPayment, getMilestone } from '@safesend/shared/projects/money-calls.ts';
import type { Payment } from '@safesend/shared/escrow/hold.ts';
import type { Milestone } from '@safesend/shared/projects/milestone.ts';
import type { PaymentIntent, Stripe, StripeError } from '@stripe/stripe-js';
import { send } from '#lib/api/send.ts';
import { payHref } from '#lib/money/card/addresses.ts';
import { refusalWords } from '#lib/money/card/stripe.ts';
import { CardTaking } from '#lib/money/card/taking.svelte.ts';

/** One payment, however often its page is opened: always the same one at the processor, taken up where it was left. */
export class Paying extends CardTaking {
  payment = $state.raw<Payment | null>(null);
  milestone = $state.raw<Milestone | null>(null);
  roomId = $state<string | null>(null);
  readonly #paymentId: string;

  constructor(publishableKey: string, paymentId: string) {
    super(publishableKey);
    this.#paymentId = paymentId;
  }

  protected async prepare(): Promise<string | null> {
    let secret = await this.#read();
    if (this.milestone === null && this.payment) {
      const { milestone, roomId } = await send(getMilestone, { params: { milestoneId: this.payment.milestoneId } });
      [this.milestone, this.roomId] = [milestone, roomId];
    }
    // It is begun at the processor in the moment after it was asked for.
    if (secret === null && this.phase === 'reading') {
      const isBegun = await this.until(async () => (secret = await this.#read()) !== null || this.phase !== 'reading');
      if (!isBegun) this.phase = 'late';
    }
    return this.phase === 'reading' ? secret : null;
  }

  async #read(): Promise<string | null> {
    const { payment, clientSecret } = await send(getPayment, { params: { paymentId: this.#paymentId } });
    this.payment = payment;
    if (payment.status === 'succeeded') this.phase = 'done';
    if (payment.status === 'expired' || payment.status === 'cancelled') this.phase = 'over';
    return clientSecret;
  }

  protected async look(stripe: Stripe, secret: string): Promise<void> {
    const { paymentIntent, error } = await stripe.retrievePaymentIntent(secret);
    if (!paymentIntent) return this.drawingFailed(error);
    if (this.isReturning || this.payment?.status === 'declined') this.refusal ??= lastRefusal(paymentIntent);
    switch (paymentIntent.status) {
      case 'requires_payment_method':
      case 'requires_confirmation':
        this.phase = 'card';
        return;
      case 'requires_action':
        this.phase = 'challenge';
        return;
      case 'canceled':
        this.phase = 'over';
        return;
      default:
        return this.follow();
    }
  }

  protected async send(stripe: Stripe, clientSecret: string): Promise<StripeError | undefined> {
    if (this.phase === 'challenge') return (await stripe.handleNextAction({ clientSecret })).error;
    const { elements } = this;
    if (!elements) return;
    const back = new URL(payHref(this.#paymentId), location.href).href;
    const asked = { elements, redirect: 'if_required', confirmParams: { return_url: back } } as const;
    return (await stripe.confirmPayment(asked)).error;
  }

  protected async isHeard(): Promise<boolean> {
    await this.#read();
    if (this.payment?.status === 'declined') await this.#readRefusal();
    return this.phase !== 'confirming';
  }

  /** Some banks take their time and refuse then: the form is there again for another card. */
  async #readRefusal(): Promise<void> {
    const intent = (await this.stripe?.retrievePaymentIntent(this.secret ?? ''))?.paymentIntent;
    if (intent?.status !== 'requires_payment_method') return;
    this.refusal = lastRefusal(intent);
    this.phase = 'card';
  }
}

function lastRefusal({ last_payment_error: error }: PaymentIntent): string | null {
  return error && refusalWords(error);
}
