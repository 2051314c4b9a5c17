import { randomBytes } from 'node:crypto';
import type { newApiToken } from '@safesend/shared/accounts/forms.ts';
import { Failure, refuseField } from '@safesend/shared/failure.ts';
import { newId } from '@safesend/shared/ids.ts';
import type { z } from 'zod';
import { sha256 } from '../../../kernel/chain.ts';
import type { Em } from '../../../kernel/sql.ts';
import type { Tx } from '../../../kernel/transact.ts';
import { accessAccount } from '../access.ts';
import { ApiToken } from '../entity.ts';
import { presentApiToken } from '../present.ts';
import { requireSession } from './sessions.ts';

/** The secret is returned this once and kept nowhere. */
export async function createApiToken(
  tx: Tx,
  input: z.infer<typeof newApiToken>,
  sessionKey: string,
): Promise<{ apiToken: ApiToken; token: string }> {
  const { user } = await accessAccount(tx);
  await requireSession(tx, sessionKey);
  const expiresAt = input.expiresAt === undefined ? null : new Date(input.expiresAt);
  if (expiresAt && expiresAt <= tx.now) throw refuseField('invalid', 'expiresAt', 'Choose a moment in the future.');
  const token = `sst_${randomBytes(32).toString('base64url')}`;
  const apiToken = tx.em.create(ApiToken, {
    ...{ id: newId(), userId: user.id, name: input.name, tokenHash: sha256(token), createdAt: tx.now, expiresAt },
    scopes: [...new Set(input.scopes)],
    lastUsedAt: null,
    revokedAt: null,
  });
  tx.append(user.inboxRoomId, { type: 'account.token.created', data: presentApiToken(apiToken) });
  return { apiToken, token };
}

export async function revokeApiToken(tx: Tx, apiTokenId: string): Promise<void> {
  const { user } = await accessAccount(tx);
  const apiToken = await tx.em.findOne(ApiToken, { id: apiTokenId, userId: user.id, revokedAt: null });
  if (!apiToken) throw new Failure('missing', 'No such token.');
  apiToken.revokedAt = tx.now;
  tx.endCredentials([apiToken.tokenHash]);
  tx.append(user.inboxRoomId, { type: 'account.token.revoked', data: { apiTokenId } });
}

/** Every token a person has made, or somebody else in his name. */
export async function revokeEveryApiToken(tx: Tx): Promise<void> {
  const { user } = await accessAccount(tx);
  for (const { id } of await findApiTokens(tx.em, user.id)) await revokeApiToken(tx, id);
}

/** Expired tokens stay in the list, so that their owner sees why something stopped. */
export async function findApiTokens(em: Em, userId: string): Promise<ApiToken[]> {
  return em.find(ApiToken, { userId, revokedAt: null }, { orderBy: { createdAt: 'desc', id: 'desc' } });
}
