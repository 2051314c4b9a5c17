import { advanceClock } from '@safesend/shared/clock.ts';
import * as files from '@safesend/shared/files/calls.ts';
import { evidenceDays } from '@safesend/shared/files/limits.ts';
import { listDeliveries } from '@safesend/shared/projects/calls.ts';
import * as money from '@safesend/shared/projects/money-calls.ts';
import * as rooms from '@safesend/shared/rooms/calls.ts';
import { newId } from '@safesend/shared/ids.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { getContent, mustDrop, openUpload } from '../../../../test/drops.ts';
import { projectOf, send, signUp, startTestApp, type TestApp } from '../../../../test/harness.ts';
import * as m from '../../../../test/money.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

/** A funded milestone for which the freelancer has handed in a file. */
async function handedIn(deal: m.Deal, name: string) {
  const { milestoneId, paymentId } = await m.fund(deal);
  const { fileId, version } = await mustDrop(deal.freelancer, { roomId: deal.roomId, name, content: name });
  const { sha256 } = (await deal.client.must(files.getFile, { params: { fileId } })).file.current;
  const { milestone } = await deal.freelancer.must(money.submitMilestone, {
    params: { milestoneId },
    body: { note: 'Done', files: [{ fileId, version, sha256 }] },
  });
  return { milestoneId, paymentId, fileId, submissionId: milestone.submission?.id ?? '' };
}

const remove = ({ freelancer }: m.Deal, fileId: string) => freelancer.call(files.removeFile, { params: { fileId } });
const problemOf = async (answer: { readonly status: number; readonly body: unknown }) =>
  `${answer.status} ${JSON.stringify(answer.body)}`;

test('H03 H12 what was handed in stays while its money is in dispute, and both sides are told why', async () => {
  const deal = await m.makeDeal(app);
  const { freelancer, client, roomId } = deal;
  const { fileId, paymentId } = await handedIn(deal, 'logo.txt');
  await m.drive(deal, paymentId, 'chargeback');
  for (const who of [freelancer, client]) {
    const refused = await who.call(files.removeFile, { params: { fileId } });
    expect(await problemOf(refused)).toMatch(/^409 .*evidence.*Design.*in dispute/);
  }
  const { fileId: otherId } = await mustDrop(freelancer, { roomId, name: 'other.txt' });
  const joined = await freelancer.call(files.joinFile, { params: { fileId: otherId }, body: { fileId } });
  expect(await problemOf(joined), 'it does not go into another file either').toMatch(/^409 .*evidence/);
  expect((await getContent(client, fileId)).status).toBe(200);
  await freelancer.must(files.removeFile, { params: { fileId: otherId } });
  await m.drive(deal, paymentId, 'chargeback_won');
  expect(await problemOf(await remove(deal, fileId)), 'won, and still to be decided').toMatch(/^409 .*not settled/);
});

test('H03 H12 what was handed in stays when its money was charged back, and a newer version changes nothing of that', async () => {
  const deal = await m.makeDeal(app);
  const { fileId, paymentId } = await handedIn(deal, 'map.txt');
  await m.drive(deal, paymentId, 'chargeback');
  await mustDrop(deal.freelancer, { roomId: deal.roomId, fileId, content: 'another map' });
  await m.drive(deal, paymentId, 'chargeback_lost');
  expect(await problemOf(await remove(deal, fileId))).toMatch(/^409 .*evidence.*charged back/);
  expect(await (await getContent(deal.client, fileId, 1)).text()).toBe('map.txt');
});

test('T-A17 H03 a message that goes leaves the evidence it brought, and takes along the rest', async () => {
  const deal = await m.makeDeal(app);
  const { freelancer, client, roomId } = deal;
  const { fileId, paymentId } = await handedIn(deal, 'proof.txt');
  const { fileId: otherId } = await mustDrop(freelancer, { roomId, name: 'beside.txt' });
  const cited = [fileId, otherId].map((it) => ({ fileId: it, version: 1 }));
  const { event } = await freelancer.must(rooms.postMessage, {
    params: { roomId },
    body: { commandId: newId(), body: 'Here it is', files: cited },
  });
  await m.drive(deal, paymentId, 'chargeback');
  const { id: messageId } = event.data as { id: string };
  await freelancer.must(rooms.deleteMessage, { params: { roomId, messageId } });
  expect((await getContent(client, fileId)).status).toBe(200);
  expect((await getContent(client, otherId)).status).toBe(404);
});

const evidenceOf = async ({ client }: m.Deal, fileId: string) =>
  (await client.must(files.getFile, { params: { fileId } })).evidence;
