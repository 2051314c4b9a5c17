import type { Stripe, StripeElements, StripeError } from '@stripe/stripe-js';
import { LibraryMissing, openStripe, refusalWords } from './stripe.ts';

/**
 * Where the taking of a card stands. `blocked`: the library did not come. `failed`: the product did not answer, or refused.
 * `card`: the form is there. `challenge`: the bank asks the person. `confirming`: said, and not heard back here yet.
 * `late`: that takes long. `done`, `over`: nothing is left to do.
 */
export type Phase = 'reading' | 'blocked' | 'failed' | 'card' | 'challenge' | 'confirming' | 'late' | 'done' | 'over';

const stepMs = 700;
const patienceMs = 60_000;

/** The browser's part of paying or of saving a card; what counts is always what the product has heard of the processor. */
export abstract class CardTaking {
  phase = $state<Phase>('reading');
  /** What the product refused. */
  problem = $state.raw<unknown>(null);
  /** What the bank or the form refused, in words. */
  refusal = $state<string | null>(null);
  busy = $state(false);
  stripe = $state.raw<Stripe | null>(null);
  secret = $state<string | null>(null);
  elements: StripeElements | null = null;
  /** He was at his bank's page and comes from there: how that ended is said, whoever has heard of it so far. */
  protected isReturning = false;
  readonly #publishableKey: string;

  constructor(publishableKey: string) {
    this.#publishableKey = publishableKey;
  }

  /** From the start, or once more: whatever was left open is taken up where it is. */
  async begin({ isReturning = false } = {}): Promise<void> {
    this.isReturning = isReturning;
    this.phase = 'reading';
    this.problem = null;
    this.refusal = null;
    try {
      this.secret = await this.prepare();
      if (this.secret === null) return;
      this.stripe = await openStripe(this.#publishableKey);
      await this.look(this.stripe, this.secret);
    } catch (problem) {
      this.problem = problem;
      this.phase = problem instanceof LibraryMissing ? 'blocked' : 'failed';
    }
  }

  /** The button: a second press while the first is under way is none. */
  async confirm(): Promise<void> {
    const { stripe, secret } = this;
    if (this.busy || !stripe || secret === null) return;
    this.busy = true;
    this.refusal = null;
    try {
      const error = await this.send(stripe, secret);
      if (error) this.refusal = refusalWords(error);
      // A field that is not filled in changed nothing, and what was typed stays.
      if (error?.type !== 'validation_error') await this.look(stripe, secret);
    } catch (problem) {
      this.problem = problem;
      this.phase = 'failed';
    } finally {
      this.busy = false;
    }
  }

  /** The form could not be drawn. */
  drawingFailed(error: StripeError): void {
    this.refusal = refusalWords(error);
    this.phase = 'blocked';
  }

  /** Reads what there is at the product; null when no card is needed any more. */
  protected abstract prepare(): Promise<string | null>;
  /** What the processor says it is now; moves the phase. */
  protected abstract look(stripe: Stripe, secret: string): Promise<void>;
  protected abstract send(stripe: Stripe, secret: string): Promise<StripeError | undefined>;
  /** Has the product heard of it? */
  protected abstract isHeard(): Promise<boolean>;

  /** The processor knows: the product hears of it in a moment. */
  protected async follow(): Promise<void> {
    this.phase = 'confirming';
    const isHeard = await this.until(() => this.isHeard().catch(() => false));
    if (!isHeard) this.phase = 'late';
  }

  protected async until(ask: () => Promise<boolean>): Promise<boolean> {
    for (const start = performance.now(); performance.now() - start < patienceMs;) {
      if (await ask()) return true;
      await new Promise((resolve) => setTimeout(resolve, stepMs));
    }
    return false;
  }
}
