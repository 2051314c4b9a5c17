import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { expect } from 'vitest';
import { trials } from '../tier.ts';
import type { Bench } from './bench.ts';
import { faultTest } from './fault-test.ts';

/** Every connection that Postgres gives to anybody. */
async function takeEverything({ databaseUrl }: Bench): Promise<pg.Client[]> {
  const taken: pg.Client[] = [];
  for (;;) {
    const client = new pg.Client({ connectionString: databaseUrl });
    client.on('error', () => undefined);
    try {
      await client.connect();
    } catch (error) {
      expect((error as { code?: string }).code).toBe('53300');
      return taken;
    }
    taken.push(client);
  }
}

faultTest(
  'T-F9 a start while Postgres is away, restarts, is full or comes and goes waits for it, and serves',
  { without: 'start-patience', nodes: 1, ownPostgres: true, timeout: 90_000 },
  async (bench) => {
    const [owner] = await bench.folk(1);
    if (!owner) throw new Error('nobody came');
    const room = await bench.room(owner);
    const node = bench.node(0);
    const [wire] = bench.postgresWires;
    const troubles: Record<string, () => Promise<unknown>> = {
      away: async () => {
        wire?.set('cut');
        await pause(3_000);
        wire?.set('pass');
      },
      restarting: () => bench.restartPostgres('immediate'),
      full: async () => {
        const taken = await takeEverything(bench);
        await pause(3_000);
        await Promise.all(taken.map((client) => client.end()));
      },
      'coming and going': async () => {
        // Each part of a start meets it sooner or later.
        for (const until = performance.now() + 3_000; performance.now() < until;) {
          await pause(bench.chance.between(50, 600));
          wire?.set('cut');
          await pause(bench.chance.between(10, 400));
          wire?.set('pass');
        }
      },
    };
    for (const [name, happen] of Object.entries(troubles)) {
      for (let trial = 0; trial < (name === 'coming and going' ? trials(30) : 1); trial++) {
        await node.kill();
        const over = happen();
        const started = node.start().catch((error: Error) => error);
        await over;
        expect(await started, `${name}: it must serve`).toBeUndefined();
        await bench.post(owner, room);
      }
    }
  },
);
