import type { SupportPage } from '@safesend/shared/admin/support.ts';
import { refuseField } from '@safesend/shared/failure.ts';
import { id as uuid } from '@safesend/shared/ids.ts';
import type { Em } from '../../../kernel/sql.ts';
import type { Tx } from '../../../kernel/transact.ts';
import { presentTicket } from '../../accounts/present.ts';
import { countOpenTickets, findTickets as find, markTicket as mark } from '../../accounts/service/support.ts';
import { accessAdmin } from '../access.ts';

const pageSize = 20;

export async function findTickets(
  em: Em,
  userId: string,
  wanted: { state: 'open' | 'answered'; cursor?: string | undefined; limit?: number | undefined },
): Promise<SupportPage> {
  await accessAdmin(em, userId);
  const { state, cursor, limit = pageSize } = wanted;
  const after = cursor ?? null;
  if (after !== null && !uuid.safeParse(after).success)
    throw refuseField('invalid', 'cursor', 'This is not a cursor of this list.');
  const found = await find(em, { isAnswered: state === 'answered', after, limit });
  const shown = found.slice(0, limit);
  return {
    items: shown.map(presentTicket),
    nextCursor: found.length > limit ? (shown.at(-1)?.id ?? null) : null,
    open: await countOpenTickets(em),
  };
}

export async function markTicket(tx: Tx, id: string, isAnswered: boolean): Promise<void> {
  await accessAdmin(tx.em, tx.me);
  await mark(tx, id, isAnswered);
}
