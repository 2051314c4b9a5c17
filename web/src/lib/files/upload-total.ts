import type { Upload } from './upload.svelte.ts';

export interface UploadTotal {
  readonly open: number;
  readonly done: number;
  readonly refused: number;
  readonly absent: number;
  readonly isMoving: boolean;
  readonly isPaused: boolean;
  /** From 0 to 1, of the bytes of everything on the list that was not refused. */
  readonly share: number;
  readonly rate: number;
  /** Seconds, null while nobody knows. */
  readonly left: number | null;
}

type Sum = Pick<Upload, 'status' | 'sent' | 'rate' | 'isOpen' | 'isUnderWay'> & {
  readonly kept: { readonly size: number };
};

/** All uploads as one. */
export function totalOf(uploads: readonly Sum[]): UploadTotal {
  const counted = uploads.filter(({ status }) => status !== 'refused');
  const moving = counted.filter(({ isUnderWay }) => isUnderWay);
  const size = sum(counted, ({ kept }) => kept.size);
  const sent = sum(counted, (it) => it.sent);
  const rate = sum(moving, (it) => it.rate);
  const rest = sum(moving, ({ kept, sent }) => kept.size - sent);
  const isDone = counted.every(({ status }) => status === 'done');
  return {
    open: counted.filter(({ isOpen }) => isOpen).length,
    done: counted.filter(({ status }) => status === 'done').length,
    refused: uploads.length - counted.length,
    absent: counted.filter(({ status }) => status === 'absent').length,
    isMoving: moving.length > 0,
    isPaused: moving.length === 0 && counted.some(({ status }) => status === 'paused'),
    share: size > 0 ? sent / size : isDone ? 1 : 0,
    rate,
    left: rate > 0 ? rest / rate : null,
  };
}

function sum<Item>(items: readonly Item[], of: (item: Item) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}
