import type { RoomEvent } from '@safesend/shared/rooms/event.ts';
import type { ListedMember, Member } from '@safesend/shared/rooms/member.ts';
import type { Message as MessageView } from '@safesend/shared/rooms/message.ts';
import type { Message } from './entity.ts';

export interface MemberRow {
  room_id: string;
  user_id: string;
  username: string;
  display_name: string;
  role: 'client' | 'freelancer';
  joined_seq: number;
  avatar_id: string | null;
}

export function presentMember(row: MemberRow): Member {
  return {
    userId: row.user_id,
    username: row.username,
    displayName: row.display_name,
    role: row.role,
    joinedSeq: row.joined_seq,
  };
}

export function presentListedMember(row: MemberRow): ListedMember {
  return { ...presentMember(row), avatarId: row.avatar_id };
}

/** A message row with its reactions as one JSON array, as the readers' SQL selects it. */
export interface MessageRow {
  id: string;
  author_id: string;
  body: string | null;
  reply_to: string | null;
  files: MessageView['files'];
  mentions: string[];
  created_at: Date | string;
  edited_at: Date | string | null;
  deleted_at: Date | string | null;
  reactions: MessageView['reactions'] | null;
}

export function presentMessageRow(row: MessageRow): MessageView {
  return {
    id: row.id,
    authorId: row.author_id,
    body: row.body,
    replyTo: row.reply_to,
    files: row.files,
    mentions: row.mentions,
    reactions: row.reactions ?? [],
    createdAt: iso(row.created_at),
    editedAt: row.edited_at && iso(row.edited_at),
    deletedAt: row.deleted_at && iso(row.deleted_at),
  };
}

export function presentMessage(message: Message, reactions: MessageView['reactions']): MessageView {
  const { id, authorId, body, replyTo, files, mentions, createdAt, editedAt, deletedAt } = message;
  return {
    id,
    authorId,
    body: body ?? null,
    replyTo: replyTo ?? null,
    files,
    mentions,
    reactions,
    createdAt: createdAt.toISOString(),
    editedAt: editedAt?.toISOString() ?? null,
    deletedAt: deletedAt?.toISOString() ?? null,
  };
}

function iso(moment: Date | string): string {
  return new Date(moment).toISOString();
}

/** The one fact a message command appends. */
export function presentOneEvent({ events: [event] }: { readonly events: readonly RoomEvent[] }): { event: RoomEvent } {
  if (!event) throw new Error('a message command without its fact');
  return { event };
}
