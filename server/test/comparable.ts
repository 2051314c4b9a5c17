import type { RoomSnapshot, RoomState } from '@safesend/shared/rooms/room.ts';

const byId = <Item extends { id?: string; userId?: string }>(items: readonly Item[]) =>
  items.toSorted((a, b) => String(a.id ?? a.userId).localeCompare(String(b.id ?? b.userId)));

/** A room's state without what is not part of it (the checkpoint) and without orders that mean nothing. */
export function comparable(state: RoomState | RoomSnapshot): RoomState {
  const { checkpoint: _checkpoint, ...rest } = state as RoomSnapshot;
  return {
    ...rest,
    members: byId(rest.members),
    invitations: byId(rest.invitations),
    milestones: byId(rest.milestones),
    reads: byId(rest.reads),
  };
}
