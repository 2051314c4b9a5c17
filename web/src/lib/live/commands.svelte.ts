import Folder from '@lucide/svelte/icons/folder';
import MessageCircle from '@lucide/svelte/icons/message-circle';
import UserRound from '@lucide/svelte/icons/user-round';
import type { Member } from '@safesend/shared/rooms/member.ts';
import { goto } from '$app/navigation';
import type { Command } from '#lib/commands/registry.svelte.ts';
import { formatList } from '#lib/format/number.ts';
import { m } from '#lib/paraglide/messages.js';
import { openDirectWith } from '#lib/rooms/direct.ts';
import { roomTitle } from '#lib/rooms/room-title.ts';
import { toastProblem } from '#lib/ui/toast.ts';
import type { Live } from './live.svelte.ts';

/** My rooms and the people in them, for the palette; and the way to the next room with something unread. */
export function liveCommands(live: Live): Command[] {
  const rooms = live.rooms.items ?? [];
  return [
    ...rooms.map(({ id, kind, title, members }) => ({
      id: `room:${id}`,
      title: roomTitle(kind, title, members, live.myId),
      group: m.live_group_rooms(),
      // A direct conversation is called after the person in it already.
      detail:
        kind === 'direct'
          ? m.palette_direct()
          : formatList(members.flatMap(({ userId, displayName }) => (userId === live.myId ? [] : [displayName]))),
      icon: kind === 'direct' ? MessageCircle : Folder,
      href: `/rooms/${id}`,
    })),
    ...colleagues(live).map((person) => ({
      id: `person:${person.userId}`,
      title: person.displayName,
      group: m.live_group_people(),
      detail: `@${person.username}`,
      keywords: [person.username],
      icon: UserRound,
      run: () => {
        openDirectWith(person.username).then(
          (roomId) => goto(`/rooms/${roomId}`),
          (problem: unknown) => toastProblem(problem),
        );
      },
    })),
    ...(['ArrowDown', 'ArrowUp'] as const).map((key) => ({
      id: `unread:${key}`,
      title: key === 'ArrowDown' ? m.live_next_unread() : m.live_previous_unread(),
      group: m.live_group_rooms(),
      keys: `alt+shift+${key}`,
      run: () => goToUnread(live, key === 'ArrowDown' ? 1 : -1),
    })),
  ];
}

/** Everybody I share a room with. */
export function colleagues(live: Live): Member[] {
  const people = new Map<string, Member>();
  for (const { members } of live.rooms.items ?? []) {
    for (const member of members) if (member.userId !== live.myId) people.set(member.userId, member);
  }
  return [...people.values()].sort((a, b) => a.displayName.localeCompare(b.displayName));
}

function goToUnread(live: Live, by: 1 | -1): void {
  const rooms = live.rooms.items ?? [];
  const here = rooms.findIndex(({ id }) => location.pathname === `/rooms/${id}`);
  for (let step = 1; step <= rooms.length; step++) {
    const room = rooms.at((here + by * step + rooms.length * step) % rooms.length);
    if (room && room.unread > 0) return void goto(`/rooms/${room.id}`);
  }
}
