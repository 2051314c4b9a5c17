import type { Currency } from '@safesend/shared/money.ts';
import type { Notification, NotificationKind } from '@safesend/shared/notifications/notification.ts';

export interface NotificationRow {
  readonly id: string;
  readonly kind: NotificationKind;
  readonly room_id: string | null;
  readonly seq: number | null;
  readonly actor_id: string | null;
  readonly actor_name: string;
  readonly room_title: string;
  readonly subject: string;
  readonly amount_minor: number | null;
  readonly currency: Currency | null;
  readonly invitation_id: string | null;
  readonly created_at: Date | string;
  readonly read_at: Date | string | null;
  readonly inbox_seq: number;
  readonly has_left: boolean;
}

export function presentNotification(row: NotificationRow): Notification {
  return {
    id: row.id,
    kind: row.kind,
    roomId: row.room_id,
    seq: row.seq,
    actorName: row.actor_name,
    roomTitle: row.room_title,
    subject: row.subject,
    amountMinor: row.amount_minor,
    currency: row.currency,
    invitationId: row.invitation_id,
    createdAt: new Date(row.created_at).toISOString(),
    readAt: row.read_at && new Date(row.read_at).toISOString(),
  };
}
