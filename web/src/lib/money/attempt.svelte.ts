import { driveTestMoney } from '@safesend/shared/escrow/calls.ts';
import type { Payment } from '@safesend/shared/escrow/hold.ts';
import type { Milestone } from '@safesend/shared/projects/milestone.ts';
import { fundMilestone, getMilestone, retryPayment } from '@safesend/shared/projects/money-calls.ts';
import { milestoneOf } from '@safesend/shared/rooms/about.ts';
import { Questions } from '#lib/api/latest.svelte.ts';
import { send } from '#lib/api/send.ts';
import type { Connection } from '#lib/live/connection.svelte.ts';
import { m } from '#lib/paraglide/messages.js';
import type { RoomDesk } from '#lib/rooms/room-desk.svelte.ts';
import { leaveFor, payHref } from './card/addresses.ts';
import { cardOf, isNewCard } from './cards.svelte.ts';
import { askedOf } from './way.ts';

/**
 * Where an attempt to pay stands. `card`: a card is chosen, the first or another one. `asked`: the processor has not said yet.
 * `challenge`: the bank asks the person. `browser`: a card is to be entered, on a page of its own. `paid`: it is.
 */
export type AttemptPhase = 'card' | 'asked' | 'challenge' | 'browser' | 'paid';

/** Longer than this is told: a bank takes its time. */
const patienceMs = 4_000;
/** The room tells at once; only without a link it is asked for. */
const againMs = 2_500;

type Link = Pick<Connection, 'isLive' | 'onUp'>;

/** One attempt to pay, from the choice of a card until the processor has said what became of it. */
export class Attempt {
  phase = $state<AttemptPhase>('card');
  choice = $state('');
  keeps = $state(false);
  /** Why it was declined or has ended, in words. */
  refusal = $state.raw<string | null>(null);
  /** It takes long; nothing is lost by leaving. */
  isLate = $state(false);
  /** It was sent from here: what the room hears of it has overtaken nobody. */
  isBegun = $state(false);
  /** Grows with every answer: the same card again is another try then. */
  round = $state(0);
  paymentId = $state.raw<string | null>(null);
  /** What was begun from here, also once it has ended. */
  begunId = $state.raw<string | null>(null);
  isTest = $state(false);
  readonly #milestone: Milestone;
  readonly #room: RoomDesk['room'];
  readonly #link: Link;
  #isLeft = false;
  /** A command overtakes what was asked before it. */
  readonly #questions = new Questions();
  #wake: (() => void) | null = null;

  constructor(room: RoomDesk['room'], link: Link, milestone: Milestone) {
    this.#room = room;
    this.#link = link;
    this.#milestone = milestone;
    this.isTest = milestone.hold?.isTest ?? false;
    const { waiting } = milestone;
    if (waiting?.on !== 'client' || waiting.paymentId === null || waiting.reason === 'expired') return;
    this.paymentId = waiting.paymentId;
    if (waiting.reason === 'challenge') this.phase = 'challenge';
    if (waiting.reason === 'card') this.phase = 'browser';
    if (waiting.reason === 'declined') this.refusal = m.money_wait_declined();
  }

  /** Follows what the room hears of it, until the returned function is called. */
  open(): () => void {
    if (this.refusal !== null) void this.#look().catch(() => undefined);
    // What was said while there was no link is not heard of again by itself.
    const stopLink = this.#link.onUp(() => this.#hear());
    const stop = this.#room.listen({
      applied: (facts) => {
        if (facts.some((fact) => milestoneOf(fact)?.id === this.#milestone.id)) this.#hear();
      },
      replaced: () => this.#hear(),
    });
    return () => {
      this.#isLeft = true;
      this.#hear();
      stop();
      stopLink();
    };
  }

  /** It goes on where cards are taken. */
  get leaves(): boolean {
    if (this.phase === 'browser') return true;
    return this.phase === 'challenge' ? !this.isTest : this.choice === 'card';
  }

