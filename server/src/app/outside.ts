import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { MikroORM } from '@mikro-orm/postgresql';
import type { Env } from '../kernel/env.ts';
import type { Processor } from '../kernel/ports/processor.ts';
import { openScanner } from '../kernel/ports/scanner.ts';
import { openStorage } from '../kernel/ports/storage.ts';
import { openStripe, stripeSettings } from '../kernel/ports/stripe.ts';
import { openTestMoney } from '../kernel/ports/test-money.ts';
import type { Talk } from '../kernel/talk.ts';
import { Intake } from '../modules/files/service/intake.ts';
import { Leases } from '../modules/files/service/leases.ts';
import type { ReceivingDeps } from '../modules/files/service/receiving.ts';
import { ownsRoom } from '../modules/projects/service/rooms.ts';

/** Test money only where nothing real could be meant: never in production, never beside a real key. */
export function openProcessor(env: Env, orm: MikroORM): Processor | null {
  const stripe = stripeSettings(env);
  if (stripe) return openStripe(stripe);
  return env.isProduction ? null : openTestMoney(orm);
}

/** What the doors of files and their rounds share. */
export function openFiles({
  orm,
  transact,
  env,
  log,
  talk,
}: Pick<ReceivingDeps, 'orm' | 'transact' | 'log'> & { env: Env; talk: Talk }): ReceivingDeps {
  const staging = join(env.dataDir, 'staging');
  mkdirSync(staging, { recursive: true, mode: 0o700 });
  return {
    ...{ orm, transact, log, ownsRoom },
    storage: openStorage(env),
    scanner: openScanner(env.SCANNER_URL),
    leases: new Leases(orm, log, staging),
    staging,
    intake: new Intake(() => talk.isGoingOn),
    limits: {
      maxFileBytes: env.MAX_FILE_BYTES,
      personBytes: env.PERSON_STORAGE_BYTES,
      roomBytes: env.PROJECT_STORAGE_BYTES,
    },
  };
}
