import { newId } from '@safesend/shared/ids.ts';
import * as calls from '@safesend/shared/projects/money-calls.ts';
import { removeMember } from '@safesend/shared/rooms/calls.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { joinProject, signUp, startTestApp, type Person, type TestApp } from '../../../../test/harness.ts';
import * as m from '../../../../test/money.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(async () => {
  await app.close();
});

async function askChanges({ client }: m.Deal, milestoneId: string, submissionId: string, reason: string) {
  await client.must(calls.requestChanges, { params: { milestoneId }, body: { submissionId, reason } });
}

async function agreeOn(deal: m.Deal, milestoneId: string, title: string) {
  const { milestone } = await deal.client.must(calls.proposeChange, { params: { milestoneId }, body: { title } });
  const params = { milestoneId, hash: milestone.proposal?.hash ?? '' };
  await deal.freelancer.must(calls.acceptProposal, { params, body: { commandId: newId() } });
}

async function shownTo(who: Person, milestoneId: string) {
  const { submissions, versions } = await who.must(calls.getMilestone, { params: { milestoneId } });
  return {
    submissions: submissions.map(({ note, changes, status }) => [note, changes, status]),
    titles: versions.map(({ terms }) => terms.title),
  };
}

test('E14 whose history begins with joining reads of a milestone how it stands, and what comes from then on', async () => {
  const deal = await m.makeDeal(app);
  const { milestoneId } = await m.fund(deal);
  await askChanges(deal, milestoneId, await m.submit(deal, milestoneId, 'The first'), 'Before he came');
  const second = await m.submit(deal, milestoneId, 'The second');
  await agreeOn(deal, milestoneId, 'Agreed before he came');
  const late = await signUp(app, 'freelancer');
  await joinProject(deal.client, late, deal.projectId, 'join');
  const submissions = [['The second', null, 'open']];
  expect(await shownTo(late, milestoneId)).toEqual({ submissions, titles: ['Agreed before he came'] });
  await agreeOn(deal, milestoneId, 'Agreed now');
  await askChanges(deal, milestoneId, second, 'Said to him too');
  await m.submit(deal, milestoneId, 'The third');
  const since = [
    ['The third', null, 'open'],
    ['The second', 'Said to him too', 'changes_requested'],
  ];
  const titles = ['Agreed before he came', 'Agreed now'];
  expect(await shownTo(late, milestoneId)).toEqual({ submissions: since, titles });
  const before = ['The first', 'Before he came', 'changes_requested'];
  expect(await shownTo(deal.client, milestoneId), 'to who was there all along').toEqual({
    submissions: [...since, before],
    titles: [m.half.title, ...titles],
  });
});

test('E14 who was away reads of a milestone what he was shown, and not what was answered without him', async () => {
  const deal = await m.makeDeal(app);
  const { client, projectId, roomId } = deal;
  const guest = await signUp(app, 'freelancer');
  await joinProject(client, guest, projectId);
  const { milestoneId } = await m.fund(deal);
  const first = await m.submit(deal, milestoneId, 'The first');
  await client.must(removeMember, { params: { roomId, userId: guest.id } });
  await askChanges(deal, milestoneId, first, 'Without him');
  await askChanges(deal, milestoneId, await m.submit(deal, milestoneId, 'The second'), 'Without him');
  await m.submit(deal, milestoneId, 'The third');
  await joinProject(client, guest, projectId, 'join');
  expect(await shownTo(guest, milestoneId)).toEqual({
    submissions: [
      ['The third', null, 'open'],
      ['The first', null, 'superseded'],
    ],
    titles: [m.half.title],
  });
});
