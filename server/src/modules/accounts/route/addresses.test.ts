import * as calls from '@safesend/shared/accounts/calls.ts';
import { advanceClock } from '@safesend/shared/clock.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { send, signUp, startTestApp, type Person, type TestApp } from '../../../../test/harness.ts';
import { mailsTo, mailTo, tokenIn } from '../../../../test/mails.ts';

const password = 'correct horse battery staple';

let app: TestApp;
let base: string;
beforeAll(async () => {
  app = await startTestApp();
  base = `http://127.0.0.1:${app.port}`;
});
afterAll(() => app.close());

const opened = async (token: string) => (await send(base, calls.verifyEmail, { body: { token } })).status;
const signsIn = async (email: string, secret = password) =>
  (await send(base, calls.login, { body: { email, password: secret } })).status;
const linkTo = async (email: string) => tokenIn(await mailTo(app, email, /Confirm/));
const accountOf = async (person: Person) => (await person.must(calls.me)).user;

/** Somebody whose address is proven, and the one he would like to have. */
async function mover(): Promise<{ person: Person; old: string; wish: string }> {
  const person = await signUp(app);
  const old = person.user.email;
  expect(await opened(await linkTo(old))).toBe(204);
  return { person, old, wish: `new-${old}` };
}

const ask = (person: Person, email: string) => person.call(calls.changeEmail, { body: { email, password } });

test('A18 the old address stays in force until the link mailed to the new one is opened, and hears of both', async () => {
  const { person, old, wish } = await mover();
  expect((await ask(person, wish)).status).toBe(204);
  const asked = await accountOf(person);
  expect(asked).toMatchObject({ email: old, pendingEmail: wish });
  expect(asked.emailVerifiedAt).not.toBeNull();
  expect([await signsIn(old), await signsIn(wish)]).toEqual([200, 401]);
  expect((await mailTo(app, old, /asked to change/)).text).toContain(wish);
  expect((await mailTo(app, wish, /Confirm/)).text).toContain(`until then that stays ${old}`);

  expect(await opened(await linkTo(wish))).toBe(204);
  const moved = await accountOf(person);
  expect(moved).toMatchObject({ email: wish, pendingEmail: null });
  expect(moved.emailVerifiedAt).not.toBeNull();
  expect([await signsIn(old), await signsIn(wish)]).toEqual([401, 200]);
  expect((await mailTo(app, old, /was changed/)).text).toContain(wish);
});

test('A18 asking takes the password and an address that is free, also when the link is opened', async () => {
  const { person, old, wish } = await mover();
  const wrong = await person.call(calls.changeEmail, { body: { email: wish, password: 'wrong' } });
  expect(wrong.body).toMatchObject({ code: 'invalid', errors: [{ path: 'password' }] });
  const neighbour = await signUp(app);
  const taken = await ask(person, neighbour.user.email);
  expect(taken.body).toMatchObject({ code: 'conflict', errors: [{ path: 'email' }] });
  expect(await accountOf(person)).toMatchObject({ email: old, pendingEmail: null });

  await ask(person, wish);
  await ask(neighbour, wish);
  const links = (await mailsTo(app, wish)).map(tokenIn);
  expect(links).toHaveLength(2);
  const answers = await Promise.all(links.map(opened));
  expect(answers.sort(), 'one of the two gets it').toEqual([204, 409]);
  expect([await accountOf(person), await accountOf(neighbour)].filter(({ email }) => email === wish)).toHaveLength(1);
});

test('A18 a change that is taken back leaves everything as it was, and its link opens nothing', async () => {
  const { person, old, wish } = await mover();
  await ask(person, wish);
  const link = await linkTo(wish);
  for (const time of ['once', 'and again']) expect((await person.call(calls.cancelEmailChange)).status, time).toBe(204);
  expect(await opened(link)).toBe(404);
  expect(await accountOf(person)).toMatchObject({ email: old, pendingEmail: null });
  const facts = await app.sql<{ type: string }>(
    `select type from facts where room_id = $1 and type like 'account.email.change%' order by seq`,
    [person.inboxRoomId],
  );
  expect(facts.map(({ type }) => type)).toEqual(['account.email.change.requested', 'account.email.change.cancelled']);
});

test('A18 another wish takes the place of the one before, and one’s own address that of all', async () => {
  const { person, old, wish } = await mover();
  await ask(person, wish);
  const first = await linkTo(wish);
  await ask(person, `other-${old}`);
  expect(await accountOf(person)).toMatchObject({ email: old, pendingEmail: `other-${old}` });
  expect(await opened(first)).toBe(404);
  await ask(person, old);
  expect(await accountOf(person)).toMatchObject({ email: old, pendingEmail: null });
});

test('A18 a link that ran out is sent again to the address that was asked for', async () => {
  const { person, old, wish } = await mover();
  await ask(person, wish);
  const late = await linkTo(wish);
  await send(base, advanceClock, { body: { advanceSeconds: 3 * 86_400 } });
  expect(await opened(late)).toBe(409);
  expect(await accountOf(person)).toMatchObject({ email: old, pendingEmail: wish });
  expect((await person.call(calls.resendVerification)).status).toBe(204);
  expect(await linkTo(wish)).not.toBe(late);
  expect(await opened(await linkTo(wish))).toBe(204);
  expect(await accountOf(person)).toMatchObject({ email: wish, pendingEmail: null });
});

test('A18 whoever mistyped his address at sign-up gets away from it, and its link moves him back no more', async () => {
  const person = await signUp(app);
  const typo = person.user.email;
  const early = await linkTo(typo);
  await ask(person, `right-${typo}`);
  expect(await opened(await linkTo(`right-${typo}`))).toBe(204);
  expect(await opened(early)).toBe(409);
  const account = await accountOf(person);
  expect(account).toMatchObject({ email: `right-${typo}`, pendingEmail: null });
  expect(account.emailVerifiedAt).not.toBeNull();
});

test('A18 a new password, which may be the owner’s answer to the mail, takes the change back', async () => {
  const { person, old, wish } = await mover();
  await ask(person, wish);
  const link = await linkTo(wish);
  await send(base, calls.requestPasswordReset, { body: { email: old } });
  const token = tokenIn(await mailTo(app, old, /new password/));
  const better = 'seven quiet harbour lamps';
  expect((await send(base, calls.resetPassword, { body: { token, password: better } })).status).toBe(204);
  expect(await opened(link)).toBe(404);
  expect([await signsIn(old, better), await signsIn(wish, better)]).toEqual([200, 401]);
});
