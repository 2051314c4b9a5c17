import type { z } from 'zod';
import type * as shapes from './params.ts';
import { nameOf, Refusal, type Thing, type Things } from './state.ts';
import type { Emit } from './webhooks.ts';

const cards: Readonly<
  Record<string, { brand: string; last4: string; then: 'ok' | 'refuse' | 'decline' | 'ask' | 'dispute' }>
> = {
  pm_card_visa: { brand: 'visa', last4: '4242', then: 'ok' },
  pm_card_mastercard: { brand: 'mastercard', last4: '4444', then: 'ok' },
  pm_card_visa_chargeDeclined: { brand: 'visa', last4: '0002', then: 'refuse' },
  pm_card_chargeCustomerFail: { brand: 'visa', last4: '0341', then: 'decline' },
  pm_card_authenticationRequired: { brand: 'visa', last4: '3184', then: 'ask' },
  pm_card_createDispute: { brand: 'visa', last4: '0259', then: 'dispute' },
};
const declined = { code: 'card_declined', decline_code: 'generic_decline', message: 'Your card was declined.' };
const notProven = {
  code: 'payment_intent_authentication_failure',
  type: 'card_error',
  message: 'We are unable to authenticate your payment method.',
};

/** Customers, cards, payments, charges and disputes. */
export class Payments {
  readonly things: Things;
  readonly emit: Emit;
  constructor(things: Things, emit: Emit) {
    this.things = things;
    this.emit = emit;
  }

