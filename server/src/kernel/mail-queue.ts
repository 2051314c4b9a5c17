import { givenUpContext, schema } from './jobs.ts';
import type { Mail } from './ports/mail.ts';
import { query, type Em } from './sql.ts';
import type { Tx } from './transact.ts';
import type { Vault } from './vault.ts';

export type QueueState = 'waiting' | 'given_up';

/** A mail that has not been sent; of one that was given up only whoever has its key knows whose it was. */
export interface QueuedMail {
  readonly id: string;
  readonly state: QueueState;
  readonly mail: Pick<Mail, 'to' | 'subject'> | null;
  readonly at: Date;
  readonly attempts: number;
  readonly nextTryAt: Date | null;
  /** The code of the fault at the last try. */
  readonly reason: string | null;
}

export interface Position {
  readonly micros: string;
  readonly id: string;
}

interface Row {
  readonly id: string;
  readonly mail: Mail | null;
  readonly at: Date | string;
  readonly micros: string;
  readonly attempts: number;
  readonly next_try_at: Date | string;
  readonly reason: string | null;
  readonly sealed: string | null;
}

const inState: Readonly<Record<QueueState, string>> = {
  waiting: `state in ('created', 'retry', 'active')`,
  given_up: `state = 'failed'`,
};
const ofMails = `name = 'mail.send'`;

interface Wanted {
  readonly state: QueueState;
  readonly after: Position | null;
  readonly limit: number;
  /** This one alone. */
  readonly id?: string;
}

/** The newest first, one more than asked for where there are more. */
export async function findQueued(
  em: Em,
  vault: Vault,
  { state, after, limit, id }: Wanted,
): Promise<(QueuedMail & Position)[]> {
  const rows = await query<Row>(
    em,
    `select id, case when data ? 'to' then data end as mail, created_on as at, start_after as next_try_at,
            (extract(epoch from created_on) * 1000000)::bigint::text as micros,
            case when started_on is null then 0 else retry_count + 1 end as attempts,
            output ->> 'reason' as reason, output ->> 'sealed' as sealed
     from ${schema}.job j
     where ${ofMails} and ${inState[state]}
       and ($4::uuid is null or id = $4)
       and ($1::bigint is null or ((extract(epoch from created_on) * 1000000)::bigint, id) < ($1, $2::uuid))
     order by created_on desc, id desc limit $3`,
    [after?.micros ?? null, after?.id ?? null, limit + 1, id ?? null],
  );
  return rows.map(({ id, mail, at, micros, attempts, next_try_at, reason, sealed }) => ({
    ...{ id, state, micros, attempts, reason },
    mail: mail ?? opened(vault, id, sealed),
    at: new Date(at),
    nextTryAt: state === 'waiting' ? new Date(next_try_at) : null,
  }));
}

/** Null when nothing was kept, or by a process with another key. */
function opened(vault: Vault, id: string, sealed: string | null): Mail | null {
  const text = sealed === null ? null : vault.open(sealed, givenUpContext(id));
  return text === null ? null : (JSON.parse(text) as Mail);
}

export async function countQueued(em: Em): Promise<Readonly<Record<QueueState, number>>> {
  const [row] = await query<{ waiting: number; given_up: number }>(
    em,
    `select count(*) filter (where ${inState.waiting})::int as waiting,
            count(*) filter (where ${inState.given_up})::int as given_up
     from ${schema}.job where ${ofMails}`,
  );
  return row ?? { waiting: 0, given_up: 0 };
}

export type Revival = 'waits' | 'unreadable' | 'not there';

/** Begins all tries anew, under the same id: a mailbox that got it all the same knows it again. */
export async function revive(tx: Tx, vault: Vault, id: string): Promise<Revival> {
  const [job] = await tx.query<{ sealed: string | null }>(
    `select output ->> 'sealed' as sealed from ${schema}.job where ${ofMails} and id = $1 and ${inState.given_up}
     for update`,
    [id],
  );
  if (!job) return 'not there';
  const mail = opened(vault, id, job.sealed);
  if (!mail) return 'unreadable';
  await tx.query(
    `update ${schema}.job j
     set state = 'retry', data = $2, output = null, retry_count = 0, start_after = now(), started_on = null, completed_on = null,
         keep_until = now() + q.retention_seconds * interval '1 second', deletion_seconds = q.deletion_seconds
     from ${schema}.queue q
     where q.name = j.name and j.id = $1 and j.name = 'mail.send'`,
    [id, JSON.stringify(mail)],
  );
  return 'waits';
}
