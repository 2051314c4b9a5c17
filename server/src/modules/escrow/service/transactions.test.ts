import { listTransactions } from '@safesend/shared/escrow/calls.ts';
import { changeProject } from '@safesend/shared/projects/calls.ts';
import { removeMember } from '@safesend/shared/rooms/calls.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { joinProject, startTestApp, type Person, type TestApp } from '../../../../test/harness.ts';
import * as m from '../../../../test/money.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(async () => {
  await app.close();
});

const titlesFor = async (person: Person, q?: string) => {
  const { items } = await person.must(listTransactions, { query: q === undefined ? {} : { q } });
  return [...new Set(items.map(({ projectTitle }) => projectTitle))];
};

test('J07 L6 who has left a project reads and finds it by what it was called then, whatever it is called since', async () => {
  const deal = await m.makeDeal(app);
  const { client, freelancer, projectId, roomId } = deal;
  const call = (title: string) => client.must(changeProject, { params: { projectId }, body: { title } });
  const { milestoneId } = await m.fund(deal);
  await m.release(deal, milestoneId, 100_000);
  await m.settled(deal, milestoneId, 'released');
  await call('While he was here');
  await client.must(removeMember, { params: { roomId, userId: freelancer.id } });
  await call('After he had left');
  expect(await titlesFor(freelancer)).toEqual(['While he was here']);
  expect([await titlesFor(freelancer, 'was here'), await titlesFor(freelancer, 'had left')]).toEqual([
    ['While he was here'],
    [],
  ]);
  const period = { from: '2020-01-01T00:00:00.000Z', until: '2100-01-01T00:00:00.000Z' };
  const search = new URLSearchParams({ ...period, currency: 'EUR', format: 'csv' });
  const headers = { cookie: freelancer.cookie };
  const csv = await (await fetch(`${freelancer.base}/api/v1/statements/download?${search}`, { headers })).text();
  expect(csv).toContain('While he was here');
  expect(csv).not.toContain('After he had left');
  expect(await titlesFor(client), 'who is here').toEqual(['After he had left']);
  await joinProject(client, freelancer, projectId, 'join');
  expect(await titlesFor(freelancer), 'who is back').toEqual(['After he had left']);
});
