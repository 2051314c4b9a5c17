import { expect, test } from 'vitest';
import { patience } from '../tier.ts';
import { Bench, type BenchSettings } from './bench.ts';
import { examine } from './checkers.ts';

interface FaultSettings extends BenchSettings {
  /** What the promise rests on: with it taken away the test must fail. */
  readonly without: NonNullable<BenchSettings['without']>;
  /** Milliseconds at the fast tier; more trials get more. */
  readonly timeout?: number;
}

/** `npm run test:faults -- --prove`: every test without its mechanism, where red is green. */
const isProving = process.env['FAULTS_PROVE'] === '1';

/**
 * One fault on a bench of its own. When the work is done every client must come to the head of its rooms within five
 * seconds, and then every checker must find nothing.
 */
export function faultTest(title: string, settings: FaultSettings, work: (bench: Bench) => Promise<void>): void {
  const { without, timeout = 60_000, ...rest } = settings;
  const name = isProving ? `${title} — is noticed without ${without}` : title;
  test(name, { timeout: patience(timeout) }, async () => {
    const bench = new Bench({ ...rest, without: isProving ? without : null });
    try {
      await bench.open();
      const run = carryOut(bench, work);
      if (isProving) bench.note('noticed by', await complaintOf(run));
      else await run;
    } finally {
      report(name, bench);
      await bench.close();
    }
  });
}

/** Only a broken expectation counts: a bench that falls over proves nothing. */
async function complaintOf(run: Promise<void>): Promise<string> {
  const problem: unknown = await run.then(
    () => 'nothing',
    (error: unknown) => error,
  );
  expect(problem).toBeInstanceOf(Error);
  expect((problem as Error).name).toBe('AssertionError');
  return (problem as Error).message.split('\n', 1)[0] ?? '';
}

async function carryOut(bench: Bench, work: (bench: Bench) => Promise<void>): Promise<void> {
  await work(bench);
  await converged(bench);
  const findings = await examine(bench);
  expect(findings).toEqual(Object.fromEntries(Object.keys(findings).map((name) => [name, []])));
}

/** Everybody sees everything within the five seconds that are promised when nothing is broken any more. */
export async function converged(bench: Bench, timeout = 10_000): Promise<void> {
  const behind = async () => {
    const rows = await bench.sql<{ room_id: string; seq: number }>(
      'select room_id, seq::float8 as seq from room_heads',
    );
    const heads = new Map(rows.map(({ room_id, seq }) => [room_id, seq]));
    return bench.clients
      .filter(({ isSignedOut }) => !isSignedOut)
      .flatMap((client) => [...client.views.values()])
      .filter((view) => view.closed === null && view.headSeq !== heads.get(view.roomId)).length;
  };
  await expect.poll(behind, { timeout, interval: 100, message: 'clients behind the head of their room' }).toBe(0);
}

function report(name: string, { chance, figures }: Bench): void {
  const told = Object.entries(figures).map(([figure, value]) => `${figure} ${value}`);
  process.stdout.write(`${name}\n    ${[`seed ${chance.seed}`, ...told].join(' · ')}\n`);
}
