import { changeProfile } from '@safesend/shared/accounts/calls.ts';
import { canonicalTimeZone } from '@safesend/shared/accounts/time-zone.ts';
import type { User } from '@safesend/shared/accounts/user.ts';
import { send } from '#lib/api/send.ts';

/** Where this browser says it is, when that is a place others can reckon with. */
export function browserTimeZone(): string | undefined {
  return canonicalTimeZone(new Intl.DateTimeFormat().resolvedOptions().timeZone) ?? undefined;
}

/** An account nobody told its time zone takes that of the first browser it is used in. */
export async function adoptTimeZone(user: User): Promise<void> {
  const here = browserTimeZone();
  if (user.timeZone !== null || here === undefined) return;
  // Nothing is lost when this fails: the next page load says it again.
  await send(changeProfile, { body: { timeZone: here } }).catch(() => undefined);
}