/** Sessions would not last as long as a bank may take its time. */
async function pass(days: number): Promise<void> {
  await app.sql(
    `update sessions set expires_at = expires_at + make_interval(days => $1),
       absolute_expires_at = absolute_expires_at + make_interval(days => $1)`,
    [days],
  );
  await send(`http://127.0.0.1:${app.port}`, advanceClock, { body: { advanceSeconds: days * 86_400 } });
}
const daysFromNow = async (moment: string | null | undefined) => {
  const [row] = await app.sql<{ days: number }>(
    'select round(extract(epoch from $1::timestamptz - product_now()) / 86400)::int as days',
    [moment],
  );
  return row?.days;
};

test('H03 H12 what was handed in stays until its money is settled and no bank can take it back; then it goes with its bytes and its quota', async () => {
  const deal = await m.makeDeal(app);
  const { client, freelancer, roomId } = deal;
  const used = async () => (await freelancer.must(files.getStorage, { params: { roomId } })).room.usedBytes;
  const { fileId, milestoneId, submissionId } = await handedIn(deal, 'kept.txt');
  expect(await evidenceOf(deal, fileId)).toEqual({ milestoneTitle: 'Design', state: 'unsettled', until: null });
  for (const who of [freelancer, client]) {
    const refused = await who.call(files.removeFile, { params: { fileId } });
    expect(await problemOf(refused)).toMatch(/^409 .*“Design”, whose money is not settled/);
  }
  const { fileId: otherId } = await mustDrop(freelancer, { roomId, name: 'other.txt', content: 'other' });
  expect((await freelancer.call(files.joinFile, { params: { fileId: otherId }, body: { fileId } })).status).toBe(409);
  expect((await m.approve(deal, milestoneId, submissionId)).status).toBe(201);
  await m.settled(deal, milestoneId, 'released');
  const recent = await evidenceOf(deal, fileId);
  expect(recent).toMatchObject({ state: 'recent', milestoneTitle: 'Design' });
  expect(await daysFromNow(recent?.until)).toBe(evidenceDays);
  expect(await problemOf(await remove(deal, fileId))).toContain(`It stays until ${recent?.until?.slice(0, 10) ?? ''}.`);
  await pass(evidenceDays - 1);
  expect((await remove(deal, fileId)).status).toBe(409);
  expect((await getContent(client, fileId)).status).toBe(200);
  expect(await used(), 'it is there, and counts').toBe('kept.txt'.length + 'other'.length);
  await pass(2);
  expect(await evidenceOf(deal, fileId)).toBeNull();
  expect((await remove(deal, fileId)).status).toBe(204);
  expect((await getContent(client, fileId)).status).toBe(404);
  expect(await used()).toBe('other'.length);
});

test('H03 H12 money that went back is settled too, and what a bank decides later begins the wait again', async () => {
  const deal = await m.makeDeal(app);
  const returned = await handedIn(deal, 'returned.txt');
  expect((await m.refund(deal, returned.milestoneId, 100_000)).status).toBe(201);
  await m.settled(deal, returned.milestoneId, 'refunded');
  expect(await evidenceOf(deal, returned.fileId)).toMatchObject({ state: 'recent' });
  const paid = await handedIn(deal, 'paid.txt');
  await m.approve(deal, paid.milestoneId, paid.submissionId);
  await m.settled(deal, paid.milestoneId, 'released');
  await pass(100);
  await m.drive(deal, paid.paymentId, 'chargeback');
  await pass(30);
  expect(await evidenceOf(deal, returned.fileId), 'that was long enough').toBeNull();
  expect(await evidenceOf(deal, paid.fileId)).toMatchObject({ state: 'disputed', until: null });
  await m.drive(deal, paid.paymentId, 'chargeback_won');
  expect(await daysFromNow((await evidenceOf(deal, paid.fileId))?.until)).toBe(evidenceDays);
});

test('H03 a file that was handed in twice stays for the milestone that needs it longest', async () => {
  const deal = await m.makeDeal(app);
  const first = await handedIn(deal, 'twice.txt');
  await m.approve(deal, first.milestoneId, first.submissionId);
  await m.settled(deal, first.milestoneId, 'released');
  const { milestoneId } = await m.fund(deal);
  const { sha256, version } = (await deal.client.must(files.getFile, { params: { fileId: first.fileId } })).file
    .current;
  await deal.freelancer.must(money.submitMilestone, {
    params: { milestoneId },
    body: { note: 'The same again', files: [{ fileId: first.fileId, version, sha256 }] },
  });
  await pass(evidenceDays + 1);
  await m.settled(deal, milestoneId, 'released');
  expect(await evidenceOf(deal, first.fileId), 'the review ended by itself').toMatchObject({ state: 'recent' });
});

