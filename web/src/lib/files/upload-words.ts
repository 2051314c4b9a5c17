import { problemText } from '#lib/api/problem-text.ts';
import { formatBytes, formatPercent, formatSpan } from '#lib/format/bytes.ts';
import { m } from '#lib/paraglide/messages.js';
import type { UploadTotal } from './upload-total.ts';
import type { Upload } from './upload.svelte.ts';

/** How far one upload is, in one line. */
export function uploadWords(upload: Upload): string {
  const { size } = upload.kept;
  const parts = m.uploads_sent_of({ sent: formatBytes(upload.sent), size: formatBytes(size) });
  switch (upload.status) {
    case 'waiting':
      return m.uploads_waiting({ size: formatBytes(size) });
    case 'sending':
      return [parts, paceWords(upload.rate, (size - upload.sent) / upload.rate)].filter(Boolean).join(' · ');
    case 'checking':
      return m.uploads_checking();
    case 'retrying':
      // He sends as many as he may, from elsewhere as well: nothing is wrong with his line.
      return upload.problem?.code === 'throttled'
        ? m.uploads_waiting({ size: formatBytes(size) })
        : m.uploads_retrying();
    case 'paused':
      return m.uploads_paused({ parts });
    case 'absent':
      return m.uploads_absent();
    case 'refused':
      return problemText(upload.problem);
    case 'done':
      return m.uploads_done({ size: formatBytes(size) });
  }
}

export function totalWords({ share, rate, left, isPaused, isMoving, absent }: UploadTotal): string {
  if (isMoving) return [formatPercent(share), left === null ? '' : paceWords(rate, left)].filter(Boolean).join(' · ');
  if (absent > 0) return m.uploads_total_absent();
  return isPaused ? m.uploads_total_paused({ share: formatPercent(share) }) : '';
}

function paceWords(rate: number, left: number): string {
  return rate > 0 ? m.uploads_pace({ rate: formatBytes(rate), left: formatSpan(left) }) : '';
}

/** What is said once, when it becomes so: never every percent. */
export function newsWords({ open, done, refused, isMoving, isPaused, absent }: UploadTotal): string {
  if (isMoving) return m.uploads_news_moving({ count: open });
  if (isPaused) return m.uploads_news_paused();
  if (absent > 0) return m.uploads_news_absent({ count: absent });
  return refused > 0 ? m.uploads_news_refused({ count: refused }) : m.uploads_news_done({ count: done });
}
