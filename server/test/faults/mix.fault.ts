import { expect } from 'vitest';
import { tier } from '../tier.ts';
import { act } from './actors.ts';
import { faultTest } from './fault-test.ts';
import { comingAndGoing, editors } from './folk.ts';
import * as misfortunes from './misfortunes.ts';
import { crowd, stream } from './stream.ts';
import { openTrade, settledBooks, traders } from './traders.ts';

const seconds = Number(process.env['FAULTS_SECONDS'] ?? { fast: 10, slow: 40, long: 3_600 }[tier]);

faultTest(
  'T-F36 everything at once, for as long as it takes: nothing is lost, doubled, reordered, leaked or unseen',
  {
    without: 'client:catch-up',
    nodes: 3,
    ownPostgres: true,
    environment: { ROLES: 'web,worker' },
    timeout: Math.max(180_000, seconds * 1_500),
  },
  async (bench) => {
    const people = await crowd(bench, 6);
    const [open] = people.rooms;
    if (!open) throw new Error('no room');
    const trade = await openTrade(bench);
    const cast = [
      misfortunes.servers,
      misfortunes.redis,
      misfortunes.redisWires,
      misfortunes.postgres,
      misfortunes.postgresWires,
      misfortunes.front,
      misfortunes.heldRooms(people.rooms.map(({ id }) => id)),
      editors(people.rooms),
      comingAndGoing(open),
      ...traders(trade),
    ];
    await stream(bench, people, 20, () => act(bench, cast, seconds), 100);
    await expect.poll(() => bench.nodes.every(({ isUp }) => isUp)).toBe(true);
    await settledBooks(bench);
  },
);
