import { expect, test } from 'vitest';
import { notificationKind } from './notification.ts';
import { defaultPreferences, kindsByMail, notificationGroups } from './preferences.ts';

test('A18 N05 every kind stands in one group, and by default only how a plan grows is not mailed', () => {
  const inGroup = notificationGroups.map((group) => {
    const only = Object.fromEntries(notificationGroups.map((it) => [it, { email: it === group }]));
    return [...kindsByMail({ ...defaultPreferences, ...only })];
  });
  expect(inGroup.every((kinds) => kinds.length > 0)).toBe(true);
  expect(inGroup.flat().sort()).toEqual([...notificationKind.options].sort());
  const mailed = kindsByMail(defaultPreferences);
  expect(notificationKind.options.filter((kind) => !mailed.has(kind))).toEqual([
    'milestone.planned',
    'milestone.changed',
    'milestone.cancelled',
    'milestone.started',
  ]);
});
