import { failureStatus } from '@safesend/shared/failure.ts';
import { toServer, type Answer } from '@safesend/shared/socket.ts';
import { listApiTokens, listSessions } from '@safesend/shared/accounts/calls.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  actors,
  policy,
  projectStates,
  verdictElsewhere,
  verdictOn,
  type Actor,
  type ProjectState,
  type Rule,
  type Verdict,
} from '../src/policy.ts';
import { enrol } from './authenticator.ts';
import { connect, connected, signUp, startTestApp, type TestApp, type TestSocket } from './harness.ts';
import type { Ask } from './hostile/asks/ask.ts';
import { askFor, knock } from './hostile/knock.ts';
import {
  furnish,
  headersOf,
  nowhere,
  openWorld,
  personOf,
  tokensOf,
  type Things,
  type World,
} from './hostile/world.ts';
import { tier } from './tier.ts';

let app: TestApp;
let world: World;
let own: Things;
let elsewhere: Things;
let inbox: Things;

beforeAll(async () => {
  app = await startTestApp();
  const [here, there] = await Promise.all([openWorld(app), openWorld(app)]);
  world = here;
  own = await furnish(world);
  const things = await furnish(there);
  const { owner } = there.people;
  const [sessions, tokens, { passkeyId }] = await Promise.all([
    owner.must(listSessions),
    owner.must(listApiTokens),
    enrol(owner),
  ]);
  elsewhere = { ...things, sessionId: sessions.items[0]?.id ?? '', apiTokenId: tokens.items[0]?.id ?? '', passkeyId };
  // Somebody's inbox is a room, too, and as foreign as any other.
  inbox = { ...elsewhere, roomId: owner.inboxRoomId };
});
afterAll(() => app.close());

const isEvent = ({ door }: Rule) => Object.hasOwn(toServer, door);
const calls = policy.filter((rule) => !isEvent(rule));
const nameOf = ({ door, when }: Rule) => (when ? `${door} (${when})` : door);
const aboutThings = calls.filter(({ subject }) => subject !== 'nothing');
const inProjects = aboutThings.filter(({ subject }) => !['session', 'apiToken', 'passkey', 'person'].includes(subject));

const foreignTo = ({ subject }: Rule) => (subject === 'room' ? [elsewhere, inbox] : [elsewhere]);

/** What succeeds here leaves nothing for the next one to try it on. */
const spends = (rule: Rule) =>
  /^(DELETE .*(projectId|messageId|fileId|uploadId|invitationId|userId)\}$|POST .*(joining|completion|funding|cancellation|acceptance|decline)$)/.test(
    rule.door,
  ) && rule.subject !== 'person';

function expectStatus(verdict: Verdict, status: number, said: string): void {
  if (verdict === 'ok') expect(status, said).toBeLessThan(300);
  else expect(status, said).toBe(failureStatus[verdict]);
}

/** Without what posting has read: that follows a message a moment after its answer. */
async function factCount(): Promise<number> {
  const [row] = await app.sql<{ n: number }>(`select count(*)::int as n from facts where type <> 'notification.read'`);
  return row?.n ?? 0;
}

async function tryCall(rule: Rule, actor: Actor, things: Things, expected: Verdict, from = world): Promise<string> {
  return tryAsk(rule, actor, await askFor(rule, things, from, personOf(from, actor)), expected, from);
}

async function tryAsk(rule: Rule, actor: Actor, ask: Ask, expected: Verdict, from: World): Promise<string> {
  const { status, text, verdict } = await knock(from.base, rule.door, ask, headersOf(from, actor));
  const said = `${actor}: ${nameOf(rule)} → ${status} ${text.slice(0, 300)}`;
  expect(verdict, said).toBe(expected);
  expectStatus(expected, status, said);
  return text;
}

