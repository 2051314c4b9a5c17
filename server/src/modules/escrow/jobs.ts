import { Gauge, type Registry } from 'prom-client';
import { oneByOne } from '../../kernel/one-by-one.ts';
import type { Round } from '../../kernel/rounds.ts';
import { query, type Em } from '../../kernel/sql.ts';
import { applyChargeback } from './service/chargebacks.ts';
import { applyPayment } from './service/applying.ts';
import { keepSavedCards } from './service/methods.ts';
import { findBroken, findOldHolds } from './service/checks.ts';
import { claimDue, execute } from './service/operations.ts';
import type { MoneyDeps, Working } from './service/owner.ts';
import { operationsRound } from './service/queue.ts';

const atOnce = 8;

/** What moves money after the commit, looks whether answers were lost, and whether the books are right. */
export function moneyRounds(deps: MoneyDeps, registry: Registry): Round[] {
  const checks = { name: 'money.checks', everySeconds: 300, run: checking(deps, registry) };
  const { processor } = deps;
  if (!processor) return [checks];
  const working = { ...deps, processor };
  return [
    { name: operationsRound, everySeconds: 0.5, run: () => executeDue(working) },
    { name: 'money.read', everySeconds: 15, run: () => readBack(working) },
    checks,
  ];
}

/** Until nothing is due. The table is the queue: what dies in between is due again, in doubt. */
export async function executeDue(deps: Working): Promise<void> {
  for (;;) {
    const operations = await claimDue(deps.orm.em.fork(), deps.processor.name, atOnce);
    if (operations.length === 0) return;
    await Promise.all(
      operations.map((operation) =>
        execute(deps, operation).catch((error: unknown) =>
          deps.log.error({ err: error, operationId: operation.id }, 'a money operation could not be written down'),
        ),
      ),
    );
  }
}

/** Payments under way and chargebacks of test money, whose news would otherwise be lost with the process that heard it. */
export async function readBack(deps: Working): Promise<void> {
  const { processor, transact, log } = deps;
  const open = await query<{ processor_payment_id: string }>(
    deps.orm.em.fork(),
    `select p.processor_payment_id from payments p join holds h on h.id = p.hold_id
     where p.status in ('processing', 'requires_action', 'declined') and p.processor_payment_id is not null and h.processor = $1
     order by p.created_at desc limit 200`,
    [processor.name],
  );
  await oneByOne(
    open,
    async ({ processor_payment_id: id }) => {
      const state = await processor.readPayment(id);
      if (state && state.status !== 'requires_method')
        await transact({ id: null }, (tx) => applyPayment(tx, deps, state));
      if (state?.status === 'succeeded') await keepSavedCards(deps, id);
    },
    { log, about: ({ processor_payment_id: payment }) => ({ payment }), why: 'a payment could not be read' },
  );
  if (processor.name !== 'test-money') return;
  for (const state of await processor.listChargebacks(new Date(0))) {
    await transact({ id: null }, (tx) => applyChargeback(tx, deps, state));
  }
}

/** An alarm is a number that is not zero, and a line in the log that says what. */
function checking(deps: MoneyDeps, registry: Registry): () => Promise<void> {
  const registers = [registry];
  const broken = new Gauge({
    name: 'safesend_ledger_broken',
    help: 'Invariants of the ledger that are broken now. Anything but 0 is an incident.',
    registers,
  });
  const old = new Gauge({
    name: 'safesend_holds_old',
    help: 'Holds with money that are older than they may be.',
    registers,
  });
  return async () => {
    const em = deps.orm.em.fork() as Em;
    const found = await findBroken(em);
    broken.set(found.length);
    for (const { invariant, ids } of found) deps.log.error({ invariant, ids }, 'the ledger is wrong');
    const holds = await findOldHolds(em);
    old.set(holds.length);
    if (holds.length > 0) deps.log.error({ holds }, 'money is held for longer than it may be');
  };
}
