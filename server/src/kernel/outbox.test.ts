import { expect, test } from 'vitest';
import type { Commit } from './append.ts';
import { Outbox } from './outbox.ts';

const commit = (...seqs: number[]): Commit => ({
  roomId: 'room',
  epoch: 'epoch',
  membersVersion: '1',
  events: seqs.map((seq) => ({ seq }) as Commit['events'][number]),
  recipients: [],
  expelled: [],
});

test('G4 what leaves together has no gap where another process wrote in between', async () => {
  const told: number[][] = [];
  const outbox = new Outbox(({ events }) => {
    told.push(events.map(({ seq }) => seq));
    // Telling that takes its time makes the next round wait, and what comes meanwhile may leave together.
    for (const until = performance.now() + 5; performance.now() < until;);
  });
  outbox.put([commit(1)]);
  outbox.put([commit(2), commit(3), commit(5), commit(4), commit(6)]);
  await expect.poll(() => told).toEqual([[1], [2, 3], [5], [4], [6]]);
});
