import { newId } from '@safesend/shared/ids.ts';
import * as rooms from '@safesend/shared/rooms/calls.ts';
import { expect, onTestFinished, test } from 'vitest';
import { freePort } from '../src/kernel/postgres/cluster.ts';
import { archiveOf, newPlace, restoreInto, rowsOf } from './archives.ts';
import { comparable } from './comparable.ts';
import { LiveClient, type Ack } from './faults/live-client.ts';
import { projectOf, signUp, startTestApp, type Person } from './harness.ts';
import { mailTo } from './mails.ts';

interface Link {
  readonly room_id: string;
  readonly seq: number;
  readonly hash: string;
}
/** A busy machine may take its time; what is promised is what comes of it. */
const patient = { timeout: 20_000 };
const links = 'select room_id, seq::int as seq, hash from facts order by room_id, seq';

test('U09 G4 a busy instance, restored from an older backup: what was acknowledged before it is there, open clients recover by themselves, no command happens twice', async () => {
  const [old, place] = [await newPlace(), await newPlace()];
  const environment = { PORT: String(await freePort()) };
  // Nobody works here, so every mail is still waiting when the backup is made.
  const before = await startTestApp({ ...old, environment: { ...environment, ROLES: 'web' } });
  const people = [await signUp(before), await signUp(before, 'freelancer')] as const;
  const projects = [await projectOf(...people), await projectOf(...people)];
  const clients = people.map((person) => follower(person, before.url));
  onTestFinished(() => clients.forEach((client) => client.close()));
  for (const client of clients) for (const { roomId } of projects) await client.follow(roomId);

  let writing = true;
  const write = async (client: LiveClient, roomId: string) => {
    for (let n = 1; writing; n++) await client.post(roomId, `${client.person.user.username} ${n}`);
  };
  const writers = clients.flatMap((client) => projects.map(({ roomId }) => write(client, roomId)));
  const acks = () => clients.flatMap((client) => client.acks);
  await expect.poll(() => acks().length, patient).toBeGreaterThan(40);
  const acknowledged = [...acks()];
  const archive = await archiveOf(old);
  const during = acks().length;
  await expect.poll(() => acks().length, patient).toBeGreaterThan(during + 40);
  writing = false;
  await Promise.all(writers);
  const views = clients.flatMap((client) =>
    [...client.views.values()].map((view) => ({ person: client.person, view })),
  );
  const heads = () => views.map(({ view }) => view.headSeq);
  await expect
    .poll(() => new Set(views.map(({ view }) => `${view.roomId} ${view.headSeq}`)).size, patient)
    .toBe(projects.length);
  const seen = heads();
  // One sleeps through it all, and wakes when the other history has grown past where he stood.
  const sleeper = clients[0]?.views.get(projects[0]?.roomId ?? '');
  clients[0]?.away();
  await before.close();

  await restoreInto(place, archive);
  const restored = await rowsOf<Link>(place, links);
  const was = await rowsOf<Link>(old, links);
  const places = new Set(was.map(identity));
  expect(
    restored.filter((link) => !places.has(identity(link))),
    'facts of the restored log that never were',
  ).toEqual([]);
  expect(restored.length, 'facts after the backup are gone').toBeLessThan(was.length);
  const kept = new Set(restored.map(identity));
  const lost = acknowledged.filter((ack) => !kept.has(identity({ ...ack, room_id: ack.roomId })));
  expect(lost, 'acknowledged before the backup').toEqual([]);

  const after = await startTestApp({ ...place, environment });
  onTestFinished(() => after.close());
  const { headSeq: stoodAt = 0, roomId: grown = '' } = sleeper ?? {};
  for (let head = 0; head <= stoodAt;) {
    const { event } = await people[1].must(rooms.postMessage, {
      params: { roomId: grown },
      body: { commandId: newId(), body: `another history ${newId()}` },
    });
    head = event.seq;
  }
  clients[0]?.back();
  await expect.poll(() => views.map(({ view }) => view.resets), patient).toEqual(views.map(() => 1));
  await expect
    .poll(() => views.every(({ view }, at) => view.roomId === grown || view.headSeq < (seen[at] ?? 0)), patient)
    .toBe(true);
  const gone = acks().find((ack) => !kept.has(identity({ ...ack, room_id: ack.roomId }))) as Ack;
  const stays = acknowledged[0] as Ack;
  await repeat(people, stays, true);
  await repeat(people, gone, false);
  for (const { person, view } of views) {
    const fresh = await person.must(rooms.getRoom, { params: { roomId: view.roomId } });
    await expect.poll(() => view.headSeq, patient).toBe(fresh.headSeq);
    expect(comparable(view.state)).toEqual(comparable(fresh));
    expect(view.resets, 'one fresh view is enough').toBe(1);
  }
  const copies = await rowsOf<{ body: string }>(
    place,
    `select data->>'body' as body from facts join fact_payloads using (room_id, seq) where type = 'message.posted' group by 1, room_id having count(*) > 1`,
  );
  expect(copies, 'stored twice').toEqual([]);
  for (const { user } of people) await mailTo(after, user.email, /./);
}, 120_000);

function follower(person: Person, origin: string): LiveClient {
  return new LiveClient(person, { findUrl: () => person.base, origin, random: Math.random });
}

function identity({ room_id, seq, hash }: Link): string {
  return `${room_id} ${seq} ${hash}`;
}

/** Sends a command of before the restore again, twice: it happens once in all, and a kept one answers as it did then. */
async function repeat(people: readonly Person[], { roomId, commandId, body, seq, eventId }: Ack, isKept: boolean) {
  const sender = people.find(({ user }) => body.startsWith(`${user.username} `));
  if (!sender) throw new Error('nobody said that');
  const answers = [];
  for (let times = 0; times < 2; times++)
    answers.push(await sender.must(rooms.postMessage, { params: { roomId }, body: { commandId, body } }));
  const [first, second] = answers.map(({ event }) => ({ seq: event.seq, id: event.id }));
  expect(second).toEqual(first);
  if (isKept) expect(first).toEqual({ seq, id: eventId });
  else expect(first?.id).not.toBe(eventId);
  await expect(
    sender.call(rooms.postMessage, { params: { roomId }, body: { commandId: newId(), body: `${body} new` } }),
  ).resolves.toMatchObject({ status: 201 });
}
