import { StripeDouble } from './double.ts';
import { createServer } from 'node:http';

/**
 * The double as a process, for stories in a browser: `node main.ts <port> <control port> <product>/api/v1`. What a person
 * or a bank does is told to the control port: `POST /<verb> {…}`; it answers with what was touched.
 */
const [port = '0', controlPort = '0', product] = process.argv.slice(2);
const double = await new StripeDouble().listen(Number(port));
if (product !== undefined) {
  const secrets = { platform: 'whsec_platform', connect: 'whsec_connect', thin: 'whsec_thin' };
  double.webhooks.addressee = { url: product, secrets };
}

const { things, payments, moves } = double;
type Order = { id?: string; status?: string; amount?: number };
const paymentOf = ({ id = '' }: Order) =>
  things
    .of('payment_intent')
    .find((it) => it.id === id || (it['metadata'] as Record<string, string>)['payment_id'] === id) ??
  things.get(id, 'payment_intent');
const verbs: Record<string, (order: Order) => unknown> = {
  succeed: (order) => payments.succeed(paymentOf(order)),
  dispute: (order) =>
    payments.openDispute(paymentOf(order), order.amount === undefined ? {} : { amount: order.amount }),
  closeDispute: ({ id, status }) => payments.closeDispute(things.get(id, 'dispute'), status as 'won' | 'lost'),
  finishOnboarding: ({ id }) => {
    const accounts = things.of('v2.core.account');
    for (const account of accounts) if (id === undefined || account.id === id) moves.setAccount(account, 'active');
    return accounts.length;
  },
  finishPayout: ({ id, status }) => moves.finishPayout(things.get(id, 'payout'), status as 'paid' | 'failed'),
  list: ({ id = '' }) => things.of(id),
};

const control = createServer((request, response) => {
  let body = '';
  request.on('data', (chunk: Buffer) => void (body += chunk.toString()));
  request.on('end', () => {
    const verb = verbs[(request.url ?? '').slice(1)];
    response.writeHead(verb ? 200 : 404, { 'content-type': 'application/json' });
    response.end(JSON.stringify(verb?.(JSON.parse(body === '' ? '{}' : body) as Order) ?? null));
  });
});
control.listen(Number(controlPort), '127.0.0.1', () => {
  process.stdout.write(`${JSON.stringify({ stripe: double.url, control: control.address() })}\n`);
});
