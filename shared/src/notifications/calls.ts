import { z } from 'zod';
import { call } from '../call.ts';
import { id } from '../ids.ts';
import { pageQuery } from '../values.ts';
import { listedNotification } from './notification.ts';
import { notificationPreferences, preferencesChange } from './preferences.ts';

export const listNotifications = call({
  method: 'get',
  path: '/notifications',
  summary: 'My notifications, newest first',
  access: 'read',
  query: z.strictObject({ ...pageQuery, filter: z.enum(['all', 'unread']).optional() }),
  answers: {
    200: z.strictObject({
      items: z.array(listedNotification),
      nextCursor: z.string().nullable(),
      unread: z.int().min(0),
    }),
  },
});
export const markNotificationsRead = call({
  method: 'put',
  path: '/notifications/read',
  summary: 'Mark some or all notifications read',
  access: 'write',
  body: z.union([z.strictObject({ ids: z.array(id).min(1).max(500) }), z.strictObject({ all: z.literal(true) })]),
  answers: { 204: null },
});

export const getNotificationPreferences = call({
  method: 'get',
  path: '/notification-preferences',
  summary: 'Which groups of notifications reach me by mail',
  access: 'read',
  answers: { 200: z.strictObject({ preferences: notificationPreferences }) },
});
export const setNotificationPreferences = call({
  method: 'put',
  path: '/notification-preferences',
  summary: 'Choose which groups of notifications reach me by mail; a group that is left out stays as it is',
  access: 'write',
  body: z.strictObject({ preferences: preferencesChange }),
  answers: { 204: null },
});
