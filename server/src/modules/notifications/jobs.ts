import type { MikroORM } from '@mikro-orm/postgresql';
import type { Logger } from '../../kernel/log.ts';
import type { OwnOrigin } from '../../kernel/origin.ts';
import type { Round } from '../../kernel/rounds.ts';
import type { Transact } from '../../kernel/transact.ts';
import { arrivalsRound, findUntold } from '../escrow/service/together.ts';
import { tellLate } from './service/arrivals.ts';
import { findAway, mailUnread } from './service/mails.ts';

export interface MailingDeps {
  readonly orm: MikroORM;
  readonly transact: Transact;
  readonly origin: OwnOrigin;
  readonly log: Logger;
}

/** Each a look into an index that is empty when nothing is due; raising a notification asks for nothing more than before. */
export function notificationRounds(deps: MailingDeps): Round[] {
  return [
    { name: 'notifications.mail', everySeconds: 5, run: () => mailEverybody(deps) },
    { name: arrivalsRound, everySeconds: 2, run: () => tellArrivals(deps) },
  ];
}

/** What has arrived and no fact will tell of, because the rest of it is decided elsewhere and later. */
async function tellArrivals({ orm, transact, log }: MailingDeps): Promise<void> {
  for (const milestone of await findUntold(orm.em.fork())) {
    await transact({ id: null }, (tx) => tellLate(tx, milestone)).catch((error: unknown) =>
      log.error({ err: error, milestoneId: milestone.id }, 'nobody could be told of what has arrived'),
    );
  }
}

/** Each person in a transaction of his own: one that fails keeps nobody else waiting. */
export async function mailEverybody({ orm, transact, origin, log }: MailingDeps): Promise<void> {
  for (const userId of await findAway(orm.em.fork())) {
    await transact({ id: null }, (tx) => mailUnread(tx, origin.url, userId)).catch((error: unknown) =>
      log.error({ err: error, userId }, 'nobody could be mailed what he has not read'),
    );
  }
}
