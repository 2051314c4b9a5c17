import { expect, it } from 'vitest';
import { totalOf } from './upload-total.ts';
import type { UploadStatus } from './upload.svelte.ts';

const underWay: ReadonlySet<UploadStatus> = new Set(['waiting', 'sending', 'checking', 'retrying']);

function upload(status: UploadStatus, size: number, sent: number, rate = 0) {
  const isUnderWay = underWay.has(status);
  return {
    status,
    sent,
    rate,
    kept: { size },
    isUnderWay,
    isOpen: isUnderWay || status === 'paused' || status === 'absent',
  };
}

it('UX 25 the total is of bytes, and its time left of what moves', () => {
  const total = totalOf([upload('sending', 600, 300, 50), upload('sending', 300, 0, 25), upload('done', 100, 100)]);
  expect(total).toMatchObject({ open: 2, done: 1, share: 0.4, rate: 75, left: 8, isMoving: true, isPaused: false });
});

it('UX 25 what was refused is not waited for, and what rests has no time left', () => {
  const total = totalOf([upload('paused', 100, 50), upload('refused', 900, 0)]);
  expect(total).toMatchObject({ open: 1, refused: 1, share: 0.5, left: null, isMoving: false, isPaused: true });
});

it('UX 25 files without a byte are done when they are done', () => {
  expect(totalOf([upload('waiting', 0, 0)]).share).toBe(0);
  expect(totalOf([upload('done', 0, 0)]).share).toBe(1);
});
