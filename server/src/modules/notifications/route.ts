import * as calls from '@safesend/shared/notifications/calls.ts';
import type { Door } from '../../kernel/http.ts';
import { findNotifications, markRead } from './service.ts';
import { findPreferences, setPreferences } from './service/preferences.ts';

export function notificationRoutes(door: Door): void {
  door(calls.listNotifications, ({ em, me, query }) => findNotifications(em, me, query));
  door(calls.markNotificationsRead, ({ body, transact }) =>
    transact(
      (tx) => markRead(tx, 'ids' in body ? body.ids : 'all'),
      () => null,
    ),
  );
  door(calls.getNotificationPreferences, async ({ em, me }) => ({ preferences: await findPreferences(em, me) }));
  door(calls.setNotificationPreferences, ({ body, transact }) =>
    transact(
      (tx) => setPreferences(tx, body.preferences),
      () => null,
    ),
  );
}
