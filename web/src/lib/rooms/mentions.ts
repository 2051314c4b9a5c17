import type { Member } from '@safesend/shared/rooms/member.ts';

export interface MentionQuery {
  /** Where the `@` stands. */
  readonly at: number;
  readonly text: string;
}

const most = 6;

/** Is the caret in a name that begins with `@`? */
export function mentionAt(text: string, caret: number): MentionQuery | null {
  const match = /(?:^|[\s(])@([a-z0-9_-]{0,30})$/i.exec(text.slice(0, caret));
  return match ? { at: caret - (match[1]?.length ?? 0) - 1, text: match[1]?.toLowerCase() ?? '' } : null;
}

/** Members the query may mean: by username or by any word of the name. */
export function mentionable(members: readonly Member[], { text }: MentionQuery, myId: string): Member[] {
  const fits = ({ username, displayName }: Member) =>
    username.startsWith(text) ||
    displayName
      .toLowerCase()
      .split(/\s+/)
      .some((word) => word.startsWith(text));
  return members.filter((it) => it.userId !== myId && fits(it)).slice(0, most);
}

/** The text with the name put in, and where the caret goes. */
export function withMention(
  text: string,
  caret: number,
  { at }: MentionQuery,
  username: string,
): { text: string; caret: number } {
  const before = `${text.slice(0, at)}@${username} `;
  return { text: before + text.slice(caret).replace(/^ /, ''), caret: before.length };
}