  /** The button. Answers false where what comes of it is awaited here. */
  async go(commandId: string): Promise<boolean> {
    if (this.leaves && this.paymentId !== null) return this.#leave(this.paymentId);
    if (this.phase === 'challenge') return this.#answer('succeed', commandId);
    const { id } = await this.#pay(commandId);
    if (this.leaves) return this.#leave(id);
    // Without a card it waits for whoever plays the bank.
    return this.choice === 'none' || this.#follow(id);
  }

  /** Says no for the bank of test money. */
  refuse(commandId: string): Promise<boolean> {
    return this.#answer('decline', commandId);
  }

  async #answer(outcome: 'succeed' | 'decline', commandId: string): Promise<boolean> {
    const paymentId = this.paymentId ?? '';
    await send(driveTestMoney, { body: { paymentId, outcome, commandId } });
    return this.#follow(paymentId);
  }

  async #leave(paymentId: string): Promise<boolean> {
    await leaveFor(payHref(paymentId));
    return true;
  }

  /** The very payment that was declined goes on with another card; else a new one begins. */
  async #pay(commandId: string): Promise<Payment> {
    const body = { ...cardOf(this.choice), saveMethod: isNewCard(this.choice) && this.keeps, commandId };
    if (this.paymentId !== null)
      return (await send(retryPayment, { params: { paymentId: this.paymentId }, body })).payment;
    const { id: milestoneId, currency } = this.#milestone;
    const { amountMinor, clientPaysMinor: totalMinor } = askedOf(this.#milestone);
    const terms = { amountMinor, totalMinor, currency };
    return (await send(fundMilestone, { params: { milestoneId }, body: { ...terms, ...body } })).payment;
  }

  /** Until the processor has said; it stays open whatever that is, and whoever shows it closes it when it is paid. */
  async #follow(paymentId: string): Promise<false> {
    this.#questions.overtake();
    this.paymentId = this.begunId = paymentId;
    this.phase = 'asked';
    this.refusal = null;
    this.isBegun = true;
    const late = setTimeout(() => (this.isLate = true), patienceMs);
    while (!this.#isLeft) {
      const phase = await this.#look().catch(() => null);
      if (phase !== null && phase !== 'asked') break;
      await this.#news();
    }
    clearTimeout(late);
    this.isLate = false;
    return false;
  }

  #news(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setInterval(() => !this.#link.isLive && this.#wake?.(), againMs);
      this.#wake = () => {
        clearInterval(timer);
        this.#wake = null;
        resolve();
      };
    });
  }

  /** While it is awaited the next look is brought forward; afterwards somebody else may have gone on with it elsewhere. */
  #hear(): void {
    if (this.#wake) this.#wake();
    else if (this.isBegun && !this.#isLeft) void this.#lookAside();
  }

  /** What it finds ends the waiting that has begun meanwhile as well. */
  async #lookAside(): Promise<void> {
    const phase = await this.#look().catch(() => null);
    if (phase !== null && phase !== 'asked') this.#wake?.();
  }

  /** As the product knows it: nothing but the processor's word to it counts. */
  async #look(): Promise<AttemptPhase> {
    const told = await this.#questions.ask(send(getMilestone, { params: { milestoneId: this.#milestone.id } }));
    const payment = told?.payments.find(({ id }) => id === this.paymentId);
    if (payment) this.#apply(payment);
    return this.phase;
  }

  #apply({ id, status, declineMessage, isTest }: Payment): void {
    this.isTest = isTest;
    switch (status) {
      case 'succeeded':
        this.phase = 'paid';
        return;
      case 'requires_action':
        return this.#rest('challenge', null);
      case 'declined':
        return this.#rest(
          'card',
          declineMessage === null ? m.money_wait_declined() : m.money_pay_declined({ reason: declineMessage }),
        );
      case 'processing':
        // Another page went on with it.
        if (this.isBegun && this.phase !== 'asked') void this.#follow(id);
        return;
      default:
        this.paymentId = null;
        // From now on somebody may overtake it: what ended it may have left nothing to pay for.
        this.isBegun = false;
        this.round++;
        return this.#rest('card', m.money_pay_over());
    }
  }

  #rest(phase: AttemptPhase, refusal: string | null): void {
    if (this.phase === 'asked') this.round++;
    this.refusal = refusal;
    this.phase = phase;
  }
}
