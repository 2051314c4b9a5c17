// After the flood: was every promise kept? Answers what was found wrong; nothing is the only good answer.
import { setTimeout as pause } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import * as rooms from '@safesend/shared/rooms/calls.ts';
import type { LoggedEvent } from '@safesend/shared/rooms/event.ts';
import type { Api } from './api.ts';
import { readSnapshot, type Listener } from './listener.ts';
import type { Crowd, Person } from './people.ts';
import type { Acked } from './talking.ts';

export async function verify(api: Api, crowd: Crowd, listener: Listener, acked: readonly Acked[]): Promise<string[]> {
  const log = await readLog(api, crowd.listener, crowd.roomId, listener.startedAfter);
  await untilSeen(listener, log.at(-1)?.seq ?? 0);
  return [
    ...gaps(log, listener.startedAfter),
    ...brokenPromises(log, acked),
    ...(crowd.areOurs ? strangers(log, acked) : []),
    ...differences(listener, log),
    ...(await divergence(api, crowd, listener)),
  ];
}

async function readLog(api: Api, { headers }: Person, roomId: string, from: number): Promise<LoggedEvent[]> {
  const log: LoggedEvent[] = [];
  for (let more = true; more;) {
    const query = { after: log.at(-1)?.seq ?? from, limit: 500 };
    const page = (await api.insist(rooms.listEvents, headers, { params: { roomId }, query })).body;
    log.push(...page.events);
    more = page.more;
  }
  return log;
}

async function untilSeen(listener: Listener, head: number): Promise<void> {
  for (let tries = 0; tries < 100 && listener.state.headSeq < head; tries++) await pause(100);
}

function gaps(log: readonly LoggedEvent[], from: number): string[] {
  const found: string[] = [];
  log.forEach((event, at) => {
    if (event.seq !== from + at + 1) found.push(`the log has ${event.seq} where ${from + at + 1} belongs`);
    const before = log[at - 1];
    if (before && event.prevHash !== before.hash) found.push(`fact ${event.seq} does not hang on fact ${before.seq}`);
  });
  return found.slice(0, 5);
}

/** Every acknowledged message lies where its acknowledgement said, once. */
function brokenPromises(log: readonly LoggedEvent[], acked: readonly Acked[]): string[] {
  const bySeq = new Map(log.map((event) => [event.seq, event]));
  const wrong = acked.filter(
    ({ seq, eventId, hash }) => bySeq.get(seq)?.id !== eventId || bySeq.get(seq)?.hash !== hash,
  );
  const found = wrong.slice(0, 5).map(({ seq }) => `the message acknowledged as ${seq} is not in the log there`);
  if (new Set(acked.map(({ seq }) => seq)).size < acked.length)
    found.push('two messages were acknowledged under one number');
  return found;
}

function strangers(log: readonly LoggedEvent[], acked: readonly Acked[]): string[] {
  const posted = log.filter(({ type }) => type === 'message.posted').length;
  return posted === acked.length ? [] : [`${acked.length} messages were acknowledged, the log has ${posted}`];
}

function differences({ seen }: Listener, log: readonly LoggedEvent[]): string[] {
  const found: string[] = [];
  if (seen.length !== log.length) found.push(`the log has ${log.length} facts, the screen showed ${seen.length}`);
  const at = log.findIndex(({ id }, place) => seen[place]?.id !== id);
  if (at >= 0) found.push(`the screen differs from the log at fact ${log[at]?.seq}`);
  return found;
}

/** What was folded from facts equals what the server says afresh. */
async function divergence(api: Api, crowd: Crowd, listener: Listener): Promise<string[]> {
  const { reads: _said, ...fresh } = await readSnapshot(api, crowd.listener, crowd.roomId);
  const { reads: _folded, ...folded } = listener.state;
  if (fresh.headSeq !== folded.headSeq) return [];
  return isDeepStrictEqual(JSON.parse(JSON.stringify(folded)), fresh)
    ? []
    : ['the screen differs from a fresh snapshot'];
}
