import type { MailPage, MailState } from '@safesend/shared/admin/mail.ts';
import { Failure, refuseField } from '@safesend/shared/failure.ts';
import { id as uuid } from '@safesend/shared/ids.ts';
import { countQueued, findQueued, revive, type Position, type QueuedMail } from '../../../kernel/mail-queue.ts';
import type { Outbox, ReadableMail } from '../../../kernel/ports/mail.ts';
import type { Em } from '../../../kernel/sql.ts';
import type { Tx } from '../../../kernel/transact.ts';
import type { Vault } from '../../../kernel/vault.ts';
import { accessAdmin } from '../access.ts';
import { presentKept, presentQueued } from '../present.ts';

export interface MailSetup {
  /** Null where a mail server sends. */
  readonly outbox: Outbox | null;
  readonly vault: Vault;
}

interface Wanted {
  readonly state: MailState;
  readonly cursor?: string | undefined;
  readonly limit?: number | undefined;
}

const pageSize = 20;

export async function findMails(
  em: Em,
  userId: string,
  { outbox, vault }: MailSetup,
  { state, cursor, limit = pageSize }: Wanted,
): Promise<MailPage> {
  await accessAdmin(em, userId);
  const { waiting, given_up: givenUp } = await countQueued(em);
  const about = { delivery: outbox ? ('outbox' as const) : ('smtp' as const), waiting, givenUp };
  if (state === 'kept') {
    const found = outbox ? await outbox.list(cursor === undefined ? null : fileAfter(cursor), limit) : [];
    return { ...about, ...cut(found, limit, presentKept, ({ name }) => name) };
  }
  const after = cursor === undefined ? null : positionAfter(cursor);
  const found = await findQueued(em, vault, { state, after, limit });
  return { ...about, ...cut(found, limit, presentQueued, ({ micros, id }) => `${micros} ${id}`) };
}

/** The page of what was found with one more than it takes. */
function cut<Found, Item>(
  found: readonly Found[],
  limit: number,
  present: (one: Found) => Item,
  place: (one: Found) => string,
): { items: Item[]; nextCursor: string | null } {
  const shown = found.slice(0, limit);
  const last = found.length > limit ? shown.at(-1) : undefined;
  return {
    items: shown.map(present),
    nextCursor: last === undefined ? null : Buffer.from(place(last)).toString('base64url'),
  };
}

const textOf = (cursor: string) => Buffer.from(cursor, 'base64url').toString('utf8');
const refuse = () => refuseField('invalid', 'cursor', 'This is not a cursor of this list.');

function fileAfter(cursor: string): string {
  const name = textOf(cursor);
  if (!/^[0-9TZa-f.-]+\.eml$/.test(name)) throw refuse();
  return name;
}

function positionAfter(cursor: string): Position {
  const [, micros = '', id = ''] = /^(\d{1,17}) (\S{36})$/.exec(textOf(cursor)) ?? [];
  if (!uuid.safeParse(id).success) throw refuse();
  return { micros, id };
}

export async function findKeptMail(em: Em, userId: string, { outbox }: MailSetup, id: string): Promise<ReadableMail> {
  await accessAdmin(em, userId);
  const mail = await outbox?.find(id);
  if (!mail) throw new Failure('missing', 'There is no such mail.');
  return mail;
}

/** Twice the same: a mail that waits again has not to be sent again. */
export async function sendMailAgain(tx: Tx, { vault }: MailSetup, id: string): Promise<QueuedMail> {
  await accessAdmin(tx.em, tx.me);
  const revival = await revive(tx, vault, id);
  if (revival === 'unreadable')
    throw new Failure(
      'conflict',
      'What this mail said is not here to be sent. Whoever waits for it asks for a new one.',
    );
  const waiting = await findQueued(tx.em, vault, { state: 'waiting', after: null, limit: 1, id });
  if (!waiting[0]) throw new Failure('missing', 'There is no such mail.');
  return waiting[0];
}
