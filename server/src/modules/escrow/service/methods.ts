import { Failure } from '@safesend/shared/failure.ts';
import { newId } from '@safesend/shared/ids.ts';
import { oneByOne } from '../../../kernel/one-by-one.ts';
import type { MethodState, Processor, SetupState } from '../../../kernel/ports/processor.ts';
import { query, queryOne, type Em } from '../../../kernel/sql.ts';
import type { Tx } from '../../../kernel/transact.ts';
import type { MethodRow, SetupRow } from '../present.ts';
import { customerOf } from './advancing.ts';
import { requireTestCard } from './payments.ts';
import type { Working } from './owner.ts';

const methodColumns = 'id, processor, brand, last4, expires_month, expires_year, is_default, created_at';
const setupColumns = 'id, user_id, processor_setup_id, test_card, status, message';
type Setup = SetupRow & { readonly user_id: string; readonly test_card: string | null };

export async function findMethods(em: Em, userId: string, { name }: Processor): Promise<MethodRow[]> {
  return query<MethodRow>(
    em,
    `select ${methodColumns} from payment_methods where user_id = $1 and processor = $2 and removed_at is null
     order by is_default desc, created_at desc, id`,
    [userId, name],
  );
}

/** Begins to save a card; the processor hears of it after the commit. */
export async function openSetup(tx: Tx, processor: Processor, testCard: string | undefined): Promise<SetupRow> {
  if (testCard !== undefined) requireTestCard(processor, testCard);
  const [row] = await tx.query<SetupRow>(
    `insert into card_setups (id, user_id, processor, status, test_card, created_at) values ($1, $2, $3, 'processing', $4, $5)
     returning ${setupColumns}`,
    [newId(), tx.me, processor.name, testCard ?? null, tx.now],
  );
  if (!row) throw new Error('a setup was not written');
  return row;
}

/** How it goes, as the processor says now; asked for the first time it is begun there, under the setup's own name. */
export async function advanceSetup(
  deps: Working,
  setupId: string,
  userId: string,
): Promise<{ setup: SetupRow; clientSecret: string | null }> {
  const em = deps.orm.em.fork() as Em;
  const setup = await accessSetup(em, setupId, userId);
  if (setup.status === 'succeeded') return { setup, clientSecret: null };
  const { processor } = deps;
  const state = setup.processor_setup_id
    ? await processor.readSetup(setup.processor_setup_id)
    : await processor.startSetup({
        operationId: setup.id,
        customerId: await customerOf(deps, em, userId),
        testMethod: setup.test_card,
      });
  if (!state) throw new Failure('missing', 'No such card setup.');
  await deps.transact({ id: null }, (tx) => applySetup(tx, setup.id, state));
  const clientSecret = state.status === 'requires_action' ? state.clientSecret : null;
  return { setup: await accessSetup(em, setupId, userId), clientSecret };
}

async function accessSetup(em: Em, id: string, userId: string): Promise<Setup> {
  const text = `select ${setupColumns} from card_setups where id = $1 and user_id = $2`;
  const setup = await queryOne<Setup>(em, text, [id, userId]);
  if (!setup) throw new Failure('missing', 'No such card setup.');
  return setup;
}

export async function findSetup(em: Em, processorSetupId: string): Promise<{ id: string } | null> {
  return queryOne(em, 'select id from card_setups where processor_setup_id = $1', [processorSetupId]);
}

/** Makes of a setup what the processor says it is; what has succeeded stays so. */
export async function applySetup(tx: Tx, setupId: string, state: SetupState): Promise<void> {
  const [setup] = await tx.query<{ user_id: string; processor: Processor['name'] }>(
    `update card_setups set processor_setup_id = $2, message = $4,
       status = case when status = 'succeeded' then status else $3 end
     where id = $1 returning user_id, processor`,
    [setupId, state.processorSetupId, state.status, state.message],
  );
  if (setup && state.method) await keepMethod(tx, setup.user_id, setup.processor, state.method);
}