test('T-A0 every route and socket event that exists is in the policy, and nothing else is', () => {
  const doors = app.api.routes
    .filter(({ method }) => method !== 'ALL')
    .map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)(\{.*\})?/g, '{$1}')}`);
  const real = [...new Set([...doors, ...Object.keys(toServer)])].sort();
  expect([...new Set(policy.map(({ door }) => door))].sort()).toEqual(real);
});

test.each(calls.filter(({ subject }) => subject === 'nothing').map((rule) => [nameOf(rule), rule] as const))(
  'T-A1 A13 A17 %s',
  async (_, rule) => {
    // What is one's own is spent by using it: a fresh person with fresh tokens for each door.
    const stranger = await signUp(app);
    const from: World = {
      ...world,
      people: { ...world.people, stranger, owner: stranger },
      tokens: await tokensOf(stranger),
    };
    const everybody = ['anonymous', 'readToken', 'writeToken', 'stranger'] as const;
    const asks = await Promise.all(everybody.map((actor) => askFor(rule, own, from, personOf(from, actor))));
    for (const [at, actor] of everybody.entries()) {
      await tryAsk(rule, actor, asks[at] ?? {}, verdictOn(rule, actor), from);
    }
  },
);

test.each(aboutThings.map((rule) => [nameOf(rule), rule] as const))('T-A1 A17 L6 %s', async (_, rule) => {
  const before = await factCount();
  const away = actors.map(async (actor) => {
    const expected = verdictElsewhere(rule, actor);
    const answers = await Promise.all(
      [...foreignTo(rule), nowhere()].map((things) => tryCall(rule, actor, things, expected)),
    );
    // A foreign thing and no thing are one answer, but for the request's own id.
    const said = new Set(answers.map((text) => text.replace(/"requestId":"[^"]+"/, '')));
    expect([...said], actor).toHaveLength(1);
    for (const secret of [elsewhere.projectId, elsewhere.username]) expect([...said].join()).not.toContain(secret);
  });
  const refused = actors
    .filter((actor) => verdictOn(rule, actor) !== 'ok')
    .map((actor) => tryCall(rule, actor, own, verdictOn(rule, actor)));
  await Promise.all([...away, ...refused]);
  expect(await factCount(), 'a refusal leaves no trace').toBe(before);
  for (const actor of actors.filter((it) => verdictOn(rule, it) === 'ok')) {
    await tryCall(rule, actor, spends(rule) ? await furnish(world) : own, 'ok');
  }
});

/** A cancelled project is a completed one to most doors; the quick run tries those to which it is not. */
const isOtherWhenCancelled = (rule: Rule) =>
  actors.some((actor) => verdictOn(rule, actor, 'cancelled') !== verdictOn(rule, actor, 'completed'));

const later = projectStates.filter((state) => state !== 'active');
test.each(later)('T-A1 what the state of a project changes: %s', async (state) => {
  const things = await furnish(world, state);
  // Nobody else's message is in a draft.
  const rules = inProjects
    .filter(({ subject }) => state !== 'draft' || subject !== 'message')
    .filter((rule) => state !== 'cancelled' || tier !== 'fast' || isOtherWhenCancelled(rule));
  const present = actors.filter((actor) => state !== 'draft' || actor !== 'party');
  const isOk = (rule: Rule, actor: Actor) => verdictOn(rule, actor, state) === 'ok';
  for (const rule of rules) {
    await Promise.all(
      present
        .filter((actor) => !isOk(rule, actor))
        .map((actor) => tryCall(rule, actor, things, verdictOn(rule, actor, state))),
    );
  }
  for (const rule of rules) {
    const allowed = present.filter((actor) => isOk(rule, actor) && !(spends(rule) && actor === 'writeToken'));
    await Promise.all(
      allowed.map(async (actor) => tryCall(rule, actor, spends(rule) ? await furnish(world, state) : things, 'ok')),
    );
  }
});

async function socketOf(actor: Actor): Promise<TestSocket> {
  const headers = headersOf(world, actor);
  const token = headers['authorization']?.slice('Bearer '.length);
  const socket = token ? connect(world.base, {}, { token }) : connect(world.base, { ...headers, origin: world.base });
  await connected(socket);
  return socket;
}

const emit = (socket: TestSocket, door: string, payload: unknown) =>
  (socket as unknown as { emitWithAck(name: string, payload: unknown): Promise<Answer<unknown>> }).emitWithAck(
    door,
    payload,
  );

test('T-A2 A17 every socket event for everybody, with and without an acknowledgement', async () => {
  const deleted = await furnish(world, 'deleted');
  for (const actor of actors.filter((it) => it !== 'anonymous')) {
    const socket = await socketOf(actor);
    const heard: string[] = [];
    socket.onAny(
      (name: string, { roomId }: { roomId?: string }) =>
        void (roomId && roomId !== own.roomId && heard.push(`${name} ${roomId}`)),
    );
    for (const rule of policy.filter(isEvent)) {
      const attempt = async (things: Things, expected: Verdict, state: ProjectState = 'active') => {
        const { body } = await askFor(rule, things, world, personOf(world, actor));
        const answer = await emit(socket, rule.door, body);
        const said = `${actor}: ${rule.door} in ${state} → ${JSON.stringify(answer).slice(0, 300)}`;
        expect(answer.ok ? 'ok' : answer.error.code, said).toBe(expected);
        return JSON.stringify(answer);
      };
      const verdict = verdictOn(rule, actor);
      await attempt(own, verdict);
      if (rule.subject === 'nothing') continue;
      await attempt(deleted, verdictOn(rule, actor, 'deleted'), 'deleted');
      const refusal = verdictElsewhere(rule, actor);
      const said = [...foreignTo(rule), nowhere()].map((things) => attempt(things, refusal));
      expect(new Set(await Promise.all(said)).size, `${actor}: ${rule.door}`).toBe(1);
      await refusedSilently(socket, rule, actor);
    }
    expect(
      heard.filter((it) => [elsewhere, inbox].some(({ roomId }) => it.endsWith(roomId))),
      actor,
    ).toEqual([]);
    socket.disconnect();
  }
});

/** Without an acknowledgement there is nobody to answer: nothing may happen either. */
async function refusedSilently(socket: TestSocket, rule: Rule, actor: Actor): Promise<void> {
  const before = await factCount();
  const { body } = await askFor(rule, elsewhere, world, personOf(world, actor));
  (socket as unknown as { emit(name: string, payload: unknown): void }).emit(rule.door, body);
  // The answer to a later event shows that the earlier one was handled.
  await emit(socket, 'presence.set', { status: 'online' });
  expect(await factCount()).toBe(before);
}

test('T-A3 A13 a socket that nobody proved to be anybody is refused, and what it sends before that does nothing', async () => {
  const before = await factCount();
  for (const [headers, auth] of [
    [{}, {}],
    [{ cookie: 'safesend_session=abcdefghijklmnopqrstuvwxyz', origin: world.base }, {}],
    [{}, { token: 'not-a-token' }],
    [{}, { token: '' }],
  ] as [Record<string, string>, Record<string, string>][]) {
    const socket = connect(world.base, headers, auth);
    for (const rule of policy.filter(isEvent)) {
      const { body } = await askFor(rule, own, world, null);
      (socket as unknown as { emit(name: string, payload: unknown, ack: () => void): void }).emit(
        rule.door,
        body,
        () => {
          throw new Error(`${rule.door} was answered`);
        },
      );
    }
    await expect(connected(socket)).rejects.toMatchObject({ data: { code: 'unauthenticated' } });
    socket.disconnect();
  }
  expect(await factCount()).toBe(before);
});

test('L6 the time of an answer does not tell a foreign thing from a missing one', async () => {
  for (const door of ['GET /api/v1/rooms/{roomId}', 'GET /api/v1/projects/{projectId}']) {
    const rule = policy.find((it) => it.door === door) as Rule;
    // A busy machine blurs a round; a difference that is really there shows in every one.
    let difference = Infinity;
    for (let round = 0; round < 6 && difference >= 5; round++) difference = await measure(rule);
    expect(difference, door).toBeLessThan(5);
  }
});

/** By how many milliseconds the medians of the two differ, asked in turns. */
async function measure(rule: Rule): Promise<number> {
  const times: [number[], number[]] = [[], []];
  for (let n = 0; n < 40; n++) {
    const begun = performance.now();
    await tryCall(rule, 'stranger', n % 2 ? elsewhere : nowhere(), 'missing');
    times[n % 2 ? 0 : 1].push(performance.now() - begun);
  }
  const [foreign, random] = times.map((it) => it.toSorted((a, b) => a - b)[it.length / 2] ?? 0);
  return Math.abs((foreign ?? 0) - (random ?? 0));
}
