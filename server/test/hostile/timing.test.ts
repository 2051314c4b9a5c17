import * as accounts from '@safesend/shared/accounts/calls.ts';
import * as projects from '@safesend/shared/projects/calls.ts';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { projectOf, send, signUp, startTestApp, type Person, type TestApp } from '../harness.ts';
import { patience, tier, trials } from '../tier.ts';
import { password } from './asks/ask.ts';

let app: TestApp;
let base: string;
let owner: Person;
let known: string;
const unknown = 'nobody-at-all@example.com';

beforeAll(async () => {
  app = await startTestApp();
  base = `http://127.0.0.1:${app.port}`;
  owner = await signUp(app);
  const guest = await signUp(app, 'freelancer', 'somebody-here');
  known = guest.user.email;
  await app.sql('update users set email_verified_at = created_at where id = $1', [guest.id]);
});
afterAll(() => app.close());

type Times = Readonly<Record<'known' | 'unknown', number[]>>;

/** How long the work takes for an address with an account and one without, in turn, after a warm-up. Milliseconds. */
async function compare(work: (email: string) => Promise<number>): Promise<Times> {
  const times: Times = { known: [], unknown: [] };
  const rounds = trials(300);
  for (let round = -Math.ceil(rounds / 10); round < rounds; round++) {
    const order = round % 2 === 0 ? (['known', 'unknown'] as const) : (['unknown', 'known'] as const);
    for (const which of order) {
      const took = await work(which === 'known' ? known : unknown);
      if (round >= 0) times[which].push(took);
    }
  }
  return times;
}

async function timed(ask: () => Promise<{ readonly status: number }>, status: number): Promise<number> {
  const start = performance.now();
  const answer = await ask();
  const took = performance.now() - start;
  expect(answer.status).toBe(status);
  return took;
}

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

/** How often somebody who guesses by the clock is right: 0.5 is chance. */
function advantage({ known, unknown }: Times): number {
  const wins = known.flatMap((a) => unknown.map((b): number => (a > b ? 1 : a === b ? 0.5 : 0)));
  const auc = wins.reduce((sum, win) => sum + win, 0) / wins.length;
  return Math.max(auc, 1 - auc);
}

/** The figures mean something with many trials only; with few, work that is left out still shows. */
function expectAlike(name: string, times: Times): void {
  const [a, b] = [median(times.known), median(times.unknown)];
  const figures = `${name}: known ${a.toFixed(2)} ms, unknown ${b.toFixed(2)} ms, AUC ${advantage(times).toFixed(3)}`;
  if (tier === 'long') {
    expect(Math.abs(a - b) < 5 || Math.abs(a - b) < 0.05 * Math.max(a, b), figures).toBe(true);
    expect(advantage(times), figures).toBeLessThan(0.6);
  } else expect(Math.min(a, b), figures).toBeGreaterThan(Math.max(a, b) / 3);
}

test(
  'T-S8 signing in takes the same time for a wrong password and an unknown address',
  { timeout: patience(10_000) },
  async () => {
    const ask = (email: string) => timed(() => send(base, accounts.login, { body: { email, password: 'wrong' } }), 401);
    expectAlike('sign-in', await compare(ask));
  },
);

test(
  'T-S8 asking for a reset takes the same time for a known and an unknown address',
  { timeout: patience(10_000) },
  async () => {
    const ask = (email: string) => timed(() => send(base, accounts.requestPasswordReset, { body: { email } }), 204);
    expectAlike('reset', await compare(ask));
  },
);

test(
  'T-S8 inviting takes the same time for a known and an unknown address',
  { timeout: patience(10_000) },
  async () => {
    const params = { projectId: (await projectOf(owner)).id };
    const ask = async (email: string) => {
      const took = await timed(() => owner.call(projects.invite, { params, body: { email, role: 'freelancer' } }), 201);
      const { items } = await owner.must(projects.listProjectInvitations, { params, query: { limit: 1 } });
      await owner.must(projects.revokeInvitation, { params: { invitationId: items[0]?.id ?? '' } });
      return took;
    };
    expectAlike('invite', await compare(ask));
  },
);

test('T-S15 fifty sign-ins at once leave the process awake, and nobody waits for long', async () => {
  const people = await Promise.all(Array.from({ length: 10 }, () => signUp(app)));
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  const waits = await Promise.all(
    Array.from({ length: 50 }, (_, turn) => {
      const email = people[turn % people.length]?.user.email ?? '';
      return timed(() => send(base, accounts.login, { body: { email, password } }), 200);
    }),
  );
  delay.disable();
  const p99 = delay.percentile(99) / 1e6;
  const slowest = Math.max(...waits);
  const figures = `loop delay p99 ${p99.toFixed(1)} ms, slowest ${slowest.toFixed(0)} ms`;
  if (tier !== 'long') return;
  expect(p99, figures).toBeLessThan(100);
  expect(slowest, figures).toBeLessThan(1_000);
});
