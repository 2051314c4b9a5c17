import type { Notification } from '@safesend/shared/notifications/notification.ts';
import { expect, test } from 'vitest';
import { countedInRooms } from './counted.ts';

const unread = { roomId: 'harbour', seq: 8, readAt: null };
const rooms = [{ id: 'harbour', readSeq: 7 }];

test.each<[string, Partial<Notification>, number]>([
  ['a mention in a message not read', { kind: 'mention' }, 1],
  ['a file: no room counts that', { kind: 'file' }, 0],
  ['news of money not read', { kind: 'milestone.funded' }, 1],
  ['somebody joined: no room counts that', { kind: 'member.joined' }, 0],
  ['a reminder: no room counts that', { kind: 'review.1d' }, 0],
  ['read already', { kind: 'mention', readAt: '2026-03-01T10:00:00.000Z' }, 0],
  ['its message was read', { kind: 'mention', seq: 7 }, 0],
  ['of a room that is not mine any more', { kind: 'mention', roomId: 'garden' }, 0],
  ['of no room', { kind: 'invited', roomId: null, seq: null }, 0],
])('E19 the window’s title counts one thing once: %s', (_, notification, count) => {
  expect(countedInRooms([{ ...unread, ...notification } as Notification], rooms)).toBe(count);
});
