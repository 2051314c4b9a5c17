import * as accounts from '@safesend/shared/accounts/calls.ts';
import * as calls from '@safesend/shared/accounts/passkey-calls.ts';
import { advanceClock } from '@safesend/shared/clock.ts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  Authenticator,
  enrol,
  originOf,
  password,
  toConfirm,
  toSignIn,
  type Tampering,
} from '../../../../test/authenticator.ts';
import { Person, send, signUp, startTestApp, type TestApp } from '../../../../test/harness.ts';
import { mailTo, tokenIn } from '../../../../test/mails.ts';

let app: TestApp;
let base: string;
beforeAll(async () => {
  app = await startTestApp();
  base = `http://127.0.0.1:${app.port}`;
});
afterAll(() => app.close());

type Proof = Awaited<ReturnType<typeof toSignIn>>;
const signIn = (body: Proof, headers: Record<string, string> = {}) =>
  send(base, calls.signInByPasskey, { body, headers });
const isIn = async (cookie: string) => (await send(base, accounts.me, { headers: { cookie } })).status === 200;
const cookieOf = (headers: Headers) => (headers.getSetCookie()[0] ?? '').split(';', 1)[0] ?? '';
const codeOf = ({ body }: { body: unknown }) => (body as { code: string }).code;
async function factsOf({ inboxRoomId }: Person, type: string): Promise<number> {
  const [row] = await app.sql<{ n: number }>('select count(*)::int as n from facts where room_id = $1 and type = $2', [
    inboxRoomId,
    type,
  ]);
  return row?.n ?? 0;
}

describe('UX 66 A20 signing in with a passkey', () => {
  test('A20 it signs in alone, as a password does: a new session, in the log, and the one of before is over', async () => {
    const person = await signUp(app);
    const { device, passkeyId } = await enrol(person, 'My phone');
    const { status, body, headers } = await signIn(await toSignIn(base, device), {
      cookie: person.cookie,
      'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) Firefox/130.0',
    });
    expect([status, body.user.id]).toEqual([200, person.id]);
    const cookie = cookieOf(headers);
    expect(cookie).not.toBe(person.cookie);
    expect([await isIn(cookie), await isIn(person.cookie)]).toEqual([true, false]);
    await mailTo(app, person.user.email, /new sign-in/);
    const again = new Person(base, person.user, person.inboxRoomId, cookie);
    const { items } = await again.must(calls.listPasskeys);
    expect(items).toEqual([expect.objectContaining({ id: passkeyId, name: 'My phone' })]);
    expect(items[0]?.lastUsedAt).not.toBeNull();
    expect((await again.must(accounts.listSessions)).items[0]?.device).toBe('Firefox on Linux');
    expect(await factsOf(person, 'account.session.started')).toBe(2);
  });

  test('A20 it is good at the address it was made for and nowhere else, with its owner verified by the device', async () => {
    const person = await signUp(app);
    const { device } = await enrol(person);
    const wrong: readonly Tampering[] = [
      { origin: 'https://safesend.example.evil' },
      { origin: originOf(person).replace(/\d+$/, '9') },
      { origin: originOf(person).replace('http:', 'https:') },
      { rpId: 'evil.example' },
      { challenge: Buffer.from('another challenge').toString('base64url') },
      { isVerified: false },
      { userHandle: Buffer.from('somebody else').toString('base64url') },
    ];
    for (const tampering of wrong) {
      const answer = await signIn(await toSignIn(base, device, tampering));
      expect([answer.status, codeOf(answer), answer.headers.getSetCookie()], JSON.stringify(tampering)).toEqual([
        ...[401, 'unauthenticated'],
        [],
      ]);
    }
    expect((await signIn(await toSignIn(base, device))).status).toBe(200);
  });

  test('A20 an answer works once, a wrong one spends its challenge too, and after five minutes none does', async () => {
    const person = await signUp(app);
    const { device } = await enrol(person);
    const proof = await toSignIn(base, device);
    expect((await signIn(proof)).status).toBe(200);
    expect((await signIn(proof)).status, 'replayed').toBe(409);
    const late = await toSignIn(base, device);
    const broken = { ...late, response: new Authenticator(originOf(person)).get(optionsOf(late)) };
    expect((await signIn(broken)).status).toBe(401);
    expect((await signIn(late)).status, 'after a wrong answer').toBe(409);
    const slow = await toSignIn(base, device);
    await send(base, advanceClock, { body: { advanceSeconds: 301 } });
    expect((await signIn(slow)).status, 'too late').toBe(409);
    expect((await signIn({ ...slow, attempt: 'made-up' })).status).toBe(409);
  });

  test('A20 who answers at the same moment twice is in once', async () => {
    const { device } = await enrol(await signUp(app));
    const proof = await toSignIn(base, device);
    const answers = await Promise.all([signIn(proof), signIn(proof), signIn(proof)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409]);
  });

  test('A20 a counter that stands still or goes back is a copy, and a device that never counts is none', async () => {
    const person = await signUp(app);
    const { device } = await enrol(person);
    expect((await signIn(await toSignIn(base, device, { counter: 7 }))).status).toBe(200);
    for (const counter of [7, 6, 0])
      expect((await signIn(await toSignIn(base, device, { counter }))).status, String(counter)).toBe(401);
    expect((await signIn(await toSignIn(base, device, { counter: 8 }))).status).toBe(200);
    const copies = [await toSignIn(base, device, { counter: 9 }), await toSignIn(base, device, { counter: 9 })];
    const answers = await Promise.all(copies.map((proof) => signIn(proof)));
    expect(
      answers.filter(({ status }) => status === 200),
      'two copies at once',
    ).toHaveLength(1);
    const still = await enrol(person);
    for (let round = 0; round < 2; round++)
      expect((await signIn(await toSignIn(base, still.device, { counter: 0 }))).status).toBe(200);
  });

  test('A20 a passkey nobody knows, one that was removed, and one under another’s id open nothing', async () => {
    const [person, other] = [await signUp(app), await signUp(app)];
    const [mine, theirs] = [await enrol(person), await enrol(other)];
    expect((await signIn(await toSignIn(base, new Authenticator(originOf(person))))).status).toBe(401);
    const swapped = await toSignIn(base, mine.device);
    const { id } = theirs.device;
    expect((await signIn({ ...swapped, response: { ...swapped.response, id, rawId: id } })).status).toBe(401);
    const proof = await toSignIn(base, mine.device);
    await person.must(calls.removePasskey, { params: { passkeyId: mine.passkeyId } });
    expect((await signIn(proof)).status).toBe(401);
  });
});

