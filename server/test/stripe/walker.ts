import { advanceClock } from '@safesend/shared/clock.ts';
import { requestPayout } from '@safesend/shared/escrow/calls.ts';
import { newId } from '@safesend/shared/ids.ts';
import { cancelMilestone } from '@safesend/shared/projects/calls.ts';
import * as calls from '@safesend/shared/projects/money-calls.ts';
import { setTimeout as pause } from 'node:timers/promises';
import { seeded } from '../../../scripts/seeded.ts';
import { send, type Answer, type TestApp } from '../harness.ts';
import { look, makeDeal, plan, refund, release, submit, type Deal } from '../money.ts';
import type { StripeDouble } from './double.ts';
import { onboard, savedCard } from './product.ts';
import type { Thing } from './state.ts';

const numberOf = (thing: Thing, name: string) => Number(thing[name]);
const sumOf = (things: readonly Thing[], name = 'amount') => things.reduce((sum, it) => sum + numberOf(it, name), 0);
const isCharged = ({ status }: Thing) => status === 'succeeded';

/** Two people, their banks and Stripe, who do whatever they can to the money of a few milestones, in an order of chance. */
export class Walker {
  readonly deal: Deal;
  readonly milestoneIds: string[] = [];
  /** What was done, so that a walk that failed can be read. */
  readonly log: string[] = [];
  /** Answers that nobody may be given. */
  readonly faults: string[] = [];
  readonly #app: TestApp;
  readonly #double: StripeDouble;
  readonly #chance: () => number;
  readonly #account: Thing;
  readonly #cardId: string;

  private constructor(
    on: { app: TestApp; double: StripeDouble },
    seed: number,
    deal: Deal,
    account: Thing,
    card: string,
  ) {
    this.#app = on.app;
    this.#double = on.double;
    this.#chance = seeded(seed);
    this.deal = deal;
    this.#account = account;
    this.#cardId = card;
  }

  static async start(on: { app: TestApp; double: StripeDouble }, seed: number): Promise<Walker> {
    const deal = await makeDeal(on.app);
    const account = on.double.things.get(await onboard(on.double, on.app, deal.freelancer), 'v2.core.account');
    return new Walker(on, seed, deal, account, (await savedCard(deal.client)).id);
  }

