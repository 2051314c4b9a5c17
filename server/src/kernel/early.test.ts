import type { RoomEvent } from '@safesend/shared/rooms/event.ts';
import { expect, test } from 'vitest';
import { EarlyFacts, joined } from './early.ts';

const told = (...seqs: number[]) => ({
  events: seqs.map((seq) => ({ seq }) as RoomEvent),
  recipients: [`receives ${seqs.join(' ')}`],
});
const seqsOf = (early: EarlyFacts, delivered: number) =>
  early.takeFollowing(delivered).map(({ events }) => events.map(({ seq }) => seq));

test('G4 what came too early leaves in order once the gap is closed, each with its own recipients', () => {
  const early = new EarlyFacts(() => undefined);
  for (const facts of [told(7, 8), told(5), told(10)]) early.keep(facts);
  expect(seqsOf(early, 3)).toEqual([]);
  const following = early.takeFollowing(4);
  expect(following.map(({ recipients }) => recipients[0])).toEqual(['receives 5']);
  expect(seqsOf(early, 6)).toEqual([[7, 8]]);
  expect(seqsOf(early, 9)).toEqual([[10]]);
  expect(early.drop()).toBe(0);
});

test('G4 what was delivered by then does not leave again', () => {
  const early = new EarlyFacts(() => undefined);
  for (const facts of [told(7, 8), told(5, 6, 7)]) early.keep(facts);
  expect(seqsOf(early, 5)).toEqual([[6, 7], [8]]);
  expect(seqsOf(early, 8)).toEqual([]);
});

test('G4 G6 a gap that stays open is given up, and says how far the facts behind it reached', async () => {
  const reached = await new Promise<number>((resolve) => {
    const early = new EarlyFacts(() => resolve(early.drop()));
    for (const facts of [told(5), told(9), told(7)]) early.keep(facts);
  });
  expect(reached).toBe(9);
});

test('G4 L12 neighbours leave as one frame when they are for the same people, and only then', () => {
  const at = (seq: number, ...recipients: string[]) => ({ events: [{ seq } as RoomEvent], recipients });
  const frames = joined([at(1, 'a', 'b'), at(2, 'a', 'b'), at(3, 'a'), at(4, 'a', 'b')]);
  expect(frames.map(({ events, recipients }) => [events.map(({ seq }) => seq), recipients])).toEqual([
    [
      [1, 2],
      ['a', 'b'],
    ],
    [[3], ['a']],
    [[4], ['a', 'b']],
  ]);
});
