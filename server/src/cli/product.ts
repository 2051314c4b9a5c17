import { Failure } from '@safesend/shared/failure.ts';
import { migrate, openDatabase, pendingMigrations } from '../kernel/database.ts';
import type { Em } from '../kernel/sql.ts';
import { transactor, type Reaction, type Transact } from '../kernel/transact.ts';
import { accountEntities } from '../modules/accounts/entity.ts';
import { escrowEntities } from '../modules/escrow/entity.ts';
import { projectEntities } from '../modules/projects/entity.ts';
import { CliError, exitCodes, type Desk } from './verb.ts';

export interface Product {
  readonly em: Em;
  readonly transact: Transact;
}

/** The same verbs as behind the doors; what is live elsewhere learns of it from the log within seconds. */
export async function withProduct<Result>(
  desk: Desk,
  reactions: readonly Reaction[],
  work: (product: Product) => Promise<Result>,
): Promise<Result> {
  const url = await desk.databaseUrl();
  if ((await pendingMigrations(url)).length > 0) await migrate(url);
  const orm = await openDatabase(url, [...accountEntities, ...escrowEntities, ...projectEntities], 2);
  const transact = transactor({
    orm,
    enqueue: async () => Promise.reject(new Error('the command line sends no mail')),
    answers: null,
    reactions,
    publish: () => undefined,
    credentialsEnded: () => undefined,
  });
  try {
    return await work({ em: orm.em.fork(), transact });
  } catch (error) {
    throw error instanceof Failure ? asCliError(error) : error;
  } finally {
    await orm.close();
  }
}

function asCliError({ code, message }: Failure): CliError {
  const known: Partial<Record<Failure['code'], number>> = { conflict: exitCodes.conflict, missing: exitCodes.notFound };
  return new CliError(known[code] ?? exitCodes.failed, message);
}