  async walk(steps: number): Promise<void> {
    const deeds = this.#deeds();
    const names = Object.entries(deeds).flatMap(([name, { weight }]) => Array.from({ length: weight }, () => name));
    for (let step = 0; step < steps; step++) {
      const name = this.#pick(names) ?? '';
      await deeds[name]?.work();
      if (this.#chance() < 0.5) await pause(30);
    }
  }

  /** Every bank decides, every refund arrives, and time goes by until nothing is under way; answers what still is then. */
  async end(): Promise<object[]> {
    this.#double.moves.refundStatus = 'succeeded';
    this.#double.moves.setAccount(this.#account, 'active');
    for (const it of this.refunds('pending')) this.#double.moves.finishRefund(it, 'succeeded');
    let open: object[] = [];
    for (let turn = 0; turn < 40; turn++) {
      for (const it of this.disputes('needs_response')) this.#decide(it, 'lost');
      await this.#later(turn % 2 === 0 ? 61 : 700);
      await pause(700);
      open = await this.#underWay();
      if (open.length === 0 && turn > 6) return [];
    }
    return open;
  }

  intents(): Thing[] {
    return this.#double
      .of('payment_intent')
      .filter(({ metadata }) => this.milestoneIds.includes((metadata as Record<string, string>)['milestone_id'] ?? ''));
  }
  refunds(status: string, of = this.intents()): Thing[] {
    return of.flatMap(({ id }) => this.#double.of('refund', { payment_intent: id, status }));
  }
  disputes(status?: string): Thing[] {
    const which = status === undefined ? {} : { status };
    return this.intents().flatMap(({ id }) => this.#double.of('dispute', { payment_intent: id, ...which }));
  }

  /** What Stripe has given of one hold: to the freelancer, less what was taken back, and back to the client. */
  given(holdId: string): { readonly paid: number; readonly refunded: number } {
    const group = { transfer_group: `ss_hold_${holdId}` };
    const transfers = this.#double.of('transfer', group);
    const refunds = this.refunds('succeeded', this.#double.of('payment_intent', group));
    return { paid: sumOf(transfers) - sumOf(transfers, 'amount_reversed'), refunded: sumOf(refunds) };
  }

  /** What Stripe keeps for the platform of all of it. */
  balance(holdIds: readonly string[]): number {
    const charges = this.intents()
      .filter(isCharged)
      .map((it) => this.#double.things.get(it['latest_charge'], 'charge'));
    const fees = charges.flatMap(({ id }) => this.#double.of('balance_transaction', { source: id }));
    const disputes = this.disputes();
    const taken = disputes.filter(({ status }) => status !== 'won');
    const paid = holdIds.reduce((sum, id) => sum + this.given(id).paid, 0);
    return (
      sumOf(charges) -
      sumOf(fees, 'fee') -
      sumOf(this.refunds('succeeded')) -
      sumOf(taken) -
      1_500 * disputes.length -
      paid
    );
  }

  #deeds(): Record<string, { readonly weight: number; work(): Promise<unknown> }> {
    return { ...this.#deedsOfPeople(), ...this.#deedsOfBanks() };
  }

  #deedsOfPeople(): Record<string, { readonly weight: number; work(): Promise<unknown> }> {
    const { deal } = this;
    const { client, freelancer } = deal;
    const of = (work: (milestoneId: string) => Promise<unknown>) => async () => {
      const milestoneId = this.#pick(this.milestoneIds);
      if (milestoneId !== undefined) await work(milestoneId);
    };
    const heldOf = async (id: string) => (await look(deal, id)).hold?.heldMinor ?? 0;
    return {
      pay: { weight: 6, work: () => this.#pay() },
      release: { weight: 6, work: of((id) => this.#ask('release', release(deal, id, this.#some(40_000)))) },
      releaseAll: {
        weight: 3,
        work: of(async (id) => this.#ask('release all', release(deal, id, Math.max(1, await heldOf(id))))),
      },
      refund: { weight: 6, work: of((id) => this.#ask('refund', refund(deal, id, this.#some(40_000)))) },
      refundAll: {
        weight: 2,
        work: of(async (id) => this.#ask('refund all', refund(deal, id, Math.max(1, await heldOf(id))))),
      },
      approve: { weight: 3, work: of((id) => this.#answer(id, 'approve')) },
      changes: { weight: 3, work: of((id) => this.#answer(id, 'changes')) },
      change: { weight: 5, work: of((id) => this.#change(id)) },
      end: {
        weight: 2,
        work: of(async (milestoneId) => {
          const params = { milestoneId };
          await this.#ask('ask to end', client.call(cancelMilestone, { params, body: { reason: 'Plans changed' } }));
          const body = { accept: this.#chance() < 0.7, ...command() };
          if (this.#chance() < 0.6)
            await this.#ask('answer', freelancer.call(calls.answerCancellation, { params, body }));
        }),
      },
      again: {
        weight: 4,
        work: of((milestoneId) =>
          this.#ask('again', client.call(calls.retryRefund, { params: { milestoneId }, body: command() })),
        ),
      },
      payout: {
        weight: 2,
        work: () =>
          this.#ask(
            'payout',
            freelancer.call(requestPayout, {
              body: { amountMinor: this.#some(20_000), currency: 'EUR', ...command() },
            }),
          ),
      },
    };
  }

  #deedsOfBanks(): Record<string, { readonly weight: number; work(): Promise<unknown> }> {
    const { payments, moves } = this.#double;
    const one = (things: () => Thing[], name: string, work: (thing: Thing) => void) => async () => {
      const thing = this.#pick(things());
      if (!thing) return;
      this.log.push(name);
      work(thing);
    };
    const untilNow = () => this.intents().filter(isCharged);
    return {
      browser: {
        weight: 2,
        work: one(
          () => this.intents().filter(({ status }) => status === 'requires_payment_method'),
          'paid',
          (it) => payments.succeed(it),
        ),
      },
      dispute: { weight: 5, work: one(untilNow, 'dispute', (it) => this.#dispute(it)) },
      won: {
        weight: 3,
        work: one(
          () => this.disputes('needs_response'),
          'won',
          (it) => this.#decide(it, 'won'),
        ),
      },
      lost: {
        weight: 3,
        work: one(
          () => this.disputes('needs_response'),
          'lost',
          (it) => this.#decide(it, 'lost'),
        ),
      },
      appeal: {
        weight: 3,
        work: one(
          () => this.disputes('lost'),
          'won on appeal',
          (it) => this.#decide(it, 'won'),
        ),
      },
      returned: {
        weight: 4,
        work: one(
          () => this.refunds('succeeded'),
          'refund fails',
          (it) => moves.finishRefund(it, 'failed'),
        ),
      },
      restricted: {
        weight: 2,
        work: one(
          () => [this.#account],
          'restricted',
          (it) => moves.setAccount(it, 'restricted'),
        ),
      },
      active: {
        weight: 4,
        work: one(
          () => [this.#account],
          'active',
          (it) => moves.setAccount(it, 'active'),
        ),
      },
      slowly: {
        weight: 2,
        work: async () => void (moves.refundStatus = this.#chance() < 0.5 ? 'pending' : 'succeeded'),
      },
      arrives: {
        weight: 3,
        work: one(
          () => this.refunds('pending'),
          'refund ends',
          (it) => moves.finishRefund(it, this.#chance() < 0.6 ? 'succeeded' : 'failed'),
        ),
      },
      trouble: { weight: 5, work: async () => this.#trouble() },
      time: { weight: 6, work: () => this.#later(this.#pick([31, 31, 61, 700, 700, 86_400]) ?? 31) },
      patience: { weight: 6, work: () => pause(300) },
      copies: { weight: 1, work: async () => void (this.#double.webhooks.copies = this.#some(3)) },
    };
  }

  async #pay(): Promise<void> {
    if (this.milestoneIds.length > 5) return;
    const { id: milestoneId } = await plan(this.deal, 10_000 + this.#some(90_000));
    this.milestoneIds.push(milestoneId);
    await this.#fund(milestoneId);
  }

  #fund(milestoneId: string): Promise<void> {
    const body = { ...command(), ...(this.#chance() < 0.8 && { paymentMethodId: this.#cardId }) };
    return this.#ask('pay', this.deal.client.call(calls.fundMilestone, { params: { milestoneId }, body }));
  }

  async #answer(milestoneId: string, how: 'approve' | 'changes'): Promise<void> {
    const submissionId = await submit(this.deal, milestoneId).catch(() => null);
    if (submissionId === null) return;
    const params = { milestoneId };
    const { client } = this.deal;
    if (how === 'approve')
      await this.#ask(how, client.call(calls.approveMilestone, { params, body: { submissionId, ...command() } }));
    else await this.#ask(how, client.call(calls.requestChanges, { params, body: { submissionId, reason: 'Not yet' } }));
  }

  async #change(milestoneId: string): Promise<void> {
    const { client, freelancer } = this.deal;
    const { amountMinor: before } = await look(this.deal, milestoneId);
    const amountMinor = Math.max(1, before + (this.#chance() < 0.6 ? this.#some(30_000) : -this.#some(30_000)));
    const params = { milestoneId };
    const answer = await freelancer.call(calls.proposeChange, { params, body: { amountMinor } });
    await this.#ask('propose', Promise.resolve(answer));
    const hash = answer.status === 201 ? answer.body.milestone.proposal?.hash : undefined;
    if (hash === undefined) return;
    await this.#ask('accept', client.call(calls.acceptProposal, { params: { milestoneId, hash }, body: command() }));
    if (this.#chance() < 0.8) await this.#fund(milestoneId);
  }

  /** No bank takes back more than is left of a payment. */
  #dispute(intent: Thing): void {
    const charge = this.#double.things.get(intent['latest_charge'], 'charge');
    const taken = this.#double.of('dispute', { payment_intent: intent.id }).filter(({ status }) => status !== 'won');
    const left = numberOf(charge, 'amount') - numberOf(charge, 'amount_refunded') - sumOf(taken);
    if (left < 10) return;
    this.#double.payments.openDispute(intent, { amount: this.#chance() < 0.5 ? left : this.#some(left) });
  }

  #decide(dispute: Thing, how: 'won' | 'lost'): void {
    const others = this.#double
      .of('dispute', { payment_intent: dispute['payment_intent'] })
      .filter(({ id, status }) => id !== dispute.id && status !== 'won');
    this.#double.things.get(dispute['charge'], 'charge')['disputed'] = how === 'lost' || others.length > 0;
    this.#double.payments.closeDispute(dispute, how);
  }

  #trouble(): void {
    const trouble = this.#pick(['drop', 'throttle', 'fault', 'slow'] as const) ?? 'slow';
    const door = `POST /v1/${this.#pick(['transfers', 'refunds', 'payment_intents', 'payouts'])}`;
    this.log.push(`${trouble} ${door}`);
    // A line that is cut is tried once more at once.
    this.#double.trouble(door, trouble, ...(trouble === 'drop' ? [trouble] : []));
  }

  async #ask(name: string, asked: Promise<Answer<unknown>>): Promise<void> {
    const { status, body } = await asked;
    this.log.push(`${name} ${status}`);
    if (status >= 500) this.faults.push(`${name} ${status} ${JSON.stringify(body)}`);
  }

  async #later(advanceSeconds: number): Promise<void> {
    this.log.push(`+${advanceSeconds} s`);
    await send(`http://127.0.0.1:${this.#app.port}`, advanceClock, { body: { advanceSeconds } });
  }

  /** But for what an account has not enough for. */
  async #underWay(): Promise<object[]> {
    const operations = await this.#app.sql<object>(
      `select o.kind, o.state, o.error from money_operations o join holds h on h.id = o.hold_id where h.milestone_id = any($1)
         and o.state not in ('succeeded', 'failed', 'returned', 'withheld') and (o.kind, o.state) <> ('reversal', 'waiting')`,
      [this.milestoneIds],
    );
    const events = await this.#app.sql<object>(`select type, note from processor_events where state = 'received'`);
    return [...operations, ...events];
  }

  #pick<Item>(all: readonly Item[]): Item | undefined {
    return all[Math.floor(this.#chance() * all.length)];
  }

  #some(most: number): number {
    return 1 + Math.floor(this.#chance() * most);
  }
}

const command = () => ({ commandId: newId() });
