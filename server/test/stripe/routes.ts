import type { z } from 'zod';
import * as shapes from './params.ts';
import type { Moves } from './moves.ts';
import type { SetupPages } from './pages.ts';
import type { Payments } from './payments.ts';
import { nameOf, pageOf, Refusal, type Thing, type Things } from './state.ts';
import type { Webhooks } from './webhooks.ts';

/** What a call is handed: the names in its path, what was sent, and on whose account. */
export interface Call<Shape extends z.ZodType = z.ZodType> {
  readonly ids: readonly string[];
  readonly params: z.output<Shape>;
  readonly account: string | null;
}
export interface Route {
  readonly method: 'GET' | 'POST';
  readonly path: RegExp;
  readonly shape: z.ZodType;
  run(call: Call): unknown;
}

/** Every call of Stripe's that the product makes. */
export function routesOf(
  things: Things,
  payments: Payments,
  moves: Moves,
  pages: SetupPages,
  webhooks: Webhooks,
): Route[] {
  const routes: Route[] = [];
  const on = collecting(routes);
  const read = (door: string, object: string) =>
    on(door, shapes.retrieve, ({ ids, params }) => things.expanded(things.get(ids[0], object), params.expand));

  on('POST /v1/customers', shapes.customer, ({ params }) => things.make('cus', 'customer', params));
  on('GET /v1/customers/{id}/payment_methods', shapes.listMethods, ({ ids, params }) =>
    pageOf(things.of('payment_method', { customer: ids[0] }), params, '/v1/customers/payment_methods'),
  );
  on('POST /v1/setup_intents', shapes.setupIntent, ({ params }) => payments.createSetup(params));
  read('GET /v1/setup_intents/{id}', 'setup_intent');
  read('GET /v1/payment_methods/{id}', 'payment_method');
  on('POST /v1/payment_methods/{id}/detach', shapes.none, ({ ids }) => {
    const method = things.get(ids[0], 'payment_method');
    if (method['customer'] === null)
      throw new Refusal(
        400,
        'payment_method_unexpected_state',
        'It is not attached to a customer, so it cannot be detached.',
      );
    return Object.assign(method, { customer: null, detached: true });
  });

  on('POST /v1/payment_intents', shapes.paymentIntent, ({ params }) =>
    things.expanded(payments.createIntent(params), params.expand),
  );
  read('GET /v1/payment_intents/{id}', 'payment_intent');
  on('GET /v1/payment_intents', shapes.list, ({ params }) =>
    things.expanded(pageOf(things.of('payment_intent'), params, '/v1/payment_intents'), params.expand),
  );
  on('POST /v1/payment_intents/{id}/confirm', shapes.confirmIntent, ({ ids, params }) => {
    const intent = things.get(ids[0], 'payment_intent');
    if (params.setup_future_usage !== undefined) intent['setup_future_usage'] = params.setup_future_usage || null;
    payments.confirm(intent, params.payment_method);
    return things.expanded(intent, params.expand);
  });
  on('POST /v1/payment_intents/{id}/cancel', shapes.cancelIntent, ({ ids, params }) =>
    things.expanded(payments.cancel(things.get(ids[0], 'payment_intent'), params.cancellation_reason), params.expand),
  );

  on('POST /v1/transfers', shapes.transfer, ({ params }) => moves.transfer(params));
  on('GET /v1/transfers', shapes.listTransfers, ({ params }) => {
    const { transfer_group: group } = params;
    return pageOf(things.of('transfer', group === undefined ? {} : { transfer_group: group }), params, '/v1/transfers');
  });
  on('POST /v1/transfers/{id}/reversals', shapes.reversal, ({ ids, params }) =>
    moves.reverse(things.get(ids[0], 'transfer'), params),
  );
  on('GET /v1/transfers/{id}/reversals', shapes.list, ({ ids, params }) =>
    pageOf(things.of('transfer_reversal', { transfer: ids[0] }), params, '/v1/transfers/reversals'),
  );
  on('POST /v1/refunds', shapes.refund, ({ params }) => moves.refund(params));
  read('GET /v1/refunds/{id}', 'refund');
  on('GET /v1/refunds', shapes.listRefunds, ({ params }) => {
    const { payment_intent: of } = params;
    return pageOf(things.of('refund', of === undefined ? {} : { payment_intent: of }), params, '/v1/refunds');
  });
  read('GET /v1/disputes/{id}', 'dispute');
  on('GET /v1/disputes', shapes.list, ({ params }) => pageOf(things.of('dispute'), params, '/v1/disputes'));

  on('GET /v1/events', shapes.listEvents, ({ params }) => {
    const said = webhooks.events.filter(({ endpoint, type }) => endpoint === 'platform' && params.types.includes(type));
    return pageOf(
      said.map(({ body }) => JSON.parse(body) as Thing),
      params,
      '/v1/events',
    );
  });

  accountRoutes(on, things, moves, pages);
  return routes;
}

