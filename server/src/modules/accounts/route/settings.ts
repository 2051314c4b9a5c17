import * as calls from '@safesend/shared/accounts/calls.ts';
import type { Door } from '../../../kernel/http.ts';
import type { OwnOrigin } from '../../../kernel/origin.ts';
import type { Em } from '../../../kernel/sql.ts';
import { presentApiToken, presentSession, presentUser } from '../present.ts';
import { block, findBlocked, unblock } from '../service/blocks.ts';
import { findAccount } from '../service/people.ts';
import { changeProfile } from '../service/profile.ts';
import { endOtherSessions, endSessionOf, findSessions } from '../service/sessions.ts';
import { askSupport } from '../service/support.ts';
import { createApiToken, findApiTokens, revokeApiToken } from '../service/tokens.ts';

/** Whoever shows how far people have read is told when somebody switches that on or off, or blocks somebody. */
export interface ReceiptsFollower {
  readReceiptsChanged(em: Em, userId: string): Promise<void>;
}

export interface SettingsDeps extends ReceiptsFollower {
  readonly origin: OwnOrigin;
}

/** What an account holds: its profile, sessions, tokens and blocks; and the way to ask for help with it. */
export function settingsRoutes(door: Door, { origin, readReceiptsChanged }: SettingsDeps): void {
  door(calls.getProfile, async ({ em, me }) => ({ user: presentUser(await findAccount(em, me)) }));
  door(calls.changeProfile, async ({ em, me, body, transact }) => {
    const answer = await transact(
      (tx) => changeProfile(tx, body),
      ({ result }) => ({ user: presentUser(result) }),
    );
    if (body.readReceipts !== undefined) await readReceiptsChanged(em, me);
    return answer;
  });
  door(calls.listSessions, async ({ em, me, identity }) => {
    const sessions = await findSessions(em, me);
    return whole(sessions.map((row) => presentSession(row, identity?.credentialKey)));
  });
  door(calls.endSession, async ({ params, transact }) =>
    transact(
      (tx) => endSessionOf(tx, params.sessionId),
      () => null,
    ),
  );
  door(calls.endOtherSessions, async ({ identity, transact }) =>
    transact(
      (tx) => endOtherSessions(tx, identity?.credentialKey ?? ''),
      () => null,
    ),
  );
  door(calls.createApiToken, async ({ body, identity, transact }) =>
    transact(
      (tx) => createApiToken(tx, body, identity?.credentialKey ?? ''),
      ({ result }) => ({ apiToken: presentApiToken(result.apiToken), token: result.token }),
    ),
  );
  door(calls.listApiTokens, async ({ em, me }) => whole((await findApiTokens(em, me)).map(presentApiToken)));
  door(calls.revokeApiToken, async ({ params, transact }) =>
    transact(
      (tx) => revokeApiToken(tx, params.apiTokenId),
      () => null,
    ),
  );
  door(calls.listBlocks, async ({ em, me }) => whole(await findBlocked(em, me)));
  door(calls.block, async ({ em, me, params, transact }) => {
    const answer = await transact(
      (tx) => block(tx, params.userId),
      () => null,
    );
    for (const userId of [me, params.userId]) await readReceiptsChanged(em, userId);
    return answer;
  });
  door(calls.unblock, async ({ em, me, params, transact }) => {
    const answer = await transact(
      (tx) => unblock(tx, params.userId),
      () => null,
    );
    for (const userId of [me, params.userId]) await readReceiptsChanged(em, userId);
    return answer;
  });
  door(calls.askSupport, async ({ body, identity, limits, address, transactAs }) => {
    await limits.spend('support.address', address);
    await transactAs({ id: identity?.userId ?? null }, (tx) => askSupport(tx, origin.url, body));
    return null;
  });
}

/** A list short enough to be one page. */
function whole<Item>(items: Item[]): { items: Item[]; nextCursor: null } {
  return { items, nextCursor: null };
}
