import type { RoomFile } from '@safesend/shared/files/file.ts';
import { newId } from '@safesend/shared/new-id.ts';
import { expect, it } from 'vitest';
import { RoomFiles } from './room-files.svelte.ts';

const at = '2026-03-01T10:00:00.000Z';

function fileOf(name: string, change: Partial<RoomFile> = {}): RoomFile {
  const droppedBy = newId();
  const current = {
    version: 1,
    type: 'text/plain',
    kind: 'text',
    size: 1,
    sha256: '0'.repeat(64),
    scan: 'unscanned',
    createdBy: droppedBy,
    createdAt: at,
    restoredFrom: null,
  } as const;
  const none = { removedAt: null, removedBy: null, joinedInto: null };
  return { id: newId(), roomId: newId(), name, droppedBy, droppedAt: at, current, ...none, ...change };
}

it('H03 older facts that are read later never bring a removed file back', () => {
  const files = new RoomFiles();
  const file = fileOf('a.txt');
  files.learn([{ ...file, removedAt: at }], 9);
  files.learn([file], 3);
  expect(files.of(file.id)?.removedAt).toBe(at);
  expect(files.present).toEqual([]);
});

it('X11 of two files of one name the younger is offered to be joined, while both are there', () => {
  const files = new RoomFiles();
  const [elder, younger] = [fileOf('a.txt'), fileOf('a.txt')];
  files.learn([younger, elder, fileOf('b.txt')], 1);
  expect(files.elderOf(younger)?.id).toBe(elder.id);
  expect(files.elderOf(elder)).toBeNull();
  files.learn([{ ...elder, removedAt: at }], 2);
  expect(files.elderOf(younger)).toBeNull();
});
