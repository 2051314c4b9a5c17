import { limits, usernamePattern } from '@safesend/shared/accounts/limits.ts';
import type { Member, OpenInvitation } from '@safesend/shared/rooms/member.ts';
import type { Invitee } from '#lib/projects/invite-form.ts';

export interface MentionQuery {
  /** Where the `@` stands. */
  readonly at: number;
  readonly text: string;
}

/** Enough to offer an invitation; whether the address is one is judged by the form it opens. */
const address = /^[^@]+@[\w-]+(\.[\w-]+)+$/;
const most = 6;
const mostOutside = 4;

/** Is the caret in a name, or an address, that begins with `@`? */
export function mentionAt(text: string, caret: number): MentionQuery | null {
  const match = /(?:^|[\s(])@([a-z0-9_-]{0,30}|[\w.%+-]{1,64}@[\w.-]{0,190})$/i.exec(text.slice(0, caret));
  return match ? { at: caret - (match[1]?.length ?? 0) - 1, text: match[1]?.toLowerCase() ?? '' } : null;
}

/** Members the query may mean: by username or by any word of the name. */
export function mentionable(members: readonly Member[], { text }: MentionQuery, myId: string): Member[] {
  return members.filter((it) => it.userId !== myId && fits(it, text)).slice(0, most);
}

function fits({ username, displayName }: Member, text: string): boolean {
  return (
    username.startsWith(text) ||
    displayName
      .toLowerCase()
      .split(/\s+/)
      .some((word) => word.startsWith(text))
  );
}

/** Somebody the query may mean who is not in the room. */
export interface Outsider {
  /** Null for a name or an address that was only typed. */
  readonly person: Member | null;
  readonly to: Invitee;
}

/** What a room says of who is in it or on the way. */
export interface Present {
  readonly members: readonly Member[];
  readonly invitations: readonly Pick<OpenInvitation, 'label'>[];
}

/** People of my other rooms who are meant; where nobody known is, the name or the address as it was typed. */
export function invitable(
  { members, invitations }: Present,
  others: readonly Member[],
  query: MentionQuery,
): Outsider[] {
  const { text } = query;
  if (text === '') return [];
  const here = new Set(members.map(({ userId }) => userId));
  const asked = new Set(invitations.map(({ label }) => label.replace(/^@/, '')));
  const known = new Map(others.filter((it) => !here.has(it.userId) && fits(it, text)).map((it) => [it.userId, it]));
  const free = [...known.values()].filter(({ username }) => !asked.has(username)).slice(0, mostOutside);
  if (free.length > 0) return free.map((person) => ({ person, to: { username: person.username } }));
  if (known.size > 0 || members.some((it) => fits(it, text)) || asked.has(text)) return [];
  if (address.test(text)) return [{ person: null, to: { email: text } }];
  const isUsername = text.length >= limits.username.min && usernamePattern.test(text);
  return isUsername ? [{ person: null, to: { username: text } }] : [];
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
