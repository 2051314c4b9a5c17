import type { z } from 'zod';
import type * as shapes from './params.ts';
import { nameOf, Refusal, type Thing, type Things } from './state.ts';
import type { Emit } from './webhooks.ts';

/** Transfers, reversals, refunds, payouts and the accounts they reach. */
export class Moves {
  readonly things: Things;
  readonly emit: Emit;
  /** What the next refunds answer. */
  refundStatus: 'succeeded' | 'pending' = 'succeeded';
  constructor(things: Things, emit: Emit) {
    this.things = things;
    this.emit = emit;
  }

  transfer(params: z.output<typeof shapes.transfer>): Thing {
    const account = this.things.get(params.destination, 'v2.core.account');
    if (capabilityOf(account).status !== 'active') {
      throw new Refusal(400, 'insufficient_capabilities_for_transfer', 'The destination cannot receive transfers.');
    }
    if (params.source_transaction !== undefined) this.#requireLeft(params.source_transaction, params);
    const transfer = this.things.make('tr', 'transfer', {
      ...params,
      amount_reversed: 0,
      reversed: false,
      reversals: { object: 'list', data: [], has_more: false },
    });
    this.things.add(account.id, params.currency, params.amount);
    this.emit('transfer.created', transfer);
    return transfer;
  }

  /** What is transferred of a charge is in its currency, and no more than it. */
  #requireLeft(name: string, { amount, currency }: { amount: number; currency: string }): void {
    const charge = this.things.get(name, 'charge');
    if (charge['currency'] !== currency)
      throw new Refusal(400, 'currency_mismatch', 'The charge has another currency.');
    const sent = this.things.of('transfer', { source_transaction: charge.id });
    const total = sent.reduce((sum, it) => sum + (it['amount'] as number), amount);
    if (total > (charge['amount'] as number))
      throw new Refusal(400, 'transfer_source_balance_parameters_mismatch', 'More than the charge.');
  }

  reverse(transfer: Thing, { amount, metadata }: z.output<typeof shapes.reversal>): Thing {
    const currency = String(transfer['currency']);
    const left = (transfer['amount'] as number) - (transfer['amount_reversed'] as number);
    if (amount > left) throw new Refusal(400, 'amount_too_large', 'More than is left of the transfer.');
    if (this.things.balance(String(transfer['destination']), currency) < amount) {
      throw new Refusal(400, 'balance_insufficient', 'The account has not enough left.');
    }
    const reversal = this.things.make('trr', 'transfer_reversal', {
      amount,
      currency,
      metadata,
      transfer: transfer.id,
    });
    transfer['amount_reversed'] = (transfer['amount_reversed'] as number) + amount;
    (transfer['reversals'] as { data: Thing[] }).data.push(reversal);
    this.things.add(String(transfer['destination']), currency, -amount);
    this.emit('transfer.reversed', transfer);
    return reversal;
  }

  refund(params: z.output<typeof shapes.refund>): Thing {
    const intent = this.things.get(params.payment_intent, 'payment_intent');
    const charge = this.things.get(intent['latest_charge'], 'charge');
    if (charge['disputed'] === true) throw new Refusal(400, 'charge_disputed', 'The charge was charged back.');
    const total = (charge['amount_refunded'] as number) + params.amount;
    if (total > (charge['amount'] as number))
      throw new Refusal(400, 'charge_already_refunded', 'More than is left of the charge.');
    charge['amount_refunded'] = total;
    const { currency } = charge;
    const refund = this.things.make('re', 'refund', {
      ...params,
      currency,
      charge: charge.id,
      status: this.refundStatus,
    });
    this.emit('refund.created', refund);
    this.emit('charge.refunded', charge);
    return refund;
  }

  finishRefund(refund: Thing, status: 'succeeded' | 'failed'): void {
    refund['status'] = status;
    const charge = this.things.get(refund['charge'], 'charge');
    if (status === 'failed')
      charge['amount_refunded'] = (charge['amount_refunded'] as number) - (refund['amount'] as number);
    this.emit(status === 'failed' ? 'refund.failed' : 'refund.updated', refund);
  }

  payout(account: string, params: z.output<typeof shapes.payout>): Thing {
    if (this.things.balance(account, params.currency) < params.amount) {
      throw new Refusal(400, 'balance_insufficient', 'You have insufficient funds in your Stripe account.');
    }
    this.things.add(account, params.currency, -params.amount);
    const payout = this.things.make('po', 'payout', {
      ...params,
      account,
      arrival_date: Math.floor(Date.now() / 1_000) + 2 * 86_400,
      failure_message: null,
      status: 'pending',
    });
    this.emit('payout.created', payout, account);
    return payout;
  }

  /** Paid, or back from the bank: that may also happen after it was paid. */
  finishPayout(payout: Thing, status: 'paid' | 'failed', message = 'The bank account was closed.'): void {
    const account = String(payout['account']);
    payout['status'] = status;
    if (status === 'failed') {
      payout['failure_message'] = message;
      this.things.add(account, String(payout['currency']), payout['amount'] as number);
    }
    this.emit(`payout.${status}`, payout, account);
  }

  account({ include: _include, ...params }: z.output<typeof shapes.newAccount>): Thing {
    const stripeTransfers = { status: 'restricted', status_details: [], requested: true };
    return this.things.make('acct', 'v2.core.account', {
      ...params,
      identity: { ...params.identity, entity_type: null },
      configuration: {
        recipient: { applied: true, capabilities: { stripe_balance: { stripe_transfers: stripeTransfers } } },
      },
      requirements: { entries: ['individual.given_name', 'external_account'].map(entryOf) },
      schedule: { interval: 'daily' },
    });
  }

  /** What a person does on Stripe's page, or what Stripe decides later. */
  setAccount(account: Thing, status: 'active' | 'restricted', missing: readonly string[] = []): void {
    capabilityOf(account).status = status;
    (account['identity'] as { entity_type: string | null }).entity_type = 'individual';
    account['requirements'] = { entries: missing.map(entryOf) };
    this.emit('v2.core.account[configuration.recipient].capability_status_updated', account, account.id);
    this.emit('v2.core.account[requirements].updated', account, account.id);
  }
}

function capabilityOf(account: Thing): { status: string } {
  const { recipient } = account['configuration'] as {
    recipient: { capabilities: { stripe_balance: { stripe_transfers: { status: string } } } };
  };
  return recipient.capabilities.stripe_balance.stripe_transfers;
}

function entryOf(description: string) {
  return { description, awaiting_action_from: 'user', errors: [], id: nameOf('req') };
}
