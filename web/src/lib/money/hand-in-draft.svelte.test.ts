import { newId } from '@safesend/shared/ids.ts';
import type { RoomFile } from '@safesend/shared/files/file.ts';
import { expect, test } from 'vitest';
import type { Upload } from '#lib/files/upload.svelte.ts';
import { HandInDraft } from './hand-in-draft.svelte.ts';

const fileOf = (id: string, version: number) => ({ id, name: 'plan.pdf', current: { version } }) as RoomFile;
const uploadOf = (state: object) => ({ isOpen: false, dropped: null, problem: null, ...state }) as unknown as Upload;

test('T-M2 what is uploaded for a hand-in is ticked when it is in the room, unless it was left out before', () => {
  const draft = new HandInDraft([]);
  const [kept, left] = [uploadOf({ isOpen: true }), uploadOf({ isOpen: true })];
  draft.add([kept, left]);
  expect(draft.isWaiting).toBe(true);
  draft.leaveOut(left);
  const [first, second] = [newId(), newId()];
  draft.arrived(left, fileOf(second, 1));
  draft.arrived(kept, fileOf(first, 1));
  expect([...draft.chosen]).toEqual([first]);
  expect(draft.isWaiting).toBe(false);
});

test('T-M2 a refused upload is said and holds nothing up, a cancelled one is gone', () => {
  const draft = new HandInDraft([]);
  const refused = uploadOf({ problem: new Error('too large') });
  draft.add([refused, uploadOf({})]);
  expect(draft.uploads).toEqual([refused]);
  expect(draft.isWaiting).toBe(false);
});

test('T-M2 the newest version is offered, whichever of list and upload knows it', () => {
  const draft = new HandInDraft([]);
  const [elder, younger] = [newId(), newId()].sort();
  draft.brought.set(elder!, fileOf(elder!, 2));
  expect(draft.offered([fileOf(elder!, 1)]).map(({ current }) => current.version)).toEqual([2]);
  expect(draft.offered([fileOf(elder!, 3)]).map(({ current }) => current.version)).toEqual([3]);
  expect(draft.offered([fileOf(younger!, 1)]).map(({ id }) => id)).toEqual([younger, elder]);
});

test('T-M2 what was handed in last is ticked for the next time, in the version the file has by then', () => {
  const [again, gone] = [newId(), newId()];
  const draft = new HandInDraft([{ fileId: again }, { fileId: gone }]);
  const offered = draft.offered([fileOf(again, 2)]).filter(({ id }) => draft.chosen.has(id));
  expect(offered).toEqual([fileOf(again, 2)]);
});
