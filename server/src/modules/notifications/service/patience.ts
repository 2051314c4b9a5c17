import type { NotificationKind } from '@safesend/shared/notifications/notification.ts';

/**
 * Whoever has the room open reads within seconds, whoever is at his desk within minutes, and neither wants a mail about it. A
 * review that ends, or a client who waits, loses nothing by a quarter of an hour.
 */
export const patienceMinutes = 15;
const patienceMs = patienceMinutes * 60_000;

/** When it is mailed to whoever has not read it by then; null for what has a mail of its own. */
export function mailDueAt(kind: NotificationKind, raisedAt: Date): Date | null {
  return kind === 'invited' ? null : new Date(raisedAt.getTime() + patienceMs);
}

/** Once a mail has left, all that comes is younger: the next one waits as long. */
export function mayMailAgain(lastAt: Date | null, now: Date): boolean {
  return lastAt === null || now.getTime() - lastAt.getTime() >= patienceMs;
}
