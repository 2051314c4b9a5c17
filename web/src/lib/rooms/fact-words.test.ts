import { newId } from '@safesend/shared/ids.ts';
import type { Milestone } from '@safesend/shared/projects/milestone.ts';
import { expect, test } from 'vitest';
import { factWords } from './fact-words.ts';
import { milestoneChangeWords } from './milestone-words.ts';
import { previewOf } from './preview.ts';
import type { FactEvent } from './timeline.ts';

const at = '2026-03-01T10:00:00.000Z';
const person = { userId: newId(), username: 'ana', displayName: 'Ana Silva', role: 'client' as const };
const envelope = { roomId: newId(), seq: 3, id: newId(), actorId: person.userId, at, hash: '' };
const logo: Milestone = {
  ...{ id: newId(), projectId: newId(), title: 'Logo', amountMinor: 30_000, currency: 'EUR', dueAt: null },
  ...{ criteria: 'Three drafts', status: 'planned', position: 1, createdAt: at },
  ...{ revision: 1, hold: null, submission: null, proposal: null, cancellation: null, clocks: [], waiting: null },
  quote: { platformFeeMinor: 0, serviceFeeMinor: 0, clientPaysMinor: 0, freelancerGetsMinor: 0 },
};
const third = '2026-12-03T12:00:00.000Z';
const ninth = '2026-12-09T12:00:00.000Z';

test.each<[string, Partial<Milestone>, string]>([
  ['amount', { amountMinor: 35_000 }, 'changed the amount of ‘Logo’ from €300.00 to €350.00'],
  ['title', { title: 'Brand' }, 'renamed ‘Logo’ to ‘Brand’'],
  ['due date', { dueAt: third }, 'set the due date of ‘Logo’ to Dec 3, 2026'],
  ['criteria', { criteria: 'Four drafts' }, 'changed when ‘Logo’ counts as done'],
  ['place', { position: 2 }, 'moved ‘Logo’ to place 2 of the plan'],
  [
    'several',
    { title: 'Brand', amountMinor: 35_000, position: 4 },
    'changed ‘Logo’: title to ‘Brand’ and amount from €300.00 to €350.00',
  ],
])('UX 16 a changed milestone says what changed: %s', (_, change, words) => {
  expect(milestoneChangeWords({ ...logo, ...change }, logo)).toBe(words);
});

test('UX 16 a due date that moves or goes says from when', () => {
  const dated = { ...logo, dueAt: third };
  expect(milestoneChangeWords({ ...logo, dueAt: ninth }, dated)).toBe(
    'moved the due date of ‘Logo’ from Dec 3, 2026 to Dec 9, 2026',
  );
  expect(milestoneChangeWords(logo, dated)).toBe('removed the due date of ‘Logo’');
});

test('UX 16 without the milestone as it was, the line says what it is now', () => {
  expect(milestoneChangeWords(logo, null)).toBe('updated ‘Logo’: €300.00');
  expect(milestoneChangeWords({ ...logo, dueAt: third }, null)).toBe('updated ‘Logo’: €300.00, due Dec 3, 2026');
});

test('UX 16 nobody joins a direct conversation as client or freelancer', () => {
  const event: FactEvent = { ...envelope, type: 'member.joined', data: { ...person, invitationId: null } };
  const wordsIn = (kind: 'project' | 'direct') => factWords(event, () => 'Ana Silva', { kind, before: null }).text;
  expect(wordsIn('project')).toBe('joined as client');
  expect(wordsIn('direct')).toBe('joined the conversation');
});

test('UX 1 the preview of a deleted message says whose it was', () => {
  const message = {
    ...{ id: newId(), authorId: person.userId, body: null, replyTo: null, files: [], mentions: [], reactions: [] },
    ...{ createdAt: at, editedAt: null, deletedAt: at },
  };
  const members = [{ ...person, joinedSeq: 1, avatarId: null }];
  const list = { id: envelope.roomId, kind: 'direct' as const, title: '', headSeq: 3, readSeq: 3, unread: 0, members };
  for (const type of ['message.deleted', 'message.posted'] as const) {
    const lastEvent = { ...envelope, type, data: message };
    expect(previewOf({ ...list, lastEvent }, newId())).toBe('Ana Silva deleted a message');
    expect(previewOf({ ...list, lastEvent }, person.userId)).toBe('You deleted a message');
  }
});