/** The first card is used first. One that was removed does not come back. */
async function keepMethod(tx: Tx, userId: string, processor: Processor['name'], method: MethodState): Promise<void> {
  await lockMethods(tx, userId);
  await tx.query(
    `insert into payment_methods (id, user_id, processor, method_id, brand, last4, expires_month, expires_year, is_default, created_at)
     select $1, $2, $3, $4, $5, $6, $7, $8, not exists (
       select from payment_methods where user_id = $2 and processor = $3 and is_default and removed_at is null), $9
     on conflict (method_id) do update set expires_month = excluded.expires_month, expires_year = excluded.expires_year`,
    [
      ...[newId(), userId, processor, method.methodId, method.brand, method.last4],
      ...[method.expiresMonth, method.expiresYear, tx.now],
    ],
  );
}

/** A card is kept if its owner wished so and the payment it made has gone through; nothing else keeps one. */
export async function keepSavedCards(deps: Working, processorPaymentId: string): Promise<void> {
  const em = deps.orm.em.fork() as Em;
  const payer = await queryOne<{ payer_id: string; customer_id: string }>(
    em,
    `select p.payer_id, c.customer_id from payments p join processor_customers c on c.user_id = p.payer_id and c.processor = $2
     where p.processor_payment_id = $1 and p.save_method and p.status = 'succeeded'`,
    [processorPaymentId, deps.processor.name],
  );
  if (!payer) return;
  const methods = await deps.processor.listMethods(payer.customer_id);
  await deps.transact({ id: null }, async (tx) => {
    for (const method of methods) await keepMethod(tx, payer.payer_id, deps.processor.name, method);
  });
}

/** One change of a person's cards at a time. */
async function lockMethods(tx: Tx, userId: string): Promise<void> {
  await tx.query('select 1 as one from users where id = $1 for no key update', [userId]);
}

export async function setDefaultMethod(tx: Tx, { name }: Processor, methodId: string): Promise<void> {
  await accessMethod(tx, methodId, name);
  const text =
    'update payment_methods set is_default = $4 where user_id = $1 and processor = $2 and removed_at is null';
  await tx.query(`${text} and is_default and id <> $3`, [tx.me, name, methodId, false]);
  await tx.query(`${text} and id = $3`, [tx.me, name, methodId, true]);
}

/** Gone here at once; the processor is told after the commit. The newest of the others takes its place. */
export async function removeMethod(tx: Tx, { name }: Processor, methodId: string): Promise<void> {
  await accessMethod(tx, methodId, name);
  await tx.query('update payment_methods set removed_at = $2, is_default = false where id = $1', [methodId, tx.now]);
  await tx.query(
    `update payment_methods set is_default = true where id = (
       select id from payment_methods where user_id = $1 and processor = $2 and removed_at is null
         and not exists (select from payment_methods where user_id = $1 and processor = $2 and removed_at is null and is_default)
       order by created_at desc limit 1)`,
    [tx.me, name],
  );
}

/** All of a person's cards, whichever processor keeps them; each is told after the commit. */
export async function removeEveryMethod(tx: Tx): Promise<void> {
  await lockMethods(tx, tx.me);
  await tx.query(
    'update payment_methods set removed_at = $2, is_default = false where user_id = $1 and removed_at is null',
    [tx.me, tx.now],
  );
}

async function accessMethod(tx: Tx, methodId: string, processor: string): Promise<void> {
  await lockMethods(tx, tx.me);
  const rows = await tx.query(
    'select 1 as one from payment_methods where id = $1 and user_id = $2 and processor = $3 and removed_at is null',
    [methodId, tx.me, processor],
  );
  if (rows.length === 0) throw new Failure('missing', 'No such payment method.');
}

/** Cards that were removed here leave the processor as well. */
export async function detachRemoved(deps: Working): Promise<void> {
  const em = deps.orm.em.fork() as Em;
  const leaving = await query<{ id: string; method_id: string }>(
    em,
    `select id, method_id from payment_methods
     where removed_at is not null and detached_at is null and processor = $1 order by removed_at limit 50`,
    [deps.processor.name],
  );
  await oneByOne(
    leaving,
    async ({ id, method_id: methodId }) => {
      await deps.processor.detachMethod(methodId);
      await query(em, 'update payment_methods set detached_at = product_now() where id = $1', [id]);
    },
    {
      log: deps.log,
      about: ({ id }) => ({ paymentMethodId: id }),
      why: 'a card could not be forgotten at the processor',
    },
  );
}
