import { z } from 'zod';
import type { Payments } from './payments.ts';
import { Refusal, type Thing, type Things } from './state.ts';
import type { On } from './routes.ts';

const secret = { key: z.string().startsWith('pk_'), client_secret: z.string() };
const shapes = {
  look: z.strictObject(secret),
  confirm: z.strictObject({ ...secret, payment_method: z.string().startsWith('pm_'), return_url: z.url() }),
  challenge: z.strictObject({ ...secret, outcome: z.enum(['passed', 'failed']) }),
};

/** What Stripe's library in a browser asks: with the public key, and the secret of the one object it may touch. */
export function browserRoutes(on: On, things: Things, payments: Payments): void {
  for (const [path, object] of [
    ['payment_intents', 'payment_intent'],
    ['setup_intents', 'setup_intent'],
  ] as const) {
    const touched = (id: unknown, given: string): Thing => {
      const thing = things.get(id, object);
      if (thing['client_secret'] !== given) throw new Refusal(401, 'client_secret_invalid', 'Another secret.');
      return thing;
    };
    on(`GET /v1/${path}/{id}`, shapes.look, ({ ids, params }) => touched(ids[0], params.client_secret));
    on(`POST /v1/${path}/{id}/confirm`, shapes.confirm, ({ ids, params }) => {
      const thing = touched(ids[0], params.client_secret);
      if (object === 'setup_intent') payments.enterSetup(thing, params.payment_method);
      else payments.confirm(thing, params.payment_method);
      return thing;
    });
    on(`POST /v1/${path}/{id}/challenge`, shapes.challenge, ({ ids, params }) =>
      payments.challenged(touched(ids[0], params.client_secret), params.outcome),
    );
  }
}
