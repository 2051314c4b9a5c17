import {
  defaultPreferences,
  notificationGroups,
  type NotificationPreferences,
  type PreferencesChange,
} from '@safesend/shared/notifications/preferences.ts';
import { query, type Em } from '../../../kernel/sql.ts';
import type { Tx } from '../../../kernel/transact.ts';

/** What somebody never decided about is as it is by default. */
export async function findPreferences(em: Em, userId: string): Promise<NotificationPreferences> {
  const rows = await query<{ kind_group: string; email: boolean }>(
    em,
    'select kind_group, email from notification_preferences where user_id = $1',
    [userId],
  );
  const chosen = notificationGroups.flatMap((group) =>
    rows.filter(({ kind_group }) => kind_group === group).map(({ email }) => [group, { email }] as const),
  );
  return { ...defaultPreferences, ...Object.fromEntries(chosen) };
}

export async function setPreferences(tx: Tx, change: PreferencesChange): Promise<void> {
  const groups = notificationGroups.filter((group) => change[group] !== undefined);
  await tx.query(
    `insert into notification_preferences (user_id, kind_group, email)
     select $1, * from unnest($2::text[], $3::boolean[])
     on conflict (user_id, kind_group) do update set email = excluded.email`,
    [tx.me, groups, groups.map((group) => change[group]?.email ?? false)],
  );
}
