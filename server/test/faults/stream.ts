import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'vitest';
import type { Bench, Room } from './bench.ts';
import type { Ack, LiveClient } from './live-client.ts';

export interface Crowd {
  readonly rooms: readonly Room[];
  /** Who sits in which room, a client per seat. */
  readonly seats: readonly { readonly client: LiveClient; readonly room: Room }[];
}

/** Rooms of four people each, out of a handful of people, and a client for every seat. */
export async function crowd(bench: Bench, rooms: number): Promise<Crowd> {
  const people = await bench.folk(Math.min(10, rooms * 2 + 2));
  const opened: Room[] = [];
  for (let n = 0; n < rooms; n++) {
    const [owner, ...others] = [0, 1, 2, 3].map((place) => people[(n + place) % people.length]!);
    opened.push(await bench.room(owner!, ...others));
  }
  const seats = await Promise.all(
    opened.flatMap((room) =>
      room.members.map(async (person) => ({ room, client: await bench.follower(person, room) })),
    ),
  );
  return { rooms: opened, seats };
}

export interface Streamed {
  readonly acks: readonly Ack[];
  /** Milliseconds from the acknowledgement to the last of those who watched. */
  readonly slowestSight: number;
  readonly p99Ms: number;
}

/** Sends at an even pace while `meanwhile` does its harm, until both are done and everything is answered. */
export async function stream(
  bench: Bench,
  { seats }: Crowd,
  perSecond: number,
  meanwhile: () => Promise<unknown>,
  /** How many of a hundred messages may be told no before they are taken. */
  refusable = 1,
): Promise<Streamed> {
  let isOver = false;
  const harm = meanwhile().finally(() => (isOver = true));
  // Heard below, when the last message is on its way.
  harm.catch(() => undefined);
  const posts: Promise<Ack>[] = [];
  let answered = 0;
  const startedAt = performance.now();
  while (!isOver) {
    const due = Math.floor(((performance.now() - startedAt) / 1_000) * perSecond) + 1;
    while (posts.length < due) {
      const { client, room } = bench.chance.pick(seats);
      const posted = client.post(room.id, bench.text());
      // A test that fails elsewhere first has nobody left to hear of it.
      posted.then(
        () => (answered += 1),
        () => undefined,
      );
      posts.push(posted);
    }
    await pause(20);
  }
  await harm;
  // Where a mechanism is missing it is known sooner, and must be said before the test runs out of time.
  const timeout = bench.isProving ? 20_000 : 120_000;
  await expect.poll(() => posts.length - answered, { timeout, message: 'not answered' }).toBe(0);
  const acks = await Promise.all(posts);
  const streamed = {
    acks,
    slowestSight: await slowestSight(seats, acks),
    p99Ms: p99Of(acks.map(({ tookMs }) => tookMs)),
  };
  const refusals = seats.flatMap(({ client }) => client.refusals).length;
  bench.note('sent', acks.length);
  bench.note('retried', acks.filter(({ attempts }) => attempts > 1).length);
  bench.note('refused', refusals);
  bench.note('ack p99 ms', streamed.p99Ms);
  bench.note('slowest sight ms', streamed.slowestSight);
  expect(refusals, 'answers that said no').toBeLessThanOrEqual(Math.ceil((acks.length * refusable) / 100));
  return streamed;
}

async function slowestSight(seats: Crowd['seats'], acks: readonly Ack[]): Promise<number> {
  const unseen = () =>
    acks.flatMap((ack) => seats.filter(({ room, client }) => room.id === ack.roomId && !sightOf(client, ack))).length;
  await expect.poll(unseen, { timeout: 10_000, message: 'acknowledged, and not seen by everybody' }).toBe(0);
  const delays = acks.flatMap((ack) =>
    seats.filter(({ room }) => room.id === ack.roomId).map(({ client }) => (sightOf(client, ack) ?? 0) - ack.ackedAt),
  );
  // Hours of them are more than a call takes arguments.
  return delays.reduce((slowest, delay) => Math.max(slowest, delay), 0);
}

function sightOf(client: LiveClient, ack: Ack): number | undefined {
  return client.views.get(ack.roomId)?.shownAt.get(ack.body);
}

export function p99Of(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length * 0.99)] ?? 0;
}
