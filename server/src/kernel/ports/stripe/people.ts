import type Stripe from 'stripe';
import type { MethodState, Processor, SetupState } from '../processor.ts';
import { idOf, makeOnce, orNull, saidOf } from './client.ts';

type People = Pick<Processor, 'customer' | 'startSetup' | 'readSetup' | 'listMethods' | 'detachMethod'>;

export function peopleMethods(stripe: Stripe): People {
  const readMethod = async (id: string) => asMethod(await stripe.paymentMethods.retrieve(id));
  const asSetup = async (intent: Stripe.SetupIntent): Promise<SetupState> => {
    const methodId = intent.status === 'succeeded' ? idOf(intent.payment_method) : null;
    return {
      processorSetupId: intent.id,
      status: setupStatus(intent),
      clientSecret: intent.client_secret,
      message: intent.last_setup_error?.message ?? null,
      method: methodId === null ? null : await readMethod(methodId),
    };
  };
  return {
    async customer({ userId, email, name }) {
      const params = { email, name, metadata: { user_id: userId } };
      const customer = await makeOnce(`customer_${userId}_${saidOf({ email, name })}`, (idempotencyKey) =>
        stripe.customers.create(params, { idempotencyKey }),
      );
      return { customerId: customer.id };
    },
    async startSetup({ operationId, customerId, testMethod }) {
      const params: Stripe.SetupIntentCreateParams = {
        customer: customerId,
        usage: 'off_session',
        automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
        metadata: { money_op_id: operationId },
        ...(testMethod !== null && { payment_method: testMethod, confirm: true }),
      };
      const made = makeOnce(`setup_${operationId}`, (idempotencyKey) =>
        stripe.setupIntents.create(params, { idempotencyKey }),
      );
      return asSetup(await made.catch((error: unknown) => declinedSetup(error)));
    },
    async readSetup(id) {
      const intent = await orNull(stripe.setupIntents.retrieve(id));
      return intent && asSetup(intent);
    },
    async listMethods(customerId) {
      const methods: MethodState[] = [];
      for await (const method of stripe.customers.listPaymentMethods(customerId, { type: 'card', limit: 100 })) {
        methods.push(asMethod(method));
      }
      return methods;
    },
    async detachMethod(methodId) {
      try {
        await orNull(stripe.paymentMethods.detach(methodId));
      } catch (error) {
        // Asked again, or after somebody did it at Stripe itself, it refuses: it is nobody's by then.
        const method = await orNull(stripe.paymentMethods.retrieve(methodId));
        if (method && method.customer !== null) throw error;
      }
    },
  };
}

/** A card that was refused: the setup itself exists and says so. */
function declinedSetup(error: unknown): Stripe.SetupIntent {
  const intent = error instanceof Error && 'setup_intent' in error ? error.setup_intent : undefined;
  if (intent === undefined || intent === null) throw error;
  return intent as Stripe.SetupIntent;
}

function setupStatus({ status, last_setup_error: failure }: Stripe.SetupIntent): SetupState['status'] {
  if (status === 'succeeded') return 'succeeded';
  if (status === 'processing') return 'processing';
  if (status === 'canceled') return 'failed';
  return failure ? 'failed' : 'requires_action';
}

export function asMethod(method: Stripe.PaymentMethod): MethodState {
  return {
    methodId: method.id,
    brand: method.card?.brand ?? method.type,
    last4: method.card?.last4 ?? '0000',
    expiresMonth: method.card?.exp_month ?? 12,
    expiresYear: method.card?.exp_year ?? 2099,
  };
}
