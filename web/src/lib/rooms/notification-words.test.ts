import { newId } from '@safesend/shared/ids.ts';
import type { Notification, NotificationKind } from '@safesend/shared/notifications/notification.ts';
import { expect, test } from 'vitest';
import { notificationWords } from './notification-words.ts';

const at = '2026-03-01T10:00:00.000Z';
const told: Omit<Notification, 'kind'> = {
  ...{ id: newId(), roomId: newId(), seq: 3, actorName: '', roomTitle: 'Site', subject: 'Logo' },
  ...{ amountMinor: 9_000, currency: 'EUR', invitationId: null, createdAt: at, readAt: null },
};

test.each<[NotificationKind, string, string]>([
  [
    'waiting.bank',
    'Your bank asks you to confirm the payment of €90.00 for ‘Logo’ in Site',
    'Your bank asks you to confirm the payment for ‘Logo’ in Site',
  ],
  [
    'waiting.payouts',
    'The €90.00 released for ‘Logo’ in Site waits until you set up payouts',
    'Money for ‘Logo’ in Site waits until you set up payouts',
  ],
  [
    'chargeback.owed',
    'The chargeback of ‘Logo’ in Site was upheld: you owe €90.00',
    'The chargeback of ‘Logo’ in Site was upheld: you owe what it took',
  ],
  [
    'milestone.change.declined',
    'The agreed change of ‘Logo’ in Site lapsed: the difference of €90.00 was not paid',
    'The proposed change of ‘Logo’ in Site lapsed: nobody answered it',
  ],
  ['overdue.unfunded', '‘Logo’ in Site is overdue and not funded yet', '‘Logo’ in Site is overdue and not funded yet'],
])('N02 UX 31 whoever something waits for, or who owes, reads what for and how much: %s', (kind, words, without) => {
  expect(notificationWords({ ...told, kind })).toBe(words);
  expect(notificationWords({ ...told, kind, amountMinor: null, currency: null })).toBe(without);
});

test('N02 X18 a change that somebody declined or took back is not said to have lapsed', () => {
  const declined = { ...told, kind: 'milestone.change.declined', actorName: 'Ana', amountMinor: null } as const;
  expect(notificationWords(declined)).toBe('The proposed change of ‘Logo’ in Site is not made');
});

test.each<[NotificationKind, string]>([
  ['chargeback.lost', 'upheld'],
  ['chargeback.won', 'turned down'],
])('N02 J15 what a bank decided reads true to whoever it is told, client and freelancer: %s', (kind, words) => {
  expect(notificationWords({ ...told, kind })).toBe(`The chargeback of €90.00 for ‘Logo’ in Site was ${words}`);
  const without = notificationWords({ ...told, kind, amountMinor: null, currency: null });
  expect(without).toBe(`The chargeback of ‘Logo’ in Site was ${words}`);
});