  createSetup(params: z.output<typeof shapes.setupIntent>): Thing {
    this.things.get(params.customer, 'customer');
    const setup = this.#secret('seti', 'setup_intent', {
      customer: params.customer,
      usage: params.usage,
      metadata: params.metadata,
      payment_method: null,
      last_setup_error: null,
      status: 'requires_payment_method',
    });
    if (params.confirm && params.payment_method) this.confirmSetup(setup, params.payment_method);
    return setup;
  }

  confirmSetup(setup: Thing, name: string): void {
    const method = this.#method(name, null);
    if (thenOf(method) === 'refuse') {
      setup['last_setup_error'] = declined;
      this.emit('setup_intent.setup_failed', setup);
      throw new Refusal(402, declined.code, declined.message, { ...declined, type: 'card_error', setup_intent: setup });
    }
    method['customer'] = setup['customer'];
    Object.assign(setup, { status: 'succeeded', payment_method: method.id, last_setup_error: null });
    this.emit('setup_intent.succeeded', setup);
  }

  /** In a browser the bank may ask first, as it does for a payment. */
  enterSetup(setup: Thing, name: string): void {
    if (setup['status'] === 'succeeded') throw unexpected(setup);
    const method = this.#method(name, null);
    if (thenOf(method) !== 'ask') return this.confirmSetup(setup, method.id);
    Object.assign(setup, { status: 'requires_action', payment_method: method.id, last_setup_error: null });
    this.emit('setup_intent.requires_action', setup);
  }

  /** What became of what the bank asked, or took its time over. */
  challenged(asked: Thing, outcome: 'passed' | 'failed'): Thing {
    if (!['requires_action', 'processing'].includes(String(asked['status']))) throw unexpected(asked);
    const isSetup = asked.object === 'setup_intent';
    if (outcome === 'failed') {
      const error = isSetup ? 'last_setup_error' : 'last_payment_error';
      Object.assign(asked, { status: 'requires_payment_method', [error]: notProven });
      this.emit(isSetup ? 'setup_intent.setup_failed' : 'payment_intent.payment_failed', asked);
    } else if (isSetup) this.confirmSetup(asked, String(asked['payment_method']));
    else this.succeed(asked);
    return asked;
  }

  /** The browser names the one object it may touch by a secret that begins with the object's name. */
  #secret(prefix: string, object: string, fields: Record<string, unknown>): Thing {
    const thing = this.things.make(prefix, object, fields);
    thing['client_secret'] = `${thing.id}_${nameOf('secret')}`;
    return thing;
  }

  createIntent(params: z.output<typeof shapes.paymentIntent>): Thing {
    if (params.customer) this.things.get(params.customer, 'customer');
    const { confirm, payment_method: method, expand: _expand, automatic_payment_methods: _automatic, ...kept } = params;
    const intent = this.#secret('pi', 'payment_intent', {
      customer: null,
      setup_future_usage: null,
      ...kept,
      amount_received: 0,
      latest_charge: null,
      last_payment_error: null,
      payment_method: null,
      status: 'requires_payment_method',
    });
    this.emit('payment_intent.created', intent);
    if (confirm && method) this.confirm(intent, method);
    return intent;
  }

  confirm(intent: Thing, name: string): void {
    if (['succeeded', 'canceled', 'processing'].includes(String(intent['status']))) throw unexpected(intent);
    const method = this.#method(name, intent['customer']);
    intent['payment_method'] = method.id;
    const then = thenOf(method);
    if (then === 'refuse' || then === 'decline') this.#decline(intent);
    if (then === 'ask') {
      Object.assign(intent, { status: 'requires_action', last_payment_error: null });
      this.emit('payment_intent.requires_action', intent);
    } else this.succeed(intent);
    if (then === 'dispute') this.openDispute(intent);
  }

  #decline(intent: Thing): never {
    Object.assign(intent, { status: 'requires_payment_method', last_payment_error: declined });
    this.emit('payment_intent.payment_failed', intent);
    throw new Refusal(402, declined.code, declined.message, {
      ...declined,
      type: 'card_error',
      payment_intent: intent,
    });
  }

  /** The challenge was passed, or the browser has paid. `received` may differ from what was asked. */
  succeed(intent: Thing, received = intent['amount'] as number, currency = intent['currency']): Thing {
    const charge = this.things.make('ch', 'charge', {
      amount: received,
      amount_refunded: 0,
      currency,
      payment_intent: intent.id,
      transfer_group: intent['transfer_group'],
      balance_transaction: null,
      disputed: false,
      metadata: intent['metadata'],
      status: 'succeeded',
    });
    Object.assign(intent, {
      status: 'succeeded',
      amount_received: received,
      currency,
      latest_charge: charge.id,
      last_payment_error: null,
    });
    if (intent['setup_future_usage'] && intent['customer'])
      this.things.get(intent['payment_method'], 'payment_method')['customer'] = intent['customer'];
    this.emit('payment_intent.succeeded', intent);
    this.emit('charge.succeeded', charge);
    this.#settle(charge);
    return charge;
  }

  /** The fee is known a moment later. */
  #settle(charge: Thing): void {
    const amount = charge['amount'] as number;
    const fee = Math.round(amount * 0.029) + 30;
    const { currency } = charge;
    const booked = this.things.make('txn', 'balance_transaction', {
      amount,
      fee,
      net: amount - fee,
      currency,
      available_on: Math.floor(Date.now() / 1_000) + 2 * 86_400,
      source: charge.id,
    });
    charge['balance_transaction'] = booked.id;
    this.emit('charge.updated', charge);
  }

  cancel(intent: Thing, reason: string): Thing {
    if (['succeeded', 'canceled', 'processing'].includes(String(intent['status']))) throw unexpected(intent);
    Object.assign(intent, { status: 'canceled', cancellation_reason: reason });
    this.emit('payment_intent.canceled', intent);
    return intent;
  }

  openDispute(intent: Thing, { amount, isInquiry = false }: { amount?: number; isInquiry?: boolean } = {}): Thing {
    const charge = this.things.get(intent['latest_charge'], 'charge');
    const taken = amount ?? (charge['amount'] as number);
    charge['disputed'] = !isInquiry;
    const { currency } = charge;
    const dispute = this.things.make('du', 'dispute', {
      amount: taken,
      currency,
      charge: charge.id,
      payment_intent: intent.id,
      reason: 'fraudulent',
      status: isInquiry ? 'warning_needs_response' : 'needs_response',
      evidence_details: {
        due_by: Math.floor(Date.now() / 1_000) + 7 * 86_400,
        submission_count: 0,
        has_evidence: false,
        past_due: false,
      },
      balance_transactions: isInquiry
        ? []
        : [{ id: nameOf('txn'), object: 'balance_transaction', amount: -taken, fee: 1_500, currency }],
      metadata: {},
    });
    this.emit('charge.dispute.created', dispute);
    return dispute;
  }

  closeDispute(dispute: Thing, status: 'won' | 'lost' | 'warning_closed'): void {
    dispute['status'] = status;
    if (status === 'won') this.emit('charge.dispute.funds_reinstated', dispute);
    this.emit('charge.dispute.closed', dispute);
  }

  /** One of Stripe's named cards becomes a method of its own each time. */
  #method(name: string, customer: unknown): Thing {
    const known = this.things.find(name);
    if (known?.object === 'payment_method') {
      if (
        known['detached'] === true ||
        (known['customer'] !== null && known['customer'] !== customer && customer !== null)
      ) {
        throw new Refusal(400, 'payment_method_unexpected_state', 'This payment method cannot be used.');
      }
      return known;
    }
    const card = cards[name];
    if (!card) throw new Refusal(400, 'resource_missing', `No such PaymentMethod: '${name}'`);
    const { brand, last4 } = card;
    const details = { brand, last4, exp_month: 12, exp_year: 2034 };
    return this.things.make('pm', 'payment_method', { type: 'card', card: details, customer: null, name });
  }
}

function thenOf(method: Thing) {
  return cards[String(method['name'])]?.then ?? 'ok';
}

function unexpected({ status }: Thing): Refusal {
  return new Refusal(400, 'payment_intent_unexpected_state', `This PaymentIntent has a status of ${String(status)}.`);
}