describe('UX 38 A20 the passkeys of an account', () => {
  test('A20 adding and removing ask for the password a moment ago, in this session, and are mailed; naming does not', async () => {
    const person = await signUp(app);
    expect(codeOf(await person.call(calls.beginPasskey))).toBe('reauthentication_required');
    const { passkeyId } = await enrol(person, 'Laptop');
    expect((await mailTo(app, person.user.email, /passkey was added/)).text).toContain('Laptop');
    await send(base, advanceClock, { body: { advanceSeconds: 601 } });
    expect(codeOf(await person.call(calls.beginPasskey))).toBe('reauthentication_required');
    const params = { passkeyId };
    expect(codeOf(await person.call(calls.removePasskey, { params }))).toBe('reauthentication_required');
    const { passkey } = await person.must(calls.renamePasskey, { params, body: { name: 'Old laptop' } });
    expect(passkey.name).toBe('Old laptop');
    await person.must(accounts.reauthenticate, { body: { password } });
    await person.must(calls.removePasskey, { params });
    expect((await mailTo(app, person.user.email, /passkey was removed/)).text).toContain('Old laptop');
    expect((await person.must(calls.listPasskeys)).items).toEqual([]);
    for (const type of ['added', 'renamed', 'removed'])
      expect(await factsOf(person, `account.passkey.${type}`)).toBe(1);
  });

  test('A20 what was asked in one session is answered in it, by a key made here for it, and once', async () => {
    const [person, other] = [await signUp(app), await signUp(app)];
    for (const who of [person, other]) await who.must(accounts.reauthenticate, { body: { password } });
    const add = async (who: Person, tampering: Tampering = {}, from = person) => {
      const { attempt, options } = await from.must(calls.beginPasskey);
      const device = new Authenticator(originOf(person));
      return who.call(calls.addPasskey, { body: { attempt, response: device.create(options, tampering) } });
    };
    expect((await add(other)).status, 'asked by somebody else').toBe(409);
    for (const tampering of [{ origin: 'https://evil.example' }, { isVerified: false }, { rpId: 'evil.example' }])
      expect((await add(person, tampering)).status, JSON.stringify(tampering)).toBe(422);
    const { attempt, options } = await person.must(calls.beginPasskey);
    const body = { attempt, response: new Authenticator(originOf(person)).create(options) };
    expect((await person.call(calls.addPasskey, { body })).status).toBe(201);
    expect((await person.call(calls.addPasskey, { body })).status, 'replayed').toBe(409);
    const again = await other.must(calls.beginPasskey);
    const taken = { attempt: again.attempt, response: body.response };
    expect((await other.call(calls.addPasskey, { body: taken })).status, 'made for somebody else').toBe(422);
    const device = new Authenticator(originOf(other));
    for (const [status, who] of [
      [201, other],
      [409, person],
    ] as const) {
      const { attempt: mine, options: asked } = await who.must(calls.beginPasskey);
      const twice = { body: { attempt: mine, response: device.create(asked) } };
      expect((await who.call(calls.addPasskey, twice)).status, 'one device, one account').toBe(status);
    }
  });

  test('L6 A20 the passkey of somebody else is missing', async () => {
    const [person, other] = [await signUp(app), await signUp(app)];
    const { passkeyId } = await enrol(other);
    await person.must(accounts.reauthenticate, { body: { password } });
    const params = { passkeyId };
    expect((await person.call(calls.removePasskey, { params })).status).toBe(404);
    expect((await person.call(calls.renamePasskey, { params, body: { name: 'Mine' } })).status).toBe(404);
    expect((await person.must(calls.listPasskeys)).items).toEqual([]);
    expect((await other.must(calls.listPasskeys)).items).toHaveLength(1);
  });

  test('A20 a step is confirmed with one of mine, in the session that asked', async () => {
    const [person, other] = [await signUp(app), await signUp(app)];
    const [mine, theirs] = [await enrol(person), await enrol(other)];
    expect((await (await signUp(app)).call(calls.beginReauthentication)).status, 'none yet').toBe(409);
    await send(base, advanceClock, { body: { advanceSeconds: 601 } });
    const isFresh = async () => (await person.call(calls.beginPasskey)).status === 201;
    const confirm = async (device: Authenticator) =>
      person.call(calls.reauthenticateByPasskey, { body: await toConfirm(person, device) });
    expect((await confirm(theirs.device)).status).toBe(422);
    const asked = { body: await toConfirm(person, mine.device) };
    expect((await other.call(calls.reauthenticateByPasskey, asked)).status).toBe(409);
    const toEnter = { body: await toSignIn(base, mine.device) };
    expect((await person.call(calls.reauthenticateByPasskey, toEnter)).status, 'asked to sign in').toBe(409);
    const { attempt, options } = await person.must(calls.beginReauthentication);
    const user = { id: Buffer.from('me').toString('base64url'), name: 'Me', displayName: 'Me' };
    const made = new Authenticator(originOf(person)).create({
      ...{ challenge: options.challenge, timeout: options.timeout, user, rp: { id: options.rpId, name: 'SafeSend' } },
      ...{ pubKeyCredParams: [], excludeCredentials: [], attestation: 'none' },
      authenticatorSelection: { residentKey: 'required', requireResidentKey: true, userVerification: 'required' },
    });
    const added = await person.call(calls.addPasskey, { body: { attempt, response: made } });
    expect(added.status, 'asked to confirm, which needs nothing fresh').toBe(409);
    expect(await isFresh()).toBe(false);
    expect((await confirm(mine.device)).status).toBe(204);
    expect(await isFresh()).toBe(true);
  });

  test('A20 A10 a new password that I set keeps them; one from a mail removes what somebody may have put there', async () => {
    const person = await signUp(app);
    const { device } = await enrol(person);
    await person.must(accounts.endOtherSessions);
    const change = { currentPassword: password, password: 'seven quiet harbour lamps' };
    await person.must(accounts.changePassword, { body: change });
    expect((await signIn(await toSignIn(base, device))).status).toBe(200);
    await send(base, accounts.requestPasswordReset, { body: { email: person.user.email } });
    const token = tokenIn(await mailTo(app, person.user.email, /Set a new password/));
    await send(base, accounts.resetPassword, { body: { token, password: 'nine loud mountain goats' } });
    expect((await signIn(await toSignIn(base, device))).status).toBe(401);
    expect((await mailTo(app, person.user.email, /password was changed/)).text).toMatch(/passkey/);
  });
});

test('A20 T-S9 neither passkeys nor their challenges give more attempts than passwords do', async () => {
  const limited = await startTestApp({ environment: { RATE_LIMITS: 'on' } });
  try {
    const person = await signUp(limited);
    const at = `http://127.0.0.1:${limited.port}`;
    const { device } = await enrol(person);
    const attempt = async () =>
      (await send(at, calls.signInByPasskey, { body: await toSignIn(at, device, { isVerified: false }) })).status;
    const statuses: number[] = [];
    for (let round = 0; round < 12; round++) statuses.push(await attempt());
    expect(statuses.filter((status) => status === 401).length).toBeLessThanOrEqual(10);
    expect(statuses.at(-1)).toBe(429);
  } finally {
    await limited.close();
  }
});

/** What a device was asked for: the challenge it has signed. */
function optionsOf({ response }: Proof) {
  const { challenge } = JSON.parse(Buffer.from(response.response.clientDataJSON, 'base64url').toString()) as {
    challenge: string;
  };
  return { rpId: 'localhost', challenge, timeout: 1, userVerification: 'required' as const, allowCredentials: [] };
}
