import { newId } from '@safesend/shared/ids.ts';
import { expect, test } from 'vitest';
import type { Row } from './room-view.svelte.ts';
import { filesTogether } from './row-look.ts';

const [anna, bert] = [newId(), newId()];
let seq = 0;
function file(actorId: string, version = 1, at = '2026-03-01T10:00:00.000Z'): Row {
  const event = { type: 'file.dropped', actorId, data: { current: { version } } };
  return { kind: 'fact', seq: ++seq, at, event } as unknown as Row;
}

test('UX 21 a line counts the files that follow under it: of one person, at one time, each new', () => {
  const late = '2026-03-01T11:00:00.000Z';
  const rows = [file(anna), file(anna), file(anna), file(bert), file(bert, 2), file(bert), file(bert, 1, late)];
  const counted = rows.map((_, index) => filesTogether(rows, index, null));
  expect(counted).toEqual([3, 2, 1, 1, 1, 1, 1]);
});

test('UX 21 what stands below the line of what is new is not counted above it', () => {
  const rows = [file(anna), file(anna), file(anna)];
  expect(filesTogether(rows, 0, rows[1]!.seq)).toBe(1);
  expect(filesTogether(rows, 1, rows[1]!.seq)).toBe(2);
});
