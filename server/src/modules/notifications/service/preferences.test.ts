import { getNotificationPreferences, setNotificationPreferences } from '@safesend/shared/notifications/calls.ts';
import { defaultPreferences } from '@safesend/shared/notifications/preferences.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { signUp, startTestApp, type Person, type TestApp } from '../../../../test/harness.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

const chosen = async (person: Person) => (await person.must(getNotificationPreferences)).preferences;

test('A18 N05 a group is switched alone, stays so, and is nobody else’s affair', async () => {
  const [me, other] = await Promise.all([signUp(app), signUp(app)]);
  expect(await chosen(me)).toEqual(defaultPreferences);
  const change = { preferences: { messages: { email: false }, plans: { email: true } } };
  expect((await me.call(setNotificationPreferences, { body: change })).status).toBe(204);
  const both = { ...defaultPreferences, ...change.preferences };
  expect(await chosen(me)).toEqual(both);
  expect(await chosen(other)).toEqual(defaultPreferences);

  // Two devices, each with its own group.
  await Promise.all([
    me.must(setNotificationPreferences, { body: { preferences: { messages: { email: true } } } }),
    me.must(setNotificationPreferences, { body: { preferences: { money: { email: false } } } }),
  ]);
  expect(await chosen(me)).toEqual({ ...both, messages: { email: true }, money: { email: false } });
  const whole = { preferences: await chosen(me) };
  expect((await me.call(setNotificationPreferences, { body: whole })).status, 'what was read can be sent').toBe(204);
  expect(await chosen(me)).toEqual(whole.preferences);
});

test.each([
  ['a group that does not exist', { preferences: { gossip: { email: true } } }],
  ['a channel that does not exist', { preferences: { money: { email: true, pigeon: true } } }],
  ['half a choice', { preferences: { money: {} } }],
  ['something else than yes or no', { preferences: { money: { email: 'no' } } }],
  ['nothing', {}],
  ['a choice about nothing', { preferences: {} }],
  ['more than preferences', { preferences: { money: { email: false } }, sound: true }],
])('A18 N05 %s is refused and changes nothing', async (_, body) => {
  const me = await signUp(app);
  expect((await me.call(setNotificationPreferences, { body: body as never })).status).toBe(422);
  expect(await chosen(me)).toEqual(defaultPreferences);
});