test('H02 H12 files are listed by the milestone they were handed in for, and such milestones to their rooms alone', async () => {
  const deal = await m.makeDeal(app);
  const { client, freelancer, roomId } = deal;
  const [first, second] = [await handedIn(deal, 'first.txt'), await handedIn(deal, 'second.txt')];
  await mustDrop(freelancer, { roomId, name: 'neither.txt' });
  const namesOf = async (query: Record<string, string>) =>
    (await client.must(files.listFiles, { query })).items.map(({ name }) => name);
  expect(await namesOf({ milestoneId: first.milestoneId })).toEqual(['first.txt']);
  expect(await namesOf({ milestoneId: second.milestoneId, q: 'sec' })).toEqual(['second.txt']);
  expect(await namesOf({ milestoneId: newId() })).toEqual([]);
  const { items, nextCursor } = await client.must(listDeliveries, { query: { limit: 1 } });
  const rest = await client.must(listDeliveries, { query: { cursor: nextCursor ?? '' } });
  expect([...items, ...rest.items].map(({ milestoneId }) => milestoneId)).toEqual([
    second.milestoneId,
    first.milestoneId,
  ]);
  expect(items[0]).toMatchObject({ roomId, title: 'Design' });
  const stranger = await signUp(app);
  expect((await stranger.must(listDeliveries)).items).toEqual([]);
  expect((await stranger.must(files.listFiles, { query: { milestoneId: first.milestoneId } })).items).toEqual([]);
});

test('T-B22 H12 what was handed in stays for both sides, and does not count against who is no longer in its room', async () => {
  const deal = await m.makeDeal(app);
  const { client, freelancer } = deal;
  const { milestoneId, submissionId, fileId } = await handedIn(deal, 'a work of some length.txt');
  const { roomId: elsewhere } = await projectOf(await signUp(app, 'client'), freelancer);
  const used = async () => (await freelancer.must(files.getStorage, { params: { roomId: elsewhere } })).mine.usedBytes;
  const own = await mustDrop(freelancer, { roomId: deal.roomId, content: 'twenty bytes of mine' });
  const before = await used();
  await m.approve(deal, milestoneId, submissionId);
  await m.settled(deal, milestoneId, 'released');
  await client.must(rooms.removeMember, { params: { roomId: deal.roomId, userId: freelancer.id } });
  const { file } = await client.must(files.getFile, { params: { fileId } });
  expect((await client.call(files.removeFile, { params: { fileId } })).status, 'it is still evidence').toBe(409);
  expect(await used()).toBe(before - file.current.size);
  await app.sql('update storage_usage set limit_bytes = bytes where owner_id = $1', [freelancer.id]);
  const open = (size: number) => openUpload(freelancer, { roomId: elsewhere, name: 'next.bin', size });
  expect((await open(file.current.size + 1)).status).toBe(413);
  expect((await open(file.current.size)).status).toBe(201);
  expect((await open(1)).status).toBe(413);
  // What he left there of his own will counts until the owner of the project removes it.
  await client.must(files.removeFile, { params: { fileId: own.fileId } });
  expect((await open(20)).status).toBe(201);
});

test('X11 L6 a file of another room, or one that was removed, is not handed in', async () => {
  const [deal, other] = [await m.makeDeal(app), await m.makeDeal(app)];
  const { milestoneId } = await m.fund(deal);
  const dropped = async (who: m.Deal['freelancer'], roomId: string) => {
    const { fileId } = await mustDrop(who, { roomId, content: newId() });
    const { version, sha256: hash } = (await who.must(files.getFile, { params: { fileId } })).file.current;
    return { fileId, version, sha256: hash };
  };
  const handIn = (file: Awaited<ReturnType<typeof dropped>>) =>
    deal.freelancer.call(money.submitMilestone, { params: { milestoneId }, body: { note: 'Done', files: [file] } });
  expect((await handIn(await dropped(other.freelancer, other.roomId))).status, 'of another room').toBe(422);
  const gone = await dropped(deal.freelancer, deal.roomId);
  expect((await remove(deal, gone.fileId)).status).toBeLessThan(300);
  expect((await handIn(gone)).status, 'it was removed').toBe(422);
  expect((await handIn(await dropped(deal.freelancer, deal.roomId))).status).toBe(201);
});
