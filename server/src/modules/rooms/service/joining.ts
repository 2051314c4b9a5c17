import { Failure } from '@safesend/shared/failure.ts';
import type { CaughtUp, JoinedRoom } from '@safesend/shared/socket.ts';
import { pauseAt } from '../../../kernel/faults.ts';
import { asLive, findSight, readPage } from '../../../kernel/reading.ts';
import type { Client, Publisher } from '../../../kernel/publish.ts';
import type { Em } from '../../../kernel/sql.ts';

interface JoinRequest {
  readonly roomId: string;
  readonly after: number;
  readonly epoch?: string | undefined;
}
const pageLimit = 500;

/** Takes a seat first, reads the log after it: a fact may then come twice, but never be missed. */
export async function joinRoom(
  em: Em,
  publisher: Publisher,
  client: Client,
  userId: string,
  { roomId, after, epoch }: JoinRequest,
): Promise<JoinedRoom> {
  const wasSeated = publisher.isSeated(client, roomId);
  publisher.sit(client, roomId);
  try {
    await pauseAt('seated');
    const sight = await findSight(em, roomId, userId);
    const from = after === -1 ? sight.headSeq : after;
    const page = await readPage(em, sight, { after: from, limit: pageLimit, epoch });
    await pauseAt('paged');
    publisher.seated(roomId, page.headSeq, page.epoch);
    return { ...page, events: page.events.map(asLive) };
  } catch (error) {
    // Whoever sat there already keeps the seat when only his position was refused.
    const keeps = wasSeated && error instanceof Failure && error.code === 'reset';
    if (!keeps) publisher.leave(client, roomId);
    throw error;
  }
}

export async function readBacklog(
  em: Em,
  userId: string,
  { roomId, after, epoch, limit = pageLimit }: JoinRequest & { readonly limit?: number | undefined },
): Promise<CaughtUp> {
  const { firstSeq: _firstSeq, ...page } = await readPage(em, await findSight(em, roomId, userId), {
    after,
    epoch,
    limit,
  });
  return { ...page, events: page.events.map(asLive) };
}
