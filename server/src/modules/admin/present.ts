import type { AdminMail, KeptMail as KeptMailView } from '@safesend/shared/admin/mail.ts';
import type { QueuedMail } from '../../kernel/mail-queue.ts';
import type { KeptMail, ReadableMail } from '../../kernel/ports/mail.ts';

export function presentKept({ id, mail, at }: KeptMail): AdminMail {
  const about = { to: mail?.to ?? null, subject: mail?.subject ?? null, at: at.toISOString() };
  return { id, state: 'kept', ...about, attempts: 1, nextTryAt: null, reason: null };
}

export function presentKeptText({ id, mail, at }: ReadableMail): KeptMailView {
  return { id, ...mail, at: at.toISOString() };
}

export function presentQueued({ id, state, mail, at, attempts, nextTryAt, reason }: QueuedMail): AdminMail {
  return {
    ...{ id, state, attempts, reason },
    to: mail?.to ?? null,
    subject: mail?.subject ?? null,
    at: at.toISOString(),
    nextTryAt: nextTryAt?.toISOString() ?? null,
  };
}
