import { getRoom } from '@safesend/shared/rooms/calls.ts';
import { answered, load as ask } from '#lib/api/load.ts';
import { readFrom, readNewest } from '#lib/live/log.ts';
import { hasMarkup, richText } from '#lib/rooms/markdown/rich-text.svelte.ts';
import type { PageLoad } from './$types';
import { fileParts } from './file-parts.ts';
import { invitationParts } from './invitation-parts.ts';
import { milestoneParts } from './milestone-parts.ts';

/** More unread than this and the newest page would not reach back to the first of them. */
const manyUnread = 80;
const before = 40;

export const load: PageLoad = async (event) => {
  const { roomId } = event.params;
  const [{ session }, snapshot] = await Promise.all([
    // Who one is stays; the rest of the account is followed where it shows, and the log of the room is live.
    event.untrack(() => event.parent()),
    ask(event, getRoom, { params: { roomId } }),
  ]);
  const { headSeq, firstSeq, reads } = snapshot;
  const readSeq = reads.find(({ userId }) => userId === session.user.id)?.seq ?? headSeq;
  // The goal of a deep link decides where to begin; moving within the room later must not load it again.
  const goal = event.untrack(() => goalOf(event.url.searchParams.get('seq'), headSeq));
  const start = goal ?? (headSeq - readSeq > manyUnread ? readSeq : null);
  const stretch = await answered(
    event,
    start === null || start > headSeq - before
      ? readNewest(roomId, headSeq, event.fetch)
      : readFrom(roomId, Math.max(start - before, firstSeq), undefined, event.fetch),
  );
  // The first rows are drawn as they will stay: what their texts need is here before them.
  if (snapshot.messages.some(({ body }) => body !== null && hasMarkup(body))) await richText.load();
  if (snapshot.files.length > 0) await fileParts.load();
  if (snapshot.milestones.length > 0) await milestoneParts.load();
  if (snapshot.invitations.length > 0) await invitationParts.load();
  return { snapshot, stretch, readSeq };
};

function goalOf(text: string | null, headSeq: number): number | null {
  const seq = Number(text);
  return Number.isSafeInteger(seq) && seq > 0 && seq <= headSeq ? seq : null;
}
