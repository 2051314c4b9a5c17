import * as calls from '@safesend/shared/escrow/calls.ts';
import type { Door } from '../../../kernel/http.ts';
import { mayMoveMoney } from '../../../kernel/identity.ts';
import { counted } from '../../../kernel/rate.ts';
import { presentMethod, presentSetup } from '../present.ts';
import { requireProcessor } from '../service/configured.ts';
import { advanceSetup, findMethods, openSetup, removeMethod, setDefaultMethod } from '../service/methods.ts';
import type { MoneyDeps } from '../service/owner.ts';

const nothing = () => null;

export function methodRoutes(door: Door, deps: MoneyDeps): void {
  door(calls.listPaymentMethods, async ({ em, me }) => {
    const rows = deps.processor ? await findMethods(em, me, deps.processor) : [];
    return { items: rows.map(presentMethod), nextCursor: null };
  });
  door(calls.addPaymentMethod, async ({ body, me, limits, transact }) => {
    const working = requireProcessor(deps);
    const present = ({ result }: { readonly result: Parameters<typeof presentSetup>[0] }) => ({
      setup: presentSetup(result),
    });
    const open = counted(limits, 'card.person', (tx) => openSetup(tx, working.processor, body.testCard));
    const reply = await transact(open, present);
    // Already begun when the browser asks how it goes; whatever goes wrong here is said then.
    await advanceSetup(working, reply.value.setup.id, me).catch((err: unknown) =>
      deps.log.warn({ err }, 'a card waits'),
    );
    return reply;
  });
  door(calls.getCardSetup, async ({ params, me, identity }) => {
    const { setup, clientSecret } = await advanceSetup(requireProcessor(deps), params.setupId, me);
    return { setup: presentSetup(setup, mayMoveMoney(identity) ? clientSecret : null) };
  });
  door(calls.setDefaultPaymentMethod, ({ params, transact }) =>
    transact((tx) => setDefaultMethod(tx, requireProcessor(deps).processor, params.paymentMethodId), nothing),
  );
  door(calls.removePaymentMethod, ({ params, transact }) =>
    transact((tx) => removeMethod(tx, requireProcessor(deps).processor, params.paymentMethodId), nothing),
  );
}
