import { Failure } from '@safesend/shared/failure.ts';
import { eventPageLimit } from '@safesend/shared/rooms/limits.ts';
import type { CaughtUp, JoinedRoom } from '@safesend/shared/socket.ts';
import type { Backlog } from '../../../kernel/backlog.ts';
import { pauseAt } from '../../../kernel/faults.ts';
import type { Client } from '../../../kernel/channels.ts';
import type { Publisher } from '../../../kernel/publish.ts';
import type { Em } from '../../../kernel/sql.ts';
import { findReads } from './receipts.ts';

interface JoinRequest {
  readonly roomId: string;
  readonly after: number;
  readonly epoch?: string | undefined;
}

/** Takes a seat first, reads the log and the marks after it: they may then come twice, but never be missed. */
export async function joinRoom(
  em: Em,
  backlog: Backlog,
  publisher: Publisher,
  client: Client,
  userId: string,
  { roomId, after, epoch }: JoinRequest,
): Promise<JoinedRoom> {
  const wasSeated = publisher.seats.has(client, roomId);
  publisher.seats.sit(client, roomId);
  try {
    await pauseAt('seated');
    const sight = await backlog.sight(roomId, userId);
    const page = await backlog.page(sight, {
      after: after === -1 ? sight.headSeq : after,
      limit: eventPageLimit.max,
      epoch,
    });
    await pauseAt('paged');
    const reads = await findReads(em, { roomId, viewerId: userId });
    publisher.seated(client, roomId, page.headSeq, page.epoch);
    return { ...page, reads };
  } catch (error) {
    // Whoever sat there already keeps the seat when only his position was refused.
    const keeps = wasSeated && error instanceof Failure && error.code === 'reset';
    if (!keeps) publisher.seats.leave(client, roomId);
    throw error;
  }
}

export async function readBacklog(
  backlog: Backlog,
  userId: string,
  { roomId, after, epoch, limit = eventPageLimit.default }: JoinRequest & { readonly limit?: number | undefined },
): Promise<CaughtUp> {
  const page = await backlog.page(await backlog.sight(roomId, userId), { after, epoch, limit });
  const { firstSeq: _firstSeq, ...caughtUp } = page;
  return caughtUp;
}
