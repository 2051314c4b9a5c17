import * as files from '@safesend/shared/files/calls.ts';
import { listDeliveries } from '@safesend/shared/projects/calls.ts';
import * as money from '@safesend/shared/projects/money-calls.ts';
import * as rooms from '@safesend/shared/rooms/calls.ts';
import { newId } from '@safesend/shared/ids.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { getContent, mustDrop } from '../../../../test/drops.ts';
import { signUp, startTestApp, type TestApp } from '../../../../test/harness.ts';
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
  await deal.freelancer.must(money.submitMilestone, {
    params: { milestoneId },
    body: { note: 'Done', files: [{ fileId, version, sha256 }] },
  });
  return { milestoneId, paymentId, fileId };
}

const remove = ({ freelancer }: m.Deal, fileId: string) => freelancer.call(files.removeFile, { params: { fileId } });
const problemOf = async (answer: { readonly status: number; readonly body: unknown }) =>
  `${answer.status} ${JSON.stringify(answer.body)}`;

test('H03 H12 what was handed in stays while its money is in dispute, the refusal says why, and it may go when it is won', async () => {
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
  expect((await remove(deal, fileId)).status).toBe(204);
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

test('H03 a file of a milestone whose money nobody contests may be removed', async () => {
  const deal = await m.makeDeal(app);
  const { fileId } = await handedIn(deal, 'draft.txt');
  expect((await remove(deal, fileId)).status).toBe(204);
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