export function collecting(routes: Route[]): On {
  return (door, shape, run) => {
    const [method = '', path = ''] = door.split(' ');
    const pattern = new RegExp(`^${path.replaceAll(/\{\w+\}/g, '([^/]+)')}$`);
    routes.push({ method: method as Route['method'], path: pattern, shape, run });
  };
}

export type On = <Shape extends z.ZodType>(door: string, shape: Shape, run: (call: Call<Shape>) => unknown) => void;

function accountRoutes(on: On, things: Things, moves: Moves, pages: SetupPages): void {
  on('POST /v1/payouts', shapes.payout, ({ params, account }) => moves.payout(reachable(things, account), params));
  on('GET /v1/payouts/{id}', shapes.retrieve, ({ ids, account }) => {
    reachable(things, account);
    const payout = things.get(ids[0], 'payout');
    if (payout['account'] !== account) throw new Refusal(404, 'resource_missing', 'No such payout.');
    return payout;
  });
  on('GET /v1/payouts', shapes.list, ({ params, account }) =>
    pageOf(things.of('payout', { account: reachable(things, account) }), params, '/v1/payouts'),
  );
  on('GET /v1/balance', shapes.none, ({ account }) => {
    const id = reachable(things, account);
    const own = [...things.balances].filter(([key]) => key.startsWith(`${id} `));
    const available = own.map(([key, amount]) => ({ amount, currency: key.split(' ')[1] }));
    return { object: 'balance', available, pending: [] };
  });
  const settingsOf = (account: string | null) => {
    const { schedule } = things.get(reachable(things, account), 'v2.core.account');
    return { object: 'balance_settings', payments: { payouts: { schedule }, settlement_timing: {} } };
  };
  on('GET /v1/balance_settings', shapes.none, ({ account }) => settingsOf(account));
  on('POST /v1/balance_settings', shapes.balanceSettings, ({ params, account }) => {
    things.get(reachable(things, account), 'v2.core.account')['schedule'] = params.payments.payouts.schedule;
    return settingsOf(account);
  });
  on('POST /v2/core/accounts', shapes.newAccount, ({ params }) => included(moves.account(params), params.include));
  on('GET /v2/core/accounts/{id}', shapes.retrieveAccount, ({ ids, params }) =>
    included(things.get(reachable(things, String(ids[0])), 'v2.core.account'), params.include),
  );
  on('POST /v2/core/account_links', shapes.accountLink, ({ params }) => {
    things.get(params.account, 'v2.core.account');
    const expires = new Date(Date.now() + 300_000).toISOString();
    const { return_url: returnUrl, refresh_url: refreshUrl } = params.use_case.account_onboarding;
    const url = pages.open(params.account, returnUrl, refreshUrl);
    return {
      object: 'v2.core.account_link',
      account: params.account,
      expires_at: expires,
      url,
      use_case: params.use_case,
    };
  });
  on('POST /v1/accounts/{id}/login_links', shapes.none, ({ ids }) => {
    things.get(ids[0], 'v2.core.account');
    return { object: 'login_link', url: `https://connect.stripe.test/express/${nameOf('login')}` };
  });
}

/** One that is not there, or that its owner has disconnected, is nobody’s to ask about. */
function reachable(things: Things, account: string | null): string {
  const id = ofAccount(account);
  const found = things.find(id);
  if (!found || found['isDisconnected'] === true)
    throw new Refusal(403, 'account_invalid', `The provided key does not have access to account '${id}'.`);
  return id;
}

function ofAccount(account: string | null): string {
  if (account === null) throw new Refusal(400, 'parameter_missing', 'This is asked of a connected account.');
  return account;
}

/** An account of version 2 leaves out what was not asked for. */
function included(account: Thing, include: readonly string[] = []): Record<string, unknown> {
  const { configuration, identity, requirements, defaults, ...rest } = account;
  const has = (name: string) => include.includes(name);
  return {
    ...rest,
    configuration: has('configuration.recipient') ? configuration : null,
    identity: has('identity') ? identity : null,
    requirements: has('requirements') ? requirements : null,
    defaults: has('defaults') ? defaults : null,
  };
}
