import { findMethods } from '../../escrow/service/methods.ts';
import { findInvoices } from '../../escrow/service/invoices.ts';
import { findPayouts } from '../../escrow/service/payouts.ts';
import { findTaxDetails } from '../../escrow/service/tax.ts';
import { findTransactions } from '../../escrow/service/transactions.ts';
import { presentMethod, presentPayout } from '../../escrow/present.ts';
import type { Processor } from '../../../kernel/ports/processor.ts';
import { findSight, readEveryPage, readWhole } from '../../../kernel/reading.ts';
import { query, type Em } from '../../../kernel/sql.ts';
import { productNow } from '../../../kernel/transact.ts';
import { presentApiToken, presentPasskey, presentSession, presentUser } from '../../accounts/present.ts';
import { findBlocked } from '../../accounts/service/blocks.ts';
import { findPasskeys } from '../../accounts/service/passkeys.ts';
import { findAccount } from '../../accounts/service/people.ts';
import { findSessions } from '../../accounts/service/sessions.ts';
import { findApiTokens } from '../../accounts/service/tokens.ts';
import { findFiles } from '../../files/service/reading.ts';
import { findNotifications } from '../../notifications/service.ts';
import { findProjects } from '../../projects/service/lists.ts';
import { findMyInvitations } from '../../projects/service/reading.ts';
import { findMembers } from '../../rooms/service/members.ts';

const limit = 200;

/**
 * One JSON document of everything that is kept about a person and of every fact he may see, written as it is read: no
 * more than a page of it is in memory. Files are named with their hashes; their bytes are downloaded where they lie.
 */
export async function* writeExport(em: Em, me: string, processor: Processor | null): AsyncGenerator<string> {
  const now = await productNow(em);
  const account = presentUser(await findAccount(em, me));
  yield `{"exportedAt":${JSON.stringify(now)},"account":${JSON.stringify(account)}`;
  for (const [name, items] of Object.entries(sectionsOf(em, me, processor))) {
    yield `,\n${JSON.stringify(name)}:[`;
    yield* listed(items);
    yield ']';
  }
  yield ',\n"rooms":[';
  let isFirst = true;
  for (const room of await findRooms(em, me)) {
    const members = (await findMembers(em, [room.id])).get(room.id) ?? [];
    yield `${isFirst ? '' : ','}\n{"room":${JSON.stringify({ ...room, members })},"events":[`;
    yield* listed(readWhole(em, await findSight(em, room.id, me)));
    yield ']}';
    isFirst = false;
  }
  yield ']}\n';
}

function sectionsOf(em: Em, me: string, processor: Processor | null): Record<string, AsyncIterable<unknown>> {
  const projects = (archived: 'true' | 'false') =>
    readEveryPage((cursor) => findProjects(em, me, { archived, limit: 100, cursor }));
  return {
    sessions: whole(async () => (await findSessions(em, me)).map((row) => presentSession(row, undefined))),
    apiTokens: whole(async () => (await findApiTokens(em, me)).map(presentApiToken)),
    passkeys: whole(async () => (await findPasskeys(em, me)).map(presentPasskey)),
    blocked: whole(() => findBlocked(em, me)),
    invitations: readEveryPage((cursor) => findMyInvitations(em, me, { limit, cursor })),
    projects: projects('false'),
    archivedProjects: projects('true'),
    files: readEveryPage((cursor) => findFiles(em, me, { limit, cursor })),
    taxDetails: whole(async () => [await findTaxDetails(em, me)].filter((it) => it !== null)),
    paymentMethods: whole(async () => (processor ? (await findMethods(em, me, processor)).map(presentMethod) : [])),
    transactions: readEveryPage((cursor) => findTransactions(em, me, { limit, cursor })),
    payouts: readEveryPage(async (cursor) => {
      const { rows, next } = await findPayouts(em, me, { limit, cursor });
      return { items: rows.map(presentPayout), nextCursor: next };
    }),
    invoices: readEveryPage((cursor) => findInvoices(em, me, { limit, cursor })),
    notifications: readEveryPage((cursor) => findNotifications(em, me, { limit, cursor })),
  };
}

async function* whole(read: () => Promise<readonly unknown[]>): AsyncGenerator<unknown> {
  yield* await read();
}

async function* listed(items: AsyncIterable<unknown>): AsyncGenerator<string> {
  let isFirst = true;
  for await (const item of items) {
    yield `${isFirst ? '' : ','}\n${JSON.stringify(item)}`;
    isFirst = false;
  }
}

interface Room {
  readonly id: string;
  readonly kind: string;
  readonly title: string;
}

async function findRooms(em: Em, me: string): Promise<Room[]> {
  return query<Room>(
    em,
    `select r.id, r.kind, r.title from memberships m join rooms r on r.id = m.room_id
     where m.user_id = $1 and m.until_seq is null order by r.id`,
    [me],
  );
}
