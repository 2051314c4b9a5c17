import { newId } from '@safesend/shared/ids.ts';
import type { Member } from '@safesend/shared/rooms/member.ts';
import { expect, test } from 'vitest';
import { invitable, mentionAt } from './mentions.ts';

const person = (username: string, displayName: string): Member => ({
  ...{ userId: newId(), username, displayName, role: 'freelancer', joinedSeq: 1 },
});
const [ana, anton, bea] = [person('ana', 'Ana Silva'), person('anton', 'Anton Berg'), person('bea', 'Bea Anders')];
const outside = (text: string, members = [bea], labels: string[] = []) =>
  invitable({ members, invitations: labels.map((label) => ({ label })) }, [ana, anton, bea, ana], { at: 0, text });

test('UX 15 people of my other rooms are offered once each, those who are here are not', () => {
  expect(outside('an').map(({ person }) => person?.username)).toEqual(['ana', 'anton']);
  expect(outside('berg').map(({ to }) => to)).toEqual([{ username: 'anton' }]);
  expect(outside('', [bea])).toEqual([]);
});

test('UX 15 whoever is invited already is not offered again', () => {
  expect(outside('an', [bea], ['ana']).map(({ person }) => person?.username)).toEqual(['anton']);
  expect(outside('silva', [bea], ['ana'])).toEqual([]);
});

test('UX 15 a name or an address nobody known has can be invited as it was typed', () => {
  expect(outside('carla-7')).toEqual([{ person: null, to: { username: 'carla-7' } }]);
  expect(outside('carla@example.com')).toEqual([{ person: null, to: { email: 'carla@example.com' } }]);
  for (const unfinished of ['ca', 'carla@', 'carla@example', 'bea'])
    expect(outside(unfinished), unfinished).toEqual([]);
});

test.each([
  ['Hello @an', 6, 'an'],
  ['@Carla@Example.com', 0, 'carla@example.com'],
  ['(@', 1, ''],
])('UX 15 in %s the name begins at %d', (text, at, name) => {
  expect(mentionAt(text, text.length)).toEqual({ at, text: name });
});

test('UX 15 an address in running text is no mention', () => {
  expect(mentionAt('write to carla@example.com', 26)).toBeNull();
});
